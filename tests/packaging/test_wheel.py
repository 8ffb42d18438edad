"""What people install: the wheel, in an environment with nothing else of ours, as Airflow and pytest find it there."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from importlib.metadata import Distribution, distributions
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pytest
from airflow.providers_manager import ProvidersManager

import airflow_provider_pachyderm
from airflow_provider_pachyderm.get_provider_info import get_provider_info
from tests.support.uv import uv

pytestmark = [pytest.mark.thorough, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "airflow_provider_pachyderm"
NAME = "airflow-provider-pachyderm"
TEST = """
def test_it(pachyderm_client):
    pachyderm_client.create_repo("images")
    assert [str(info.repo) for info in pachyderm_client.list_repo()] == ["default/images"]
"""
ASK = """
import contextlib, io, json, sys
from airflow.__main__ import main
answers = {}
for command in ("list", "hooks", "links"):
    sys.argv = ["airflow", "providers", command, "--output", "json"]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        main()
    answers[command] = json.loads(said.getvalue())
print(json.dumps(answers))
"""
PATH = """
import airflow_provider_pachyderm, upath
print(airflow_provider_pachyderm.__file__, type(upath.UPath("pfs://images/master/a")).__name__)
"""


class Environment:
    """A virtual environment that has all that the running one has, but of ours only the wheel."""

    def __init__(self, home: Path, wheel: Path) -> None:
        venv.create(home, symlinks=True)
        self.bin = home / "bin"
        (self.packages,) = home.glob("lib/python*/site-packages")
        for entry in Path(get_path("purelib")).iterdir():
            if "airflow_provider_pachyderm" not in entry.name:
                (self.packages / entry.name).symlink_to(entry)
        uv("pip", "install", "--no-deps", "--python", str(self.bin / "python"), str(wheel))

    def run(self, *command: str) -> str:
        """Run one of its programs; what it prints."""
        settings = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        result = subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.packages,  # anywhere but at our sources
            env=settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        # Airflow logs what is wrong with a provider, and goes on
        assert "pachyderm" not in result.stderr.lower()
        return result.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--out-dir", str(folder), str(ROOT))  # the wheel from the sdist, so that both are complete
    (wheel,) = folder.glob("*.whl")
    return Environment(folder / "environment", wheel)


@pytest.fixture(scope="module")
def providers(environment: Environment) -> dict[str, list[dict[str, Any]]]:
    """What Airflow's command line says of its providers, by what it was asked for."""
    answers: dict[str, list[dict[str, Any]]] = json.loads(environment.run("python", "-c", ASK))
    return answers


@pytest.fixture(scope="module")
def installed(environment: Environment) -> Distribution:
    (found,) = (each for each in distributions(path=[str(environment.packages)]) if each.metadata["Name"] == NAME)
    return found


def test_all_of_the_package_is_in_it(installed: Distribution) -> None:
    ours = {file.relative_to(ROOT).as_posix() for file in PACKAGE.rglob("*") if file.is_file()}
    packed = {str(file) for file in installed.files or () if file.parts[0] == PACKAGE.name}
    assert packed == {file for file in ours if "__pycache__" not in file}
    assert {f"{PACKAGE.name}/py.typed", f"{PACKAGE.name}/_wire/v2/pfs_pb2.py"} <= packed


def test_entry_points(installed: Distribution) -> None:
    assert {(point.group, point.name): point.value for point in installed.entry_points} == {
        ("apache_airflow_provider", "provider_info"): "airflow_provider_pachyderm.get_provider_info:get_provider_info",
        ("console_scripts", "pachyderm-devserver"): "airflow_provider_pachyderm.devserver.__main__:main",
        ("pytest11", "pachyderm"): "airflow_provider_pachyderm.testing.plugin",
        ("universal_pathlib.implementations", "pfs"): "airflow_provider_pachyderm.fs.upath:PachydermPath",
    }


def test_who_made_it_and_where_it_runs(installed: Distribution) -> None:
    said = installed.metadata
    assert said["License-Expression"] == "Apache-2.0"
    assert said["Author"] == "The airflow-provider-pachyderm maintainers"
    assert "Operating System :: POSIX :: Linux" in (said.get_all("Classifier") or [])


def test_airflow_lists_the_provider_beside_all_others(providers: dict[str, list[dict[str, Any]]]) -> None:
    listed = {each["package_name"]: each["version"] for each in providers["list"]}
    assert listed.pop(NAME) == airflow_provider_pachyderm.__version__
    assert listed == {name: info.version for name, info in ProvidersManager().providers.items() if name != NAME}


def test_airflow_has_the_connection_type_and_the_links(providers: dict[str, list[dict[str, Any]]]) -> None:
    hooks = {each["connection_type"]: each for each in providers["hooks"]}
    assert (hooks["pachyderm"]["package_name"], hooks["pachyderm"]["hook_name"]) == (NAME, "Pachyderm")
    links = {each["extra_link_class_name"] for each in providers["links"]}
    assert set(get_provider_info()["extra-links"]) <= links


def test_universal_pathlib_knows_the_scheme(environment: Environment) -> None:
    assert environment.run("python", "-c", PATH).split() == [
        str(environment.packages / PACKAGE.name / "__init__.py"),
        "PachydermPath",
    ]


def test_pytest_has_the_fixtures(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST)
    options = ["-p", "no:cacheprovider", "-p", "no:asyncio", "--rootdir", str(tmp_path)]
    assert "1 passed" in environment.run("python", "-m", "pytest", *options, str(tmp_path))


def test_the_dev_server_starts_by_its_name(environment: Environment) -> None:
    assert "2.11.6" in environment.run("pachyderm-devserver", "--list-versions")
