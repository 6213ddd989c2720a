"""There is one version: everything that shows one shows the same."""

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pacewatch.contracts.version import VERSION
from pacewatch.launcher.cli import app

ROOT = Path(__file__).parents[3]
PROJECTS = sorted(
    ROOT / folder
    for folder in ("contracts", "libs/kit", "libs/ml", "pipelines", "launcher", *ROOT.glob("services/*"))
    if (ROOT / folder / "pyproject.toml").exists()
)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda folder: folder.name)
def test_every_distribution_takes_its_version_and_licence_from_one_place(project: Path) -> None:
    settings = tomllib.loads((project / "pyproject.toml").read_text())
    source = project / settings["tool"]["hatch"]["version"]["path"]
    assert source.resolve() == ROOT / "contracts/src/pacewatch/contracts/version.py"
    assert settings["project"]["dynamic"] == ["version"]
    assert settings["project"]["license"] == "Apache-2.0"
    assert version(settings["project"]["name"]) == VERSION, "run `make setup`: the version has changed"


def test_every_project_file_is_looked_at() -> None:
    assert len(PROJECTS) == len([path for path in ROOT.glob("*/**/pyproject.toml") if ".venv" not in path.parts])


def test_the_command_line_shows_the_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"pacewatch {VERSION}\n")


@pytest.mark.parametrize("path", sorted((ROOT / "contracts/openapi").glob("*.json")), ids=lambda path: path.stem)
def test_every_api_document_shows_the_version(path: Path) -> None:
    assert json.loads(path.read_text())["info"]["version"] == VERSION


def test_the_dashboard_has_the_version_and_the_licence() -> None:
    package = json.loads((ROOT / "web/package.json").read_text())
    assert (package["version"], package["license"]) == (VERSION, "Apache-2.0")
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    assert (lock["version"], lock["packages"][""]["version"]) == (VERSION, VERSION)
