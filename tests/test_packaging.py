"""The wheel installs one name, and what it installs runs without the checkout."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
VERSION = PROJECT["project"]["version"]


def run(*command: str | Path, **environment: str) -> str:
    finished = subprocess.run(
        command,
        cwd=environment.pop("cwd", ROOT),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel alone was installed into."""
    target = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps")
    run(*pip, "--target", target, wheel)
    return target


def trialgraph(installed: Path, *arguments: str, cwd: Path) -> str:
    """What the installed command prints, with our dependencies but without our checkout."""
    paths = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    # -S: the editable install of the checkout is a line in a .pth file, which is not read then.
    command = (sys.executable, "-S", installed / "bin" / "trialgraph")
    return run(*command, *arguments, cwd=str(cwd), PYTHONPATH=paths)


def test_only_one_name_is_installed(installed: Path) -> None:
    assert {path.name for path in installed.iterdir()} == {
        "bin",
        "trialgraph",
        f"trialgraph-{VERSION}.dist-info",
    }


def test_the_wheel_carries_every_file_of_every_package(wheel: Path) -> None:
    folders = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["sources"]
    patterns = ("**/*.py", "**/*.html", "**/*.js", "**/*.mako", "**/*.graphql", "**/*.json")
    expected = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for pattern in patterns
        for path in (ROOT / folder).glob(pattern)
    }
    explorer = (ROOT / "explorer" / "dist").rglob("*")  # whatever is in it, where it was built
    expected |= {path.relative_to(ROOT).as_posix() for path in explorer if path.is_file()}
    prefix = "trialgraph/app/"
    with zipfile.ZipFile(wheel) as archive:
        carried = {name.removeprefix(prefix) for name in archive.namelist() if prefix in name}
    assert expected - carried == set()


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    assert trialgraph(installed, "--version", cwd=tmp_path) == f"{VERSION}\n"


def test_the_installed_command_prints_the_same_schema_as_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    printed = trialgraph(installed, "schema", cwd=tmp_path)
    assert printed == run(sys.executable, "-m", "trialgraph", "schema")


def test_the_installed_command_creates_a_database(installed: Path, tmp_path: Path) -> None:
    trialgraph(installed, "migrate", cwd=tmp_path)
    assert (tmp_path / "trialgraph.db").stat().st_size > 0


def test_the_locks_pin_with_hashes_and_name_no_place() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        pins = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
        assert len(pins) > 30
        assert all(line.endswith("\\") for line in pins), name
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text
