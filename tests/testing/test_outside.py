"""Runs of tests on a server from outside: what they leave behind fails them, and what is left out is counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.testing.server import DevServer

ROOT = Path(__file__).parents[2]
CONFTEST = "from tests.conftest import pytest_addoption, pytest_configure\n"
TESTS = """
from tests.support.outside import needs, new_name, server, sweep


def test_that_cleans_up():
    with server().client() as client:
        name = new_name()
        client.create_repo(name)
        client.put_file_bytes(f"{name}@master", "/a", b"A")
        client.create_repo(name + "-out")
        client.create_branch(name + "-out", "master", provenance=[f"{name}@master"])
        sweep(client, name)


def test_that_is_not_for_such_servers():
    needs("the dev server's faults")
"""
LITTER = """
from tests.support.outside import new_name, server


def test_that_leaves_something_behind():
    with server().client() as client:
        client.create_repo(new_name())


def test_that_takes_from_others():
    with server().client() as client:
        client.delete_branch("others", "master")
"""


@pytest.fixture(params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DevServer]:
    with DevServer(request.param, tmp_path / "server") as server:
        with server.client() as client:
            client.create_repo("others")
            client.put_file_bytes("others@master", "/a", b"A")
        yield server


def run(folder: Path, tests: str, address: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", str(folder), "--rootdir", str(folder), "--pachd-address", address]
    return subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_that_leaves_all_as_it_was(server: DevServer, tmp_path: Path, processes: str) -> None:
    done = run(tmp_path, TESTS, server.address, "--numprocesses", processes)
    assert done.returncode == 0, done.stdout
    assert f"Pachyderm {server.version} at {server.address}" in done.stdout
    assert "1 left out: needs the dev server's faults 1\n" in done.stdout
    assert "the server has the same as before" in done.stdout
    with server.client() as client:
        assert [info.repo.name for info in client.list_repo()] == ["others"]


def test_what_is_left_behind_or_gone_fails_the_run(server: DevServer, tmp_path: Path) -> None:
    done = run(tmp_path, LITTER, server.address)
    assert "2 passed" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "left behind: repo " in done.stdout
    assert "gone: branch " in done.stdout


def test_servers_that_ask_who_one_is_are_refused(tmp_path: Path) -> None:
    with DevServer("2.11.6", tmp_path / "server", "--auth-token", "root") as server:
        done = run(tmp_path, TESTS, server.address)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "need a server that does not" in done.stderr
    assert "1 passed" not in done.stdout


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    done = run(tmp_path, TESTS, "127.0.0.1:1")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "127.0.0.1:1" in done.stderr
