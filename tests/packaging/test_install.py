"""What README and the pages say to type, typed: each in an environment with nothing in it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from packaging.version import Version

from tests.support.pages import DOCS, ROOT, commands, examples
from tests.support.uv import uv

README = ROOT / "README.md"
INSTALL = DOCS / "install.md"
IN_AIRFLOW = commands(INSTALL, "Beside Airflow")[0]
(WITHOUT,) = commands(INSTALL, "Without Airflow")

PROGRAM = """
import sys
from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.testing.server import DevServer

with DevServer("2.11.6", sys.argv[1]) as server, PfsClient("127.0.0.1", server.port) as client:
    client.create_repo("images")
    client.put_file_bytes("images@master", "/a", b"A")
    print(client.get_files("images@master", "/a"), "airflow" in sys.modules)
"""
TEST = """
def test_it(pachyderm_client):
    assert list(pachyderm_client.list_repo()) == []
"""


def test_everybody_is_told_the_same() -> None:
    readme = README.read_text()
    assert IN_AIRFLOW in readme
    assert WITHOUT in readme
    assert IN_AIRFLOW in (DOCS / "index.md").read_text()


@pytest.mark.thorough
def test_client_dev_server_and_fixtures_without_airflow(tmp_path: Path) -> None:
    python = fresh(tmp_path)
    for command in WITHOUT.split("&&"):
        pip_install(python, command)
    packages = re.findall(r"^(\S+)==", uv("pip", "list", "--python", str(python), "--format", "freeze"), re.MULTILINE)
    assert len(packages) <= 12, packages
    assert [name for name in packages if "airflow" in name] == ["airflow-provider-pachyderm"]
    assert said(python, "-c", PROGRAM, str(tmp_path / "pachyderm")) == "{'/a': b'A'} False"
    with from_readme(python) as address:
        (program,) = examples(README, "A pipeline on a laptop")
        assert said(python, "-c", program.replace("30650", address.rpartition(":")[2])) == "/hello 2\n/rain 2"
    uv("pip", "install", "--python", str(python), "pytest")
    (tmp_path / "test_it.py").write_text(TEST)
    assert "1 passed" in said(python, "-m", "pytest", str(tmp_path / "test_it.py"))


@pytest.mark.thorough
@pytest.mark.parametrize("airflow", ["3.3.2", "2.11.2"])
def test_constraints_leave_room_for_the_newest_amazon_and_google(airflow: str, tmp_path: Path) -> None:
    python = fresh(tmp_path)
    beside = ["apache-airflow-providers-amazon", "apache-airflow-providers-google"]
    wanted = pip_install(python, IN_AIRFLOW.replace("3.3.2", airflow), "--dry-run", *beside)
    alone = uv("pip", "install", "--python", str(python), "--dry-run", f"apache-airflow=={airflow}", *beside)
    for provider, version in chosen(alone).items():
        assert chosen(wanted)[provider] >= version, provider


def chosen(output: str) -> dict[str, Version]:
    """Read which amazon and google providers were taken."""
    found = re.findall(r"apache-airflow-providers-(amazon|google)==(\S+)", output)
    assert len(found) == 2, output
    return {provider: Version(version) for provider, version in found}


def fresh(folder: Path) -> Path:
    """Make an environment with nothing in it; its Python."""
    uv("venv", "--python", sys.executable, str(folder / "environment"))
    return folder / "environment" / "bin" / "python"


@contextmanager
def from_readme(python: Path) -> Iterator[str]:
    """Start the server as README says, but for the port; its address."""
    program, *options = shlex.split(commands(README, "A pipeline on a laptop")[0].replace("30650", "0"))
    with subprocess.Popen([python.parent / program, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("ready ").strip()
        finally:
            process.terminate()


def pip_install(python: Path, command: str, *more: str) -> str:
    """Do what a line that begins with ``pip install`` says, in that environment."""
    words = shlex.split(command)
    assert words[:2] == ["pip", "install"], command
    return uv("pip", "install", "--python", str(python), *words[2:], *more)


def said(python: Path, *arguments: str) -> str:
    """Run a program with that Python, anywhere but beside our sources; what it prints."""
    settings = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [python, *arguments]
    result = subprocess.run(command, cwd=python.parent, env=settings, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()
