# Every target sets up what it needs: Python 3.11 or newer and make are all that must be there.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3 python3.13 python3.12 python3.11
UV := uv==0.13.9
PIP := $(BIN)/pip --disable-pip-version-check --quiet --no-input
NPM := $(shell command -v npm || true)
BOARD := examples/board
CONFORMANCE := tests/conformance
PEERS := benchmarks/peers
SOURCES := $(wildcard connectors execution gateway migrations models resolvers schema tests trialgraph)

.DEFAULT_GOAL := help
.PHONY: help run demo demo-platforms board test lint pytest again conformance soak bench bench-growth format schema explorer page wheel lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp page ## serve http://127.0.0.1:8000/, with demo data if the database is empty
	@$(BIN)/trialgraph serve --demo-if-empty

demo: $(VENV)/run.stamp ## load a demo graph into the database (EXPERIMENTS=5000 for a large one)
	@$(BIN)/trialgraph demo $(if $(EXPERIMENTS),--experiments $(EXPERIMENTS))

demo-platforms: $(VENV)/run.stamp ## serve a gateway before stand-ins of all four platforms
	@$(BIN)/python -m tests.platforms.demo $(if $(EXPERIMENTS),--experiments $(EXPERIMENTS))

board: $(BOARD)/dist/index.html ## show the lifecycle board over a running gateway; takes npm and Node 20.19 or newer
	@npm --prefix $(BOARD) run --silent preview

test: lint pytest again $(if $(NPM),conformance) ## check everything: style, types, layers, behaviour
	$(if $(NPM),,@echo "No npm is here: other people's clients and tools were left out.")

lint: $(VENV)/test.stamp ## check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pytest: $(VENV)/test.stamp page ## run the tests (ARGS="-k lifecycle -x" for some of them)
	$(BIN)/pytest --numprocesses auto --dist worksteal $(LESS) $(ARGS)
	$(if $(LESS),@echo "No npm or no Chromium is here: the tests in a browser were left out.")

again: $(VENV)/test.stamp ## run the tests that make up their own cases, with a fixed seed
	$(BIN)/pytest --numprocesses auto --dist worksteal -m generated --hypothesis-seed=1

conformance: $(VENV)/test.stamp $(CONFORMANCE)/node_modules/.package-lock.json ## try other people's clients and tools
	$(BIN)/pytest $(CONFORMANCE)/checks.py $(ARGS)

soak: $(VENV)/test.stamp ## run every large count whole: thousands of generated cases, large files
	TRIALGRAPH_SOAK=1 $(BIN)/pytest -m "generated or large" $(ARGS)

bench: $(VENV)/test.stamp $(PEERS)/node_modules/.package-lock.json ## measure it beside other servers, and write docs/performance.md
	$(BIN)/python -m benchmarks

bench-growth: $(VENV)/test.stamp ## measure it over a thousand to a million stored experiments
	$(BIN)/python -m benchmarks.large

format: $(VENV)/test.stamp ## format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(VENV)/run.stamp ## write schema/schema.graphql from the code
	$(BIN)/trialgraph schema > $(VENV)/schema.graphql
	mv $(VENV)/schema.graphql schema/schema.graphql

explorer: explorer/dist/index.html ## build the explorer; takes npm and Node 20.19 or newer
	@:

wheel: $(VENV)/run.stamp explorer ## build a wheel with the explorer in it, into dist/
	$(BIN)/python -m hatchling build --target wheel

lock: $(BIN)/pip ## pin the dependencies anew, with hashes, from pyproject.toml
	$(PIP) install $(UV)
	$(call compile,build,requirements.lock)
	$(call compile,dev,requirements-dev.lock --constraints requirements.lock)

clean: ## remove what make made; the database stays
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf explorer/build explorer/dist explorer/node_modules
	rm -rf $(CONFORMANCE)/node_modules $(PEERS)/node_modules
	rm -rf $(BOARD)/dist $(BOARD)/node_modules $(BOARD)/src/graph.ts
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# Without npm, or where it fails, a plain page stands in for the explorer.
page:
	@! command -v npm >/dev/null || $(MAKE) --no-print-directory explorer \
		|| echo "The explorer could not be built: a plain page takes its place." >&2

CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || true)
LESS = $(if $(and $(NPM),$(CHROMIUM)),,-m "not browser")

explorer/dist/index.html: explorer/node_modules/.package-lock.json $(wildcard \
		explorer/*.html explorer/*.json explorer/*.ts explorer/src/* examples/queries/*)
	@npm --prefix explorer run --silent build

$(BOARD)/dist/index.html: $(BOARD)/node_modules/.package-lock.json schema/schema.graphql \
		$(filter-out %/graph.ts,$(wildcard $(addprefix $(BOARD)/,*.* public/* src/*.* src/styles/*)))
	@npm --prefix $(BOARD) run --silent build

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@echo "Installing what $* takes from npm (once, some seconds) ..."
	@cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# One lock holds for Linux and macOS and for every Python from 3.11 on.
compile = $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" --group $(1) --output-file $(2)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/pip
	$(call install,requirements.lock)

$(VENV)/test.stamp: requirements-dev.lock pyproject.toml | $(BIN)/pip
	$(call install,requirements-dev.lock)

# The locks carry the build backend, so nothing outside them is ever fetched.
define install
	@echo "Installing $(1) into $(VENV) (once, about a minute) ..."
	@$(PIP) install --require-hashes --requirement $(1)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
endef

# pip is what a venv gets last: an interrupted one is made again.
$(BIN)/pip:
	@for python in $(PYTHON); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		found=$$python; \
		$$python -c 'import ensurepip, venv' 2>/dev/null || continue; \
		exec $$python -m venv --clear $(VENV); \
	done; \
	if [ -n "$$found" ]; then \
		echo "$$found has no venv module. Install it (Debian, Ubuntu: apt install python3-venv)."; \
	else \
		echo "Trialgraph needs Python 3.11 or newer; tried: $(PYTHON)."; \
	fi >&2; exit 1
