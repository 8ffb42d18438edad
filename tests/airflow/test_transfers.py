"""Files come and go whole: what was at a destination stays until it is replaced; what cannot be put is said first."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

from airflow_provider_pachyderm.client import FileReader, PfsClient, StreamBroken, UnstorableNames
from airflow_provider_pachyderm.operators._destinations import replacing
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCopyFileOperator,
    PachydermGetFilesOperator,
    PachydermPutFileOperator,
    PachydermPutFileUrlOperator,
)
from tests.support.airflow_task import run

# Airflow 2.11 does that with each path it joins.
pytestmark = pytest.mark.filterwarnings("ignore:in a future version of UPath:PendingDeprecationWarning")
BIG = b"0123456789" * 600_000


try:
    from airflow.sdk.io import attach
except ImportError:  # Airflow 2
    from airflow.io.store import attach


class ObjectStore(AbstractFileSystem):  # type: ignore[misc]
    """An object store as s3fs and gcsfs are: an object is there when its upload is committed."""

    protocol = "s3"
    cachable = False
    objects: dict[str, bytes]

    def __init__(self) -> None:
        super().__init__()
        self.objects = {}
        self.uploads = 0

    def _open(self, path: str, mode: str = "rb", autocommit: bool = True, **kwargs: Any) -> Any:
        if mode == "rb":
            return io.BytesIO(self.objects[path])
        self.uploads += 1
        return _Upload(self, path, mode, autocommit=autocommit, block_size=1_000_000)


class _Upload(AbstractBufferedFile):  # type: ignore[misc]
    parts = b""

    def _initiate_upload(self) -> None:
        self.parts = b""

    def _upload_chunk(self, final: bool = False) -> bool:
        self.parts += self.buffer.getvalue()
        if final and self.autocommit:
            self.commit()
        return True

    def commit(self) -> None:
        self.fs.objects[self.path] = self.parts
        self.fs.uploads -= 1

    def discard(self) -> None:
        self.fs.uploads -= 1


class Place:
    """A path of an object store, as Airflow's and universal_pathlib's are."""

    def __init__(self, fs: Any, path: str, protocol: str) -> None:
        self.fs, self.path, self.protocol = fs, path, protocol

    @property
    def parent(self) -> Place:
        return Place(self.fs, self.path.rpartition("/")[0], self.protocol)

    def mkdir(self, **_: bool) -> None:
        pass


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    fs = MemoryFileSystem()
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]
    attach("memory", fs=fs)
    yield fs
    fs.store.clear()


def contents(fs: MemoryFileSystem) -> dict[str, bytes]:
    return {path: fs.cat_file(path) for path in fs.find("/dir")}


def write_half(target: Any) -> None:
    with replacing(target) as file:
        file.write(BIG[:3_000_000])
        raise KeyError


def write_all(target: Any) -> None:
    with replacing(target) as file:
        file.write(BIG)


def test_object_store() -> None:
    store = ObjectStore()
    store.objects["bucket/a"] = b"yesterday's"
    target = Place(store, "bucket/a", "s3")
    with pytest.raises(KeyError):
        write_half(target)
    assert (store.objects, store.uploads) == ({"bucket/a": b"yesterday's"}, 0)
    write_all(target)
    assert (store.objects, store.uploads) == ({"bucket/a": BIG}, 0)


@pytest.mark.parametrize("path", ["/dir/a", "/dir/a?", "/dir/*", "/dir/[ab]c", "/dir/d*/a"])
def test_any_other_filesystem(memory: MemoryFileSystem, path: str) -> None:
    """Also under names that fsspec takes for patterns."""
    other = {"/dir/ab": b"beside", "/dir/ac": b"beside"}
    for place, content in {**other, path: b"yesterday's"}.items():
        memory.pipe_file(place, content)
    target = Place(memory, path, "memory")
    with pytest.raises(KeyError):
        write_half(target)
    assert contents(memory) == {**other, path: b"yesterday's"}
    write_all(target)
    assert contents(memory) == {**other, path: BIG}


def test_a_filesystem_that_replaces_nothing(memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.pipe("/dir/a", b"yesterday's")
    monkeypatch.setattr(memory, "mv", lambda *_: None)
    with pytest.raises(FileExistsError):
        write_all(Place(memory, "/dir/a", "memory"))
    assert contents(memory) == {"/dir/a": b"yesterday's"}


def test_what_can_only_be_opened(tmp_path: Path) -> None:
    class Opened:
        parent = tmp_path

        def open(self, mode: str) -> Any:
            return (tmp_path / "a").open(mode)

    (tmp_path / "a").write_bytes(b"yesterday's")
    with pytest.raises(KeyError):
        write_half(Opened())
    assert (tmp_path / "a").read_bytes() == b"yesterday's"
    write_all(Opened())
    assert (tmp_path / "a").read_bytes() == BIG


def test_local_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"yesterday's")
    with pytest.raises(KeyError):
        write_half(tmp_path / "a")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"yesterday's")]


@pytest.fixture
def commit(client: PfsClient, repo: str) -> str:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", BIG)
        client.put_file_bytes(commit, "/dir/b", b"B")
    return str(commit)


@pytest.mark.parametrize("kind", ["file", "local", "memory", "pfs"])
def test_a_download_that_breaks_keeps_what_was_there(
    client: PfsClient, repo: str, commit: str, tmp_path: Path, memory: MemoryFileSystem, kind: str,
    connection: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv(f"AIRFLOW_CONN_{repo.upper().replace('-', '_')}", connection)
    conn_id = repo.replace("-", "_")
    out = {"file": f"file://{tmp_path}/out", "local": str(tmp_path / "out"), "memory": "memory://out",
           "pfs": f"pfs://{conn_id}@{repo}/out"}[kind]  # fmt: skip
    there = Path(out) if kind == "local" else ObjectStoragePath(out)
    (there / "dir").mkdir(parents=True, exist_ok=True)
    (there / "a").write_bytes(b"yesterday's")
    (there / "other").write_bytes(b"another's")

    def breaks(*_: Any) -> bytes:
        raise StreamBroken("cut")

    get = PachydermGetFilesOperator(task_id="get", repo=repo, commit=commit, destination=out)
    with monkeypatch.context() as patch:
        for name in ("read", "readinto", "__next__", "chunks"):
            patch.setattr(FileReader, name, breaks, raising=False)
        with pytest.raises(StreamBroken):
            run(get)
    assert (there / "a").read_bytes() == b"yesterday's"
    run(get)
    assert (there / "a").read_bytes() == BIG
    assert (there / "dir" / "b").read_bytes() == b"B"
    assert (there / "other").read_bytes() == b"another's"
    assert {path.name for path in there.iterdir()} == {"a", "dir", "other"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with a link to a directory beside it, and names that Pachyderm cannot store."""
    for name in ("in/a.csv", "in/sub/b.csv", "in/sub/c.txt", "linked/d.csv", "in/x (1).csv", "in/sub/grün"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "in" / "link").symlink_to(tmp_path / "linked")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    return tmp_path / "in"


def as_text(folder: Path) -> Any:
    return str(folder)


def as_path(folder: Path) -> Any:
    return folder


def as_url(folder: Path) -> Any:
    return f"file://{folder}"


def as_storage(folder: Path) -> Any:
    return ObjectStoragePath(f"file://{folder}")


def as_memory(folder: Path) -> Any:
    fs = fsspec.filesystem("memory")
    if not fs.exists("/in"):  # else it goes into that
        fs.put(str(folder), "/in", recursive=True)
    return ObjectStoragePath("memory://in")


LOCAL = [as_text, as_path, as_url, as_storage]


def put(repo: str, source: Any, **arguments: Any) -> str:
    commit: str = run(PachydermPutFileOperator(task_id="put", repo=repo, path="/", source=source, **arguments))
    return commit


def put_paths(client: PfsClient, repo: str, source: Any, **arguments: Any) -> set[str]:
    return set(client.get_files(put(repo, source, **arguments), "/", recursive=True))


@pytest.mark.parametrize("source", [*LOCAL, as_memory])
def test_all_bad_names_are_said_before_anything_starts(
    client: PfsClient, repo: str, folder: Path, memory: MemoryFileSystem, source: Callable[[Path], Any]
) -> None:
    (folder / "link").unlink()
    (folder / "loop").unlink()
    other = client.start_commit(repo, "master")  # whoever waited would wait for long
    with pytest.raises(UnstorableNames, match="grün") as refused:
        put(repo, source(folder))
    assert set(refused.value.names) == {"x (1).csv", "sub/grün"}
    client.finish_commit(other)
    assert put_paths(client, repo, source(folder), bad_names="skip") == {"/a.csv", "/sub/b.csv", "/sub/c.txt"}
    assert "/x %281%29.csv" in put_paths(client, repo, source(folder), bad_names="quote")


@pytest.mark.parametrize("source", LOCAL)
def test_links_are_one_rule(
    client: PfsClient, repo: str, folder: Path, source: Callable[[Path], Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        paths = put_paths(client, repo, source(folder), bad_names="skip")
    assert paths == {"/a.csv", "/sub/b.csv", "/sub/c.txt"}
    assert "'link'" in caplog.text
    assert "/link/d.csv" in put_paths(client, repo, source(folder), bad_names="skip", follow_links=True)


@pytest.mark.parametrize("source", [*LOCAL, as_memory])
def test_patterns(
    client: PfsClient, repo: str, folder: Path, memory: MemoryFileSystem, source: Callable[[Path], Any]
) -> None:
    (folder / "loop").unlink()
    assert put_paths(client, repo, source(folder), include="*.csv", exclude=["x*", "link"]) == {"/a.csv", "/sub/b.csv"}


@pytest.mark.parametrize("source", ["/no/such/place", "file:///no/such/place", "memory://no/such/place"])
def test_a_source_that_is_missing_is_said_before_anything_waits(
    client: PfsClient, repo: str, source: str, memory: MemoryFileSystem
) -> None:
    client.start_commit(repo, "master")
    with pytest.raises(FileNotFoundError, match="no/such/place"):
        put(repo, source)


@pytest.mark.parametrize(
    "task",
    [
        lambda repo: PachydermPutFileOperator(task_id="t", repo=repo, path="/a*", content="x"),
        lambda repo: PachydermPutFileOperator(task_id="t", repo=repo, path="/", content="x"),
        lambda repo: PachydermPutFileOperator(task_id="t", repo=repo, path="/a\n", source=__file__),
        lambda repo: PachydermPutFileUrlOperator(task_id="t", repo=repo, path="/grün", url="http://localhost/x"),
        lambda repo: PachydermCopyFileOperator(task_id="t", repo=repo, path="/a?", source_commit=f"{repo}@o",
                                               source_path="/a"),
    ],
)  # fmt: skip
def test_a_path_that_no_file_can_have_is_said_before_anything_waits(client: PfsClient, repo: str, task: Any) -> None:
    client.start_commit(repo, "master")
    with pytest.raises(ValueError, match="path"):
        run(task(repo))


@pytest.mark.parametrize("out", ["{tmp}/out", "file://{tmp}/out", "memory://out"])
def test_what_is_there_already(
    client: PfsClient, commit: str, tmp_path: Path, memory: MemoryFileSystem, out: str
) -> None:
    place = out.format(tmp=tmp_path)

    def get(**arguments: Any) -> Any:
        return run(PachydermGetFilesOperator(task_id="get", commit=commit, destination=place, path="/dir", **arguments))

    get(mode=0o644)
    there = Path(place) if "://" not in place else ObjectStoragePath(place)
    if "memory" not in out:
        assert (tmp_path / "out" / "dir" / "b").stat().st_mode & 0o777 == 0o644
    with pytest.raises(FileExistsError, match="dir/b"):
        get(existing="fail")
    assert get(existing="skip_same")["total_bytes"] == 1
    assert (there / "dir" / "b").read_bytes() == b"B"
