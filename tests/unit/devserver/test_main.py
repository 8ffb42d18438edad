"""The command line, run as users run it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v1 import pfs_pb2
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm.client import PachydermError
from airflow_provider_pachyderm.devserver.releases.played import DEFAULT_VERSION
from airflow_provider_pachyderm.testing.server import DevServer

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


def test_it_starts_without_what_fetches_urls() -> None:
    """That is a third of the time a start takes, and few servers ever fetch one."""
    code = "import sys, airflow_provider_pachyderm.devserver.__main__; print('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--version", "3.0.0"], 2, "does not play Pachyderm '3.0.0'"),
        (["--version", "latest"], 2, "does not play Pachyderm 'latest'"),
        (["--port", "70000"], 2, "'70000' is not a port"),
        (["--port", "x"], 2, "'x' is not a port, which is a number between 0 and 65535"),
        (["--port", "0", "--data", "/dev/null/x"], 1, "cannot use /dev/null/x"),
        (["--auth-token", ""], 2, "a token must consist of printable ASCII characters"),
        (["--auth-token", "a\nb"], 2, "a token must consist of printable ASCII characters"),
        (
            ["--tls-cert", __file__, "--tls-key", __file__],
            1,
            "--tls-cert, --tls-key and --tls-client-ca cannot be used",
        ),
        (["--port", "0", "--host", "203.0.113.1", "--insecure"], 1, "cannot listen on 203.0.113.1:0"),
        (["--port", "0", "--host", "0.0.0.0"], 2, "give an --auth-token, or --insecure to allow"),
        (["--port", "0", "--host", "::"], 2, "give an --auth-token, or --insecure to allow"),
        (["--port", "0", "--url-max-bytes", "0"], 2, "'0' must be a number above 0"),
        (["--run-pipelines", "--host", "0.0.0.0", "--insecure"], 2, "anyone there could run commands here"),
        (["--run-pipelines", "--jobs", "0"], 2, "'0' is not a whole number above 0"),
        (["--pipeline-command", "true"], 2, "--pipeline-command needs --run-pipelines"),
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


@pytest.mark.parametrize("access", [["--insecure"], ["--auth-token", "t"]])
def test_other_machines_are_let_in_only_with_a_warning(access: list[str]) -> None:
    with serving("--host", "0.0.0.0", *access) as (process, _):
        process.terminate()
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert "warning: " in process.stderr.read()


def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    server = [*MODULE, "--port", "0", "--data", str(tmp_path), "--until-eof"]
    parent = f"import subprocess; subprocess.Popen({server!r}, stdin=subprocess.PIPE).wait()"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        host, _, port = process.stdout.readline().strip().removeprefix("ready ").rpartition(":")
        process.kill()
        # this pipe ends with the last process that has it
        assert process.stdout.read() == ""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


@pytest.mark.parametrize(
    ("version", "damage"),
    [
        ("1.13.4", "flipped"),
        ("2.11.6", "missing"),
        pytest.param("2.11.6", "cut", marks=pytest.mark.thorough),
        pytest.param("2.11.6", "flipped", marks=pytest.mark.thorough),
    ],
)
def test_damaged_content_is_data_loss_and_check_names_it(tmp_path: Path, version: str, damage: str) -> None:
    content = os.urandom(100_000)
    with DevServer(version, tmp_path) as server, server.client() as client:
        client.create_repo("r")
        client.put_file_bytes("r@master", "/dir/file", content)
        client.put_file_bytes("r@master", "/good", b"good")
        server.stop()
        assert check(tmp_path).stdout.endswith("0 damaged\n")
        (blob,) = [
            file for file in (tmp_path / "data" / "blobs").rglob("*") if file.is_file() and file.stat().st_size > 9
        ]
        if damage == "missing":
            blob.unlink()
        else:
            blob.write_bytes(content[:1000] if damage == "cut" else b"?" + content[1:])
        server.start()
        assert client.get_file("r@master", "/good").read() == b"good"
        with pytest.raises(PachydermError, match=r"the content of /dir/file is damaged") as caught:
            client.get_file("r@master", "/dir/file").read()
        assert caught.value.status == "DATA_LOSS"
    found = check(tmp_path)
    assert found.returncode == 1
    assert found.stdout.startswith("/dir/file: ")
    assert found.stdout.endswith("1 damaged\n")


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return run("check", "--data", str(folder / "data"))


def test_check_of_what_is_no_data_folder(tmp_path: Path) -> None:
    refused = run("check", "--data", str(tmp_path))
    assert refused.returncode == 1
    assert "is not a data folder" in refused.stderr


@pytest.mark.parametrize("damage", ["zeroed", "empty", "missing"])
def test_a_damaged_database_is_refused(tmp_path: Path, damage: str) -> None:
    with DevServer("2.11.6", tmp_path) as server, server.client() as client:
        client.create_repo("r")
        client.put_file_bytes("r@master", "/file", b"content")
    database = tmp_path / "data" / "pfs.sqlite"
    if damage == "missing":
        database.unlink()
    elif damage == "empty":
        database.write_bytes(b"")
    else:
        whole = database.read_bytes()
        database.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    refused = run("--port", "0", "--data", str(tmp_path / "data"))
    assert refused.returncode == 1
    assert str(database) in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("version", ["1.13.4", "2.11.6"])
def test_deleted_content_leaves_the_disk(tmp_path: Path, version: str) -> None:
    with DevServer(version, tmp_path) as server, server.client() as client:
        for name in ("kept", "gone"):
            client.create_repo(name)
            client.put_file_bytes(f"{name}@master", "/file", name.encode() * 100_000)
        client.delete_repo("gone", force=True)
        until(lambda: len(blobs_in(tmp_path)) == 1)
        assert client.get_file("kept@master", "/file").read() == b"kept" * 100_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("version", ["1.13.4", "2.11.6"])
def test_on_a_full_disk_writing_is_refused_and_removing_works(small_disk: Path, version: str) -> None:
    with DevServer(version, small_disk) as server, server.client() as client:
        for name in ("kept", "large"):
            client.create_repo(name)
            client.put_file_bytes(f"{name}@master", "/file", name.encode())
        with pytest.raises(PachydermError, match="no space left on device"):
            for number in range(20):
                client.put_file_bytes("large@master", f"/{number}", os.urandom(3_000_000))
        fill = small_disk / "fill"
        with suppress(OSError):
            fill.write_bytes(bytes(shutil.disk_usage(small_disk).free))
        with pytest.raises(PachydermError, match="no space left on device"):
            client.start_commit("kept", "other")
        assert client.get_files("kept@master", "/file") == {"/file": b"kept"}
        client.delete_repo("large", force=True)
        until(lambda: len(blobs_in(small_disk)) == 1)
        fill.unlink()
        client.put_file_bytes("kept@master", "/again", b"again")
        assert client.get_files("kept@master", "/") == {"/again": b"again", "/file": b"kept"}


def blobs_in(folder: Path) -> list[Path]:
    return [file for file in (folder / "data" / "blobs").rglob("*") if file.is_file()]


def until(holds: Callable[[], bool]) -> None:
    """Wait for what comes by itself; the test's own timeout ends it."""
    while not holds():
        time.sleep(0.05)
