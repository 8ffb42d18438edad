"""What a server logs of its calls when it is asked to."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import pytest

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import FileNotFound, PfsClient
from airflow_provider_pachyderm.devserver.access_log import subject_of
from airflow_provider_pachyderm.testing.server import DevServer
from tests.unit.devserver.test_main import run

LINE = re.compile(r"[\d-]+ [\d:,]+ INFO (?P<peer>\S+) (?P<who>\S+) (?P<call>\S+) (?P<about>\S+) \d+ ms (?P<status>.*)")
ID = re.compile(r"[0-9a-f]{32}")


def logged(folder: Path) -> list[tuple[str, ...]]:
    """What was logged of each call, without ids and the address."""
    lines = (folder / "server.log").read_text().splitlines()
    matches = [LINE.fullmatch(line) for line in lines]
    assert all(matches), lines
    found = [match.group("who", "call", "about", "status") for match in matches if match]
    return [tuple(ID.sub("ID", part) for part in each) for each in found]


@pytest.mark.parametrize(
    ("version", "put", "file"),
    [
        ("1.13.4", ("-", "PutFile", "images@ID:/a", "OK"), "images@master:/b"),
        ("2.11.6", ("-", "ModifyFile", "default/images@ID:/a", "OK"), "default/images@master:/b"),
    ],
)
def test_each_call_is_a_line(version: str, put: tuple[str, ...], file: str, tmp_path: Path) -> None:
    with DevServer(version, tmp_path, "--verbose") as server, server.client() as client:
        client.create_repo("images")
        client.put_file_bytes("images@master", "/a", b"A")
        with pytest.raises(FileNotFound):
            client.inspect_file("images@master", "/b")
    lines = logged(tmp_path)
    assert put in lines
    who, call, about, status = lines[-1]
    assert (who, call, about) == ("-", "InspectFile", file)
    assert status.startswith(f"{'NOT_FOUND' if version == '2.11.6' else 'UNKNOWN'}: file /b not found in repo ")


def test_it_says_who_called(tmp_path: Path) -> None:
    options = ("--verbose", "--auth-token", "root-token", "--id-token", "signed=jane@example.com")
    with DevServer("2.11.6", tmp_path, *options) as server:
        with PfsClient(server.host, server.port, auth_token="root-token") as client:
            client.create_repo("images")
        with PfsClient(server.host, server.port) as client:
            client.authenticate_id_token("signed")
            client.list_repo()
    lines = logged(tmp_path)
    assert ("pach:root", "CreateRepo", "default/images", "OK") in lines
    assert ("user:jane@example.com", "ListRepo", "-", "OK") in lines
    assert "root-token" not in (tmp_path / "server.log").read_text()


def test_a_call_that_its_caller_ends_is_cancelled(tmp_path: Path) -> None:
    with DevServer("2.11.6", tmp_path, "--verbose") as server, server.client() as client:
        client.create_repo("images")
        with client.commit("images", "master"):
            pass
        commits = client.subscribe_commit("images", "master")
        next(commits)
        commits.close()
        ended = ("-", "SubscribeCommit", "default/images@master", "CANCELLED")
        deadline = time.monotonic() + 30
        while ended not in logged(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.05)  # the server hears of it later than the client goes on
        assert ended in logged(tmp_path)
        assert len(list(client.list_repo())) == 1  # it serves on


def test_nothing_is_logged_unless_asked_for(tmp_path: Path) -> None:
    with DevServer("2.11.6", tmp_path) as server, server.client() as client:
        client.create_repo("images")
    assert (tmp_path / "server.log").read_text() == ""


def test_a_used_port_is_said_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--port", str(port))
    assert result.returncode == 1
    assert result.stderr == (
        f"pachyderm-devserver: cannot listen on 127.0.0.1:{port}: "
        "the port is in use, or this machine does not have the address\n"
    )


V1_COMMIT = v1.Commit(repo=v1.Repo(name="r"), id="c1")
V2_BRANCH = v2.Branch(repo=v2.Repo(name="r", type="user", project=v2.Project(name="p")), name="main")
V2_COMMIT = v2.Commit(branch=V2_BRANCH, id="c1")


@pytest.mark.parametrize(
    ("request_", "about"),
    [
        (v1.StartCommitRequest(parent=v1.Commit(repo=v1.Repo(name="r")), branch="main"), "r@main"),
        (v1.CreateBranchRequest(head=V1_COMMIT, branch=v1.Branch(repo=v1.Repo(name="r"), name="new")), "r@new"),
        (v1.ListFileRequest(file=v1.File(commit=V1_COMMIT, path="/a")), "r@c1:/a"),
        (v2.StartCommitRequest(parent=v2.Commit(id="c0"), branch=V2_BRANCH), "p/r@main"),
        (v2.CreateRepoRequest(repo=v2.Repo(name="r", type="spec")), "r.spec"),
        (v2.GetFileRequest(file=v2.File(commit=V2_COMMIT, path="/a")), "p/r@main=c1:/a"),
        (v2.InspectCommitSetRequest(commit_set=v2.CommitSet(id="c1")), "c1"),
        (v2.ListRepoRequest(type="user"), ""),
    ],
)
def test_what_a_request_is_about(request_: v1.Commit, about: str) -> None:
    assert subject_of(request_) == about
