"""The command line, run as users run it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v1 import pfs_pb2
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm.devserver.profiles import DEFAULT_VERSION

MODULE = [sys.executable, "-m", "airflow_provider_pachyderm.devserver"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MODULE, *arguments], capture_output=True, text=True, timeout=30)


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [*MODULE, "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        word, _, address = process.stdout.readline().strip().partition(" ")
        assert word == "ready"
        try:
            yield process, address
        finally:
            process.kill()


def reported(address: str, method: object) -> str:
    assert hasattr(method, "path")
    assert hasattr(method, "reply_type")
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(method.path, Empty.SerializeToString, method.reply_type.FromString)
        version = call(Empty(), timeout=10)
    return f"{version.major}.{version.minor}.{version.micro}"


def test_plays_the_default_version_until_sigterm() -> None:
    with serving() as (process, address):
        assert address.startswith("127.0.0.1:")
        assert reported(address, v2.Version.GetVersion) == DEFAULT_VERSION
        process.terminate()
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_data_are_there_again_after_sigint(tmp_path: Path) -> None:
    arguments = ("--version", "1.13.4", "--data", str(tmp_path / "new" / "data"))
    repo = pfs_pb2.Repo(name="kept")
    with serving(*arguments) as (process, address), grpc.insecure_channel(address) as channel:
        create = v1.Pfs.CreateRepo
        channel.unary_unary(create.path, create.request_type.SerializeToString)(
            pfs_pb2.CreateRepoRequest(repo=repo), timeout=10
        )
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    with serving(*arguments) as (_, address), grpc.insecure_channel(address) as channel:
        listing = v1.Pfs.ListRepo
        call = channel.unary_unary(listing.path, listing.request_type.SerializeToString, listing.reply_type.FromString)
        assert [info.repo for info in call(pfs_pb2.ListRepoRequest(), timeout=10).repo_info] == [repo]
    refused = run("--port", "0", "--version", "2.11.6", "--data", arguments[-1])
    assert refused.returncode == 1
    assert "belongs to a Pachyderm 1.x server" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path: Path) -> None:
    with serving("--data", str(tmp_path)):
        (tmp_path / "blobs" / "tmp" / "half").write_bytes(b"an upload of the first server")
        refused = run("--port", "0", "--data", str(tmp_path))
        assert refused.returncode == 1
        assert "is another dev server running on it?" in refused.stderr
        assert (tmp_path / "blobs" / "tmp" / "half").exists()


def test_list_versions() -> None:
    listed = run("--list-versions")
    assert listed.returncode == 0
    lines = dict(line.split() for line in listed.stdout.splitlines())
    assert lines["1.13.4"] == lines["2.11.6"] == "recorded"
    assert set(lines.values()) == {"recorded", "inferred"}


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--version", "3.0.0"], 2, "does not play Pachyderm '3.0.0'"),
        (["--version", "latest"], 2, "does not play Pachyderm 'latest'"),
        (["--port", "70000"], 2, "'70000' is not a port"),
        (["--port", "x"], 2, "'x' is not a port: a number between 0 and 65535"),
        (["--port", "0", "--data", "/dev/null/x"], 1, "cannot use /dev/null/x"),
        (["--auth-token", ""], 2, "a token is one or more printable ASCII characters"),
        (["--auth-token", "a\nb"], 2, "a token is one or more printable ASCII characters"),
        (["--tls-cert", __file__, "--tls-key", __file__], 1, "--tls-cert, --tls-key and --tls-client-ca make no sense"),
        (["--port", "0", "--host", "203.0.113.1"], 1, "cannot listen on 203.0.113.1:0"),
    ],
)
def test_bad_arguments_are_explained(arguments: list[str], status: int, words: str) -> None:
    refused = run(*arguments)
    assert refused.returncode == status
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_in_use_is_explained() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("--port", str(port))
    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert "Traceback" not in refused.stderr
