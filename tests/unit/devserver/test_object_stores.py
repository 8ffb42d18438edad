"""Putting from object stores: one object, or all whose keys begin alike, and what is said of missing ones."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, PachydermError, PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.s3_server import RCLONE, S3Server

pytest.importorskip("obstore")
pytestmark = pytest.mark.skipif(RCLONE is None, reason="rclone is not there to serve a folder as an object store")

VERSIONS = ("1.4.8", "1.7.14", "1.13.4", "2.0.8", "2.5.9", "2.11.6")
OBJECTS = {"a": b"A", "dir/1": b"one", "dir/sub/2": b"two", "dir2/3": b"three", "empty": b"", "b c/x": b"odd"}
LONG = bytes(range(256)) * 40_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    folder = tmp_path_factory.mktemp("store") / "buckets"
    for key, content in {
        **{f"bucket/{key}": OBJECTS[key] for key in OBJECTS},
        "longs/1": LONG,
        "longs/2": LONG,
    }.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with S3Server(folder, "key,secret") as server:
        yield server


@pytest.fixture(scope="module")
def environment(store: S3Server) -> Iterator[None]:
    """What the tools of Amazon read, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", store.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_REGION", "us-east-1")
        yield


@pytest.fixture(scope="module", params=VERSIONS)
def server(
    request: pytest.FixtureRequest, environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DevServer]:
    with DevServer(request.param, tmp_path_factory.mktemp("server"), "--url-max-bytes", str(len(LONG) + 1)) as server:
        with server.client() as client:
            client.create_repo("r")
        yield server


@pytest.fixture
def client(server: DevServer) -> Iterator[PfsClient]:
    with PfsClient(server.host, server.port) as client:
        yield client


def put(client: PfsClient, path: str, url: str, recursive: bool = False) -> dict[str, bytes]:
    """What a new branch has after it."""
    branch = f"b{time.monotonic_ns()}"
    commit = client.put_file_url(f"r@{branch}", path, url, recursive, append=recursive)
    return client.get_files(commit, "/", recursive=True)


def refusal(client: PfsClient, url: str, recursive: bool = False) -> str:
    with client.commit("r", f"b{time.monotonic_ns()}") as commit, pytest.raises(PachydermError) as caught:
        client.put_file_url(commit, "/f", url, recursive, append=True)
    return str(caught.value.server_text)


@pytest.mark.parametrize("key", ["a", "dir/sub/2", "empty", "b c/x"])
def test_one_object(client: PfsClient, key: str) -> None:
    assert put(client, "/f", f"s3://bucket/{key}") == {"/f": OBJECTS[key]}


def test_it_is_appended(client: PfsClient) -> None:
    with client.commit("r", "appended") as commit:
        client.put_file_bytes(commit, "/f", b"before ")
        client.put_file_url(commit, "/f", "s3://bucket/dir/1", append=True)
    assert client.get_files(commit, "/f") == {"/f": b"before one"}


def test_all_objects_of_a_bucket(client: PfsClient) -> None:
    assert put(client, "/all", "s3://bucket", recursive=True) == {
        f"/all/{key}": OBJECTS[key] for key in sorted(OBJECTS)
    }


def test_a_long_one_comes_in_pieces_and_all_are_counted(client: PfsClient) -> None:
    assert put(client, "/f", "s3://longs/1") == {"/f": LONG}
    assert "--url-max-bytes" in refusal(client, "s3://longs/", recursive=True)


@pytest.mark.parametrize("slash", ["", "/"])
def test_all_objects_whose_keys_begin_alike(client: PfsClient, slash: str) -> None:
    """As real servers do: those of ``dir2/``, too, whose names go on behind ``dir``."""
    found = put(client, "/to", f"s3://bucket/dir{slash}", recursive=True)
    assert found == {"/to/1": b"one", "/to/sub/2": b"two", "/to/2/3": b"three"}


def test_no_objects_are_no_files(client: PfsClient) -> None:
    with client.commit("r", f"b{time.monotonic_ns()}") as commit:
        client.put_file_url(commit, "/to", "s3://bucket/none", recursive=True, append=True)
    assert client.get_files(commit, "/", recursive=True) == {}


def test_what_is_not_there(client: PfsClient, server: DevServer) -> None:
    missing = "NoSuchKey: The specified key does not exist.\n\tstatus code: 404, request id: , host id: "
    if server.version.startswith("1."):
        expected = missing
    elif server.version == "2.0.8":
        expected = "bucket does not contain item: (none)"
    else:
        expected = f'blob (key "none") (code=NotFound): {missing}'
    assert refusal(client, "s3://bucket/none") == expected
    for recursive in (False, True):
        assert "NoSuchBucket: The specified bucket does not exist\n" in refusal(client, "s3://nobucket/a", recursive)


def test_a_store_that_does_not_answer_or_knows_one_not(
    tmp_path: Path, store: S3Server, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_SECRET_ACCESS_KEY", "wrong-one")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with DevServer("2.11.6", tmp_path / name) as server, server.client() as client:
                client.create_repo("r")
                text = refusal(client, "s3://bucket/a")
        assert text.startswith('blob (key "a") (code=Unknown): ')
        assert "wrong-one" not in text
        assert "\n" not in text


def test_googles_store_looks_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "buckets" / "bucket" / "dir").mkdir(parents=True)
    (tmp_path / "buckets" / "bucket" / "dir" / "1").write_bytes(b"one")
    with S3Server(tmp_path / "buckets") as store:
        account = {"gcs_base_url": store.url, "disable_oauth": True, "client_email": "", "private_key": ""}
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", json.dumps({**account, "private_key_id": ""}))
        with DevServer("2.11.6", tmp_path / "server") as server, server.client() as client:
            client.create_repo("r")
            for scheme in ("gs", "gcs"):
                assert put(client, "/f", f"{scheme}://bucket/dir/1") == {"/f": b"one"}
                assert put(client, "/to", f"{scheme}://bucket/dir", recursive=True) == {"/to/1": b"one"}
            missing = refusal(client, "gs://bucket/none")
    assert missing == 'blob (key "none") (code=NotFound): storage: object doesn\'t exist'


async def test_others_are_served_meanwhile_and_it_ends_with_its_caller(
    tmp_path: Path, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    with DevServer("2.11.6", tmp_path / "server", "--url-max-seconds", "3") as server:
        async with AsyncPfsClient(server.host, server.port) as client:
            await client.create_repo("r")
            put = asyncio.create_task(client.put_file_url("r@master", "/f", "s3://bucket/a"))
            for _ in range(10):
                await client.inspect_repo("r")
                await asyncio.sleep(0.05)
            assert not put.done()
            with pytest.raises(PachydermError, match="--url-max-seconds"):
                await put
    listener.close()


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "obstore").mkdir()
    (tmp_path / "obstore" / "__init__.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{':'.join(sys.path)}")
    with DevServer("2.11.6", tmp_path / "server") as server, server.client() as client:
        client.create_repo("r")
        assert 'pip install "airflow-provider-pachyderm[devserver-object-stores]"' in refusal(client, "s3://bucket/a")
