"""Imports point one way, and no package escapes the rule."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONFIGURED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]


def test_the_arrows_of_the_architecture_hold() -> None:
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    run = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_package_is_under_the_contracts() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages == set(CONFIGURED["root_packages"])


def test_the_layers_are_those_of_the_architecture() -> None:
    [layers] = [each for each in CONFIGURED["contracts"] if each["type"] == "layers"]
    assert layers["layers"] == [
        "trialgraph",
        "gateway",
        "schema",
        "resolvers",
        "connectors",
        "models",
    ]


def test_a_gateway_starts_without_what_talks_to_platforms_and_reads_their_payloads() -> None:
    command = "import sys, gateway.app; print(*[n for n in sys.modules if n in sys.argv])"
    late = ["connectors.http", "connectors.importing", "connectors.recognising", "connectors.sync"]
    run = subprocess.run(
        [sys.executable, "-c", command, "gateway.app", *late],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["gateway.app"]
