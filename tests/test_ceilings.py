"""No file, function or line outgrows what a reader takes in at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = (
    "connectors",
    "execution",
    "gateway",
    "migrations",
    "models",
    "resolvers",
    "schema",
    "trialgraph",
)
DECLARING = ("schema/*.py", "models/*.py", "resolvers/relations.py", "connectors/*/payloads.py")

FILE, DECLARING_FILE, FUNCTION, LINE = 300, 500, 40, 100


def sources() -> Iterator[Path]:
    """Our Python files, as paths below the root; revisions are written by Alembic."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            relative = path.relative_to(ROOT)
            if not relative.is_relative_to("migrations/versions"):
                yield relative


def lines(path: Path) -> list[str]:
    return (ROOT / path).read_text("utf-8").splitlines()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_too_long() -> None:
    def ceiling(path: Path) -> int:
        return DECLARING_FILE if any(path.match(each) for each in DECLARING) else FILE

    found = {str(path): len(lines(path)) for path in sources()}
    assert {path: n for path, n in found.items() if n > ceiling(Path(path))} == {}


def test_no_function_is_too_long() -> None:
    found = {
        f"{path}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in sources()
        for node in functions(path)
    }
    assert {name: n for name, n in found.items() if n > FUNCTION} == {}


def test_no_line_is_too_long() -> None:
    found = {
        f"{path}:{number}": len(line)
        for path in [*sources(), *(path.relative_to(ROOT) for path in ROOT.glob("tests/*.py"))]
        for number, line in enumerate(lines(path), 1)
    }
    assert {place: n for place, n in found.items() if n > LINE} == {}


def test_every_folder_is_looked_into() -> None:
    looked_into = {path.parts[0] for path in sources()}
    assert looked_into == set(FOLDERS)
