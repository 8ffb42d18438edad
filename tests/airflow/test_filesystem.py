"""Pachyderm as object storage, by Airflow's own paths and by fsspec, against a server."""

from __future__ import annotations

import gc
import gzip
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath
from fsspec.callbacks import Callback

from airflow_provider_pachyderm.client import (
    CommitFinished,
    CommitState,
    OriginKind,
    PathConflict,
    PfsClient,
    RepoNotFound,
    Unavailable,
)
from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem
from airflow_provider_pachyderm.operators.pachyderm import PachydermGetFilesOperator, PachydermPutFileOperator
from tests.support.airflow_task import run

# Airflow 2.11 does that with each path it joins.
pytestmark = pytest.mark.filterwarnings("ignore:in a future version of UPath:PendingDeprecationWarning")
BIG = os.urandom(5_000_001)


@pytest.fixture
def conn_id(connection: str, repo: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A connection of the test's own: Airflow keeps filesystems by connection."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{repo.upper().replace('-', '_')}", connection)
    return repo.replace("-", "_")


@pytest.fixture
def fs(conn_id: str) -> Iterator[PachydermFileSystem]:
    fs = PachydermFileSystem(conn_id=conn_id)
    yield fs
    fs.client.close()


@pytest.fixture
def base(conn_id: str, repo: str) -> Any:
    return ObjectStoragePath(f"pfs://{conn_id}@{repo}/master")


def put(client: PfsClient, repo: str, files: dict[str, bytes]) -> str:
    with client.commit(repo, "master") as commit:
        for path, content in files.items():
            client.put_file_bytes(commit, path, content)
    return str(commit.id)


def content(client: PfsClient, repo: str) -> dict[str, bytes]:
    return client.get_files((repo, "master"), "/", recursive=True)


def commits(client: PfsClient, repo: str) -> list[CommitState]:
    infos = client.list_commit(repo)
    return [info.state for info in infos if info.origin is not OriginKind.AUTO]


def test_paths(client: PfsClient, repo: str, base: Any) -> None:
    assert not base.exists()
    (base / "dir" / "big").write_bytes(BIG)
    (base / "text").write_text("grün")
    (base / "empty").touch()
    assert content(client, repo) == {"/dir/big": BIG, "/text": "grün".encode(), "/empty": b""}
    assert commits(client, repo) == [CommitState.FINISHED] * 3
    assert ((base / "dir" / "big").read_bytes(), (base / "text").read_text()) == (BIG, "grün")
    assert sorted(path.name for path in base.iterdir()) == ["dir", "empty", "text"]
    assert [path.name for path in base.glob("**/b*")] == ["big"]
    assert (base / "dir").is_dir()
    assert not (base / "dir").is_file()
    assert (base / "text").is_file()
    assert (base / "dir" / "big").stat().st_size == len(BIG)
    assert (base / "text").checksum() != (base / "empty").checksum()
    with pytest.raises(FileNotFoundError):
        (base / "missing").read_bytes()


def test_changes(client: PfsClient, repo: str, base: Any) -> None:
    put(client, repo, {"/a": b"A", "/dir/b": b"B", "/dir/deep/c": b"C"})
    (base / "a").rename(base / "z")
    assert content(client, repo) == {"/z": b"A", "/dir/b": b"B", "/dir/deep/c": b"C"}
    (base / "dir").rmdir()
    (base / "new").mkdir(parents=True, exist_ok=True)
    assert content(client, repo) == {"/z": b"A"}
    (base / "z").unlink()
    assert content(client, repo) == {}
    assert len(commits(client, repo)) == 4


def test_to_disk_and_back(client: PfsClient, repo: str, base: Any, tmp_path: Path) -> None:
    put(client, repo, {"/in/a": BIG, "/in/deep/b": b"B"})
    (base / "in").copy(ObjectStoragePath(f"file://{tmp_path}/out"), recursive=True)
    assert (tmp_path / "out" / "a").read_bytes() == BIG
    assert (tmp_path / "out" / "deep" / "b").read_bytes() == b"B"
    ObjectStoragePath(f"file://{tmp_path}/out").copy(base / "back", recursive=True)
    (base / "in").copy(base / "copy", recursive=True)
    expected = {f"/{place}{path}": data for place in ("in", "back", "copy") for path, data in
                {"/a": BIG, "/deep/b": b"B"}.items()}  # fmt: skip
    assert content(client, repo) == expected
    assert len(commits(client, repo)) == 3


def test_operators_take_it_for_object_storage(client: PfsClient, repo: str, base: Any) -> None:
    put(client, repo, {"/in/a": BIG, "/in/deep/b": b"B"})
    run(PachydermPutFileOperator(task_id="put", repo=repo, branch="other", path="/", source=base / "in"))
    assert client.get_files((repo, "other"), "/", recursive=True) == {"/a": BIG, "/deep/b": b"B"}
    run(PachydermGetFilesOperator(task_id="get", repo=repo, branch="other", destination=base / "back"))
    assert (base / "back" / "a").read_bytes() == BIG


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_error_while_writing_leaves_no_commit(client: PfsClient, repo: str, base: Any, mode: str) -> None:
    put(client, repo, {"/a": b"old"})
    with pytest.raises(KeyError), (base / "a").open(mode) as file:
        for _ in range(5_000):
            file.write("x" * 1000 if mode == "w" else b"x" * 1000)
        raise KeyError
    assert content(client, repo) == {"/a": b"old"}
    assert commits(client, repo) == [CommitState.FINISHED]


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_file_that_is_never_closed_leaves_no_commit(
    client: PfsClient, repo: str, fs: PachydermFileSystem, mode: str
) -> None:
    put(client, repo, {"/a": b"old"})
    file = fs.open(f"{repo}/master/a", mode)
    file.write("new" if mode == "w" else b"new")
    assert CommitState.OPEN in commits(client, repo)
    with pytest.warns(ResourceWarning, match="never closed"):
        del file
        gc.collect()
    assert content(client, repo) == {"/a": b"old"}
    assert commits(client, repo) == [CommitState.FINISHED]


def test_what_the_server_refuses_leaves_no_commit(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    put(client, repo, {"/a": b"old"})
    with pytest.raises(ValueError, match="tab"):
        fs.pipe(f"{repo}/master/tab\t", BIG)
    with pytest.raises(PathConflict):
        fs.pipe(f"{repo}/master/a/b", b"below a file")
    with pytest.raises(RepoNotFound):
        fs.pipe(f"{repo}-missing/master/a", b"")
    assert fs.cat(f"{repo}/master", recursive=True) == {f"{repo}/master/a": b"old"}
    assert CommitState.OPEN not in commits(client, repo)


def test_seek(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    put(client, repo, {"/big": BIG, "/empty": b""})
    path = f"{repo}/master/big"
    with fs.open(path) as file:
        assert isinstance(file, io.BufferedIOBase)
        assert file.read(10) == BIG[:10]
        assert file.seek(4_000_000) == 4_000_000
        assert file.read(7) == BIG[4_000_000:4_000_007]
        assert file.tell() == 4_000_007
        file.seek(-3, io.SEEK_END)
        assert file.read() == BIG[-3:]
        file.seek(5)
        assert file.read() == BIG[5:]
        assert file.read() == b""
        with pytest.raises(ValueError, match="negative seek"):
            file.seek(-6_000_000, io.SEEK_END)
    assert fs.cat_file(path, 100, 200) == BIG[100:200]
    assert fs.cat_file(path, -4) == BIG[-4:]
    assert fs.tail(path, 9) == BIG[-9:]
    assert fs.read_block(path, 3_000_000, 100) == BIG[3_000_000:3_000_100]
    assert fs.cat_file(f"{repo}/master/empty") == b""


def test_a_reader_stays_with_its_commit(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    put(client, repo, {"/big": BIG})
    with fs.open(f"{repo}/master/big") as file:
        file.read(1)
        put(client, repo, {"/big": b"another"})
        file.seek(0)
        assert file.read() == BIG


def test_lists(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    put(client, repo, {"/a": b"A", "/dir/b": b"BB", "/dir/deep/c": b"CCC"})
    root = f"{repo}/master"
    assert repo in fs.ls("", detail=False)
    assert fs.ls(repo, detail=False) == [root]
    assert fs.ls(f"{root}/dir", detail=False) == [f"{root}/dir/b", f"{root}/dir/deep"]
    assert [info["type"] for info in fs.ls(f"{root}/dir")] == ["file", "directory"]
    assert fs.find(root) == [f"{root}/a", f"{root}/dir/b", f"{root}/dir/deep/c"]
    assert fs.find(root, maxdepth=2, withdirs=True)[1:] == [
        f"{root}/a", f"{root}/dir", f"{root}/dir/b", f"{root}/dir/deep",
    ]  # fmt: skip
    assert fs.find(f"{root}/a") == [f"{root}/a"]
    assert fs.find(f"{root}/missing") == []
    assert fs.glob(f"{root}/*/b") == [f"{root}/dir/b"]
    assert fs.glob(f"{repo}/*/a") == [f"{root}/a"]
    assert (fs.du(root), fs.du(f"{root}/dir", total=False)) == (6, {f"{root}/dir/b": 2, f"{root}/dir/deep/c": 3})
    assert [place for place, _, _ in fs.walk(root)] == [root, f"{root}/dir", f"{root}/dir/deep"]
    for missing in (f"{repo}/other", f"{root}/missing", f"{repo}-missing", f"{repo}-missing/master"):
        assert not fs.exists(missing)
        with pytest.raises(FileNotFoundError):
            fs.ls(missing)


def test_branch_without_a_commit_is_empty(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    client.start_commit(repo, "master")
    assert fs.isdir(f"{repo}/master")
    assert fs.ls(f"{repo}/master") == fs.find(f"{repo}/master") == []
    assert not fs.exists(f"{repo}/master/a")


def test_transaction_is_one_commit(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    with fs.transaction:
        fs.pipe({f"{repo}/master/{number}": b"x" for number in range(3)})
        with fs.open(f"{repo}/master/more", "w") as file:
            file.write("more")
        assert not fs.exists(f"{repo}/master/more")
    assert len(content(client, repo)) == 4
    assert commits(client, repo) == [CommitState.FINISHED]
    with pytest.raises(KeyError), fs.transaction:
        fs.rm(f"{repo}/master/0")
        raise KeyError
    assert len(content(client, repo)) == 4
    assert commits(client, repo) == [CommitState.FINISHED]


def test_files_that_are_open_together_are_one_commit(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    with fs.open(f"{repo}/master/a", "wb") as first, fs.open(f"{repo}/master/b", "wb") as second:
        first.write(BIG)
        second.write(b"B")
    assert content(client, repo) == {"/a": BIG, "/b": b"B"}
    assert len(commits(client, repo)) == 1
    with pytest.raises(OSError, match="another of its files"), fs.open(f"{repo}/master/a", "wb") as first:
        first.write(b"changed")
        fs.open(f"{repo}/master/b", "wb").discard()
    assert content(client, repo) == {"/a": BIG, "/b": b"B"}


def test_other_writers_are_waited_for(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    put(client, repo, {"/a": b"old"})
    other = client.start_commit(repo, "master", description="somebody else's")
    client.put_file_bytes(other, "/other", b"other")
    assert fs.ls(f"{repo}/master", detail=False) == [f"{repo}/master/a"]
    timer = threading.Timer(0.5, client.finish_commit, [other])
    timer.start()
    fs.pipe(f"{repo}/master/a", b"new")
    timer.join()
    assert content(client, repo) == {"/a": b"new", "/other": b"other"}


def test_threads_make_commits_of_their_own(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    threads = [threading.Thread(target=fs.pipe, args=(f"{repo}/master/{n}", b"x")) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(content(client, repo)), len(commits(client, repo))) == (4, 4)


def test_a_commit_in_place_of_the_branch(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    old = put(client, repo, {"/a": b"old"})
    put(client, repo, {"/a": b"new"})
    assert fs.cat_file(f"{repo}/{old}/a") == b"old"
    with pytest.raises(CommitFinished):
        fs.pipe(f"{repo}/{old}/a", b"newer")
    opened = client.start_commit(repo, "master")
    fs.pipe(f"{repo}/{opened.id}/b", b"B")
    fs.pipe(f"{repo}/{opened.id}/c", b"C")
    assert not fs.exists(f"{repo}/{opened.id}/b")
    client.finish_commit(opened, wait=True)
    assert content(client, repo) == {"/a": b"new", "/b": b"B", "/c": b"C"}


def test_modes(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    path = f"{repo}/master/a"
    for mode, data in [("xb", b"one"), ("ab", b"+two")]:
        with fs.open(path, mode) as file:
            file.write(data)
            assert file.tell() == len(data)
    assert content(client, repo) == {"/a": b"one+two"}
    with pytest.raises(FileExistsError):
        fs.open(path, "xb")
    with pytest.raises(ValueError, match=r"mode 'r\+b'"):
        fs.open(path, "r+b")
    for wrong in ({"encoding": "nonsense"}, {"compression": "nonsense"}):
        with pytest.raises((LookupError, ValueError), match="nonsense"):
            fs.open(path, "w", **wrong)
        assert CommitState.OPEN not in commits(client, repo)
    for directory in (repo, f"{repo}/master"):
        with pytest.raises(IsADirectoryError):
            fs.rm(directory, recursive=True)
    put(client, repo, {"/dir/b": b"B"})
    with pytest.raises(IsADirectoryError):
        fs.open(f"{repo}/master/dir").read()
    with pytest.raises(IsADirectoryError):
        fs.rm(f"{repo}/master/dir")
    assert CommitState.OPEN not in commits(client, repo)


@pytest.mark.parametrize(("mode", "data"), [("wb", b"packed" * 1_000_000), ("w", "packed" * 1_000_000)])
def test_compression(client: PfsClient, repo: str, fs: PachydermFileSystem, mode: str, data: Any) -> None:
    path = f"{repo}/master/a.gz"
    with fs.open(path, mode, compression="infer") as file:
        file.write(data)
    packed = content(client, repo)["/a.gz"]
    assert gzip.decompress(packed) == b"packed" * 1_000_000
    with fs.open(path, mode.replace("w", "r"), compression="infer") as file:
        assert file.read() == data
    with pytest.raises(KeyError), fs.open(path, mode, compression="infer") as file:
        file.write(data)
        raise KeyError
    with pytest.warns(ResourceWarning, match="never closed"):
        fs.open(path, mode, compression="infer").write(data)
        gc.collect()
    assert content(client, repo) == {"/a.gz": packed}
    assert commits(client, repo) == [CommitState.FINISHED]


def test_values_of_tasks_are_kept_there(
    client: PfsClient, repo: str, base: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.providers.common.io.xcom import backend

    for cached in (backend._get_base_path, backend._get_compression, backend._get_threshold):
        cached.cache_clear()
    for option, value in {"PATH": str(base), "THRESHOLD": "0", "COMPRESSION": "gzip"}.items():
        monkeypatch.setenv(f"AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_{option}", value)
    value = {"rows": ["long"] * 1000}
    stored = backend.XComObjectStorageBackend.serialize_value(
        value, key="k", task_id="t", dag_id="d", run_id="r", map_index=-1
    )
    (path,) = content(client, repo)
    assert path.startswith("/d/r/t/")
    row = SimpleNamespace(value=stored, key="k")
    assert backend.XComObjectStorageBackend.deserialize_value(row) == value


def test_other_project(client: PfsClient, repo: str, fs: PachydermFileSystem) -> None:
    if client.inspect_repo(repo).repo.project is None:
        pytest.skip("this server has no projects")
    client.create_project("elsewhere") if not client.project_exists("elsewhere") else None
    client.create_repo(f"elsewhere/{repo}")
    fs.pipe(f"elsewhere.{repo}/master/a", b"A")
    assert client.get_files((f"elsewhere/{repo}", "master"), "/") == {"/a": b"A"}
    assert {repo, f"elsewhere.{repo}"} <= set(fs.ls("", detail=False))
    assert fs.find(f"elsewhere.{repo}/master") == [f"elsewhere.{repo}/master/a"]


def test_urls_of_other_libraries(client: PfsClient, repo: str, conn_id: str) -> None:
    put(client, repo, {"/a.csv": b"1,2"})
    with fsspec.open(f"pfs://{conn_id}@{repo}/master/a.csv") as file:
        assert file.read() == b"1,2"
    with fsspec.open(f"pfs://{conn_id}@{repo}/master/b.gz", "wb", compression="gzip") as file:
        file.write(b"3,4")
    with fsspec.open(f"pfs://{conn_id}@{repo}/master/b.gz", compression="gzip") as file:
        assert file.read() == b"3,4"


FORKED = """
import os, sys
from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem

fs = PachydermFileSystem()
path = sys.argv[1]
assert fs.cat_file(path) == b"A"
if pid := os.fork():
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert fs.cat_file(path) == b"from the child"
    fs.pipe(path, b"from the parent")
    print("ok")
else:
    fs.pipe(path, b"from the child")
    os._exit(0 if fs.cat_file(path) == b"from the child" else 1)
"""


def test_a_filesystem_outlives_a_fork(client: PfsClient, repo: str) -> None:
    put(client, repo, {"/a": b"A"})
    command = [sys.executable, "-c", FORKED, f"{repo}/master/a"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.stdout.splitlines()[-1:] == ["ok"], result.stderr
    assert content(client, repo) == {"/a": b"from the parent"}


def test_a_server_that_is_away_is_no_missing_file(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"timeout": 1, "retry_timeout": 1}
    text = json.dumps({"conn_type": "pachyderm", "host": "127.0.0.1", "port": 9, "extra": extra})
    monkeypatch.setenv("AIRFLOW_CONN_NOWHERE", text)
    fs = PachydermFileSystem(conn_id="nowhere")
    for look in (fs.exists, fs.find, lambda path: list(fs.walk(path))):
        with pytest.raises((Unavailable, TimeoutError)):
            look("repo/master/a")


def test_callbacks_are_told_of_files_and_their_bytes(fs: PachydermFileSystem, repo: str, tmp_path: Path) -> None:
    """As of every filesystem of fsspec: of several files, how many are done, and of each its bytes."""
    children: dict[str, Callback] = {}

    class Told(Callback):  # type: ignore[misc]
        def branched(self, path_1: str, path_2: str, **kwargs: object) -> Any:
            return children.setdefault(os.path.basename(path_1), Callback())

    (tmp_path / "from").mkdir()
    for name, data in {"a": b"A", "b": BIG}.items():
        (tmp_path / "from" / name).write_bytes(data)
    for transfer, source, target in (
        (fs.put, f"{tmp_path}/from/", f"{repo}/master/d/"),
        (fs.get, f"{repo}/master/d/", f"{tmp_path}/to/"),
    ):
        told = Told()
        transfer(source, target, recursive=True, callback=told)
        assert told.value == told.size
        assert {name: (child.size, child.value) for name, child in children.items() if child.size} == {
            "a": (1, 1),
            "b": (len(BIG), len(BIG)),
        }
        children.clear()
    for one, source, target in (
        (fs.put_file, f"{tmp_path}/from/b", f"{repo}/master/b"),
        (fs.get_file, f"{repo}/master/b", f"{tmp_path}/b"),
    ):
        callback = Callback()
        one(source, target, callback=callback)
        assert (callback.size, callback.value) == (len(BIG), len(BIG))
    assert (tmp_path / "b").read_bytes() == BIG
