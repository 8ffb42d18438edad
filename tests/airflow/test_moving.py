"""``pfs://``: nothing is destroyed that was not replaced, however its place is spelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath

from airflow_provider_pachyderm.client import CommitState, OriginKind, PfsClient
from airflow_provider_pachyderm.client._local import file_objects
from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem

# Airflow 2.11 does that with each path it joins.
pytestmark = pytest.mark.filterwarnings("ignore:in a future version of UPath:PendingDeprecationWarning")
FILES = {"/a": b"A", "/dir/b": b"B", "/dir/deep/c": b"C"}


@pytest.fixture
def conn_id(connection: str, repo: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(f"AIRFLOW_CONN_{repo.upper().replace('-', '_')}", connection)
    return repo.replace("-", "_")


@pytest.fixture
def fs(client: PfsClient, conn_id: str, repo: str) -> Iterator[PachydermFileSystem]:
    with client.commit(repo, "master") as commit:
        for path, data in FILES.items():
            client.put_file_bytes(commit, path, data)
    fs = PachydermFileSystem(conn_id=conn_id)
    yield fs
    fs.client.close()


@pytest.fixture
def root(repo: str) -> str:
    return f"{repo}/master"


def content(client: PfsClient, repo: str, branch: str = "master") -> dict[str, bytes]:
    return client.get_files((repo, branch), "/", recursive=True)


def commits(client: PfsClient, repo: str) -> int:
    infos = [info for info in client.list_commit(repo) if info.origin is not OriginKind.AUTO]
    assert all(info.state is CommitState.FINISHED for info in infos)
    return len(infos)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{root}/a", "{root}//a"), ("{root}//a", "{root}/a"), ("{root}/./a", "{root}/a"), ("{root}/a", "{root}/a/"),
        ("{root}/a", "pfs://{conn_id}@{root}/a"), ("{root}/a", "/{root}/a"), ("{root}/a", "default.{root}/a"),
        ("default.{root}/a", "{root}/a"), ("{root}/dir", "{root}/dir/"), ("{root}/dir/", "{root}//dir"),
        ("{root}/dir", "default.{root}/dir//"), ("{root}/dir/b", "{root}/dir"), ("{root}/dir/deep", "{root}/dir"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["mv", "copy"])
def test_to_where_it_is(
    client: PfsClient, fs: PachydermFileSystem, repo: str, conn_id: str, root: str, one: str, other: str, how: str
) -> None:
    if "default" in one + other and client.version().major < 2:
        pytest.skip("1.x servers have no projects")
    getattr(fs, how)(one.format(root=root, conn_id=conn_id), other.format(root=root, conn_id=conn_id), recursive=True)
    assert content(client, repo) == FILES
    assert commits(client, repo) == 1


def test_paths_to_where_they_are(client: PfsClient, fs: PachydermFileSystem, repo: str, conn_id: str) -> None:
    base = ObjectStoragePath(f"pfs://{conn_id}@{repo}/master")
    (base / "a").rename(base / "a")
    (base / "a").replace(ObjectStoragePath(f"pfs://{conn_id}@{repo}/master//a"))
    assert content(client, repo) == FILES


@pytest.mark.parametrize("target", ["dir/below", "dir/deep", "dir/deep/er/", "dir//x"])
def test_below_itself(client: PfsClient, fs: PachydermFileSystem, repo: str, root: str, target: str) -> None:
    with pytest.raises(ValueError, match="into itself"):
        fs.mv(f"{root}/dir", f"{root}/{target}", recursive=True)
    with pytest.raises(ValueError, match="into itself"):
        fs.mv(f"{root}/a", f"{root}/a/x")
    assert content(client, repo) == FILES
    assert commits(client, repo) == 1


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("a", "z", {"/z": b"A", "/dir/b": b"B", "/dir/deep/c": b"C"}),
        ("a", "dir", {"/dir/a": b"A", "/dir/b": b"B", "/dir/deep/c": b"C"}),
        ("a", "dir/b", {"/dir/b": b"A", "/dir/deep/c": b"C"}),
        ("dir", "other", {"/a": b"A", "/other/b": b"B", "/other/deep/c": b"C"}),
        ("dir/", "other", {"/a": b"A", "/other/b": b"B", "/other/deep/c": b"C"}),
        ("dir/deep/", "dir", {"/a": b"A", "/dir/b": b"B", "/dir/c": b"C"}),
        ("dir/", "", {"/a": b"A", "/b": b"B", "/deep/c": b"C"}),
    ],
)
def test_move(
    client: PfsClient, fs: PachydermFileSystem, repo: str, root: str, source: str, target: str, expected: Any
) -> None:
    fs.mv(f"{root}/{source}", f"{root}/{target}", recursive=True)
    assert content(client, repo) == expected
    assert commits(client, repo) == 2


def test_a_file_takes_the_place_of_its_directory(client: PfsClient, fs: PachydermFileSystem, repo: str) -> None:
    fs.mv([f"{repo}/master/dir/deep/c", f"{repo}/master/dir/b"], [f"{repo}/master/dir/b", f"{repo}/master/x"])
    assert content(client, repo) == {"/a": b"A", "/dir/b": b"C", "/x": b"B"}


def test_a_directory_needs_recursive(
    client: PfsClient, fs: PachydermFileSystem, repo: str, root: str, tmp_path: Path
) -> None:
    for act in (fs.mv, fs.copy):
        with pytest.raises(IsADirectoryError, match="recursive"):
            act(f"{root}/dir", f"{root}/other")
    with pytest.raises(IsADirectoryError, match="recursive"):
        fs.get(f"{root}/dir", str(tmp_path / "out"))
    assert content(client, repo) == FILES


def test_to_another_branch_and_repo(client: PfsClient, fs: PachydermFileSystem, repo: str, root: str) -> None:
    fs.mv(f"{root}/dir", f"{repo}/other/dir", recursive=True)
    assert content(client, repo) == {"/a": b"A"}
    assert content(client, repo, "other") == {"/dir/b": b"B", "/dir/deep/c": b"C"}
    client.create_repo(f"{repo}-2")
    fs.mv(f"{root}/a", f"{repo}-2/master/a")
    assert (content(client, repo), content(client, f"{repo}-2")) == ({}, {"/a": b"A"})
    fs.copy(f"{repo}-2/master/a", f"{root}/back")
    assert content(client, repo) == {"/back": b"A"}


def test_what_cannot_be_written_to_takes_nothing_away(
    client: PfsClient, fs: PachydermFileSystem, repo: str, root: str
) -> None:
    with pytest.raises(FileNotFoundError):
        fs.mv(f"{root}/a", f"{repo}-missing/master/a")
    with pytest.raises(FileNotFoundError):
        fs.mv(f"{root}/missing", f"{root}/a")
    with pytest.raises(FileNotFoundError):
        fs.mv(f"{root}/missing", f"{root}//missing")
    with pytest.raises(Exception, match="/a"):  # a file has nothing below it
        fs.mv(f"{root}/dir", f"{root}/a", recursive=True)
    with pytest.raises(Exception, match="more files"):  # its commit takes no changes
        fs.mv(f"{repo}/{client.inspect_commit((repo, 'master')).commit.id}/a", f"{root}/z")
    assert content(client, repo) == FILES
    assert commits(client, repo) == 1


@pytest.mark.parametrize(
    "place", ["", "/", "{repo}", "{repo}/master", "{repo}/master/", "pfs://{conn_id}@{repo}/master"]
)
def test_not_all_at_once(client: PfsClient, fs: PachydermFileSystem, repo: str, conn_id: str, place: str) -> None:
    with pytest.raises(IsADirectoryError):
        fs.rm(place.format(repo=repo, conn_id=conn_id), recursive=True)
    assert content(client, repo) == FILES


IMPOSSIBLE = ["a (1).csv", "[a", "a*b", "grün", "tab\t", "a{b", "a/../b", "..", "x" * 300, "a+b"]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_can_be_no_file_is_none(fs: PachydermFileSystem, conn_id: str, repo: str, root: str, name: str) -> None:
    assert not fs.exists(f"{root}/{name}")
    assert not fs.isfile(f"{root}/{name}")
    assert not fs.isdir(f"{root}/{name}")
    path = ObjectStoragePath(f"pfs://{conn_id}@{repo}/master") / name
    assert not path.exists()
    assert not path.is_file()
    path.unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError):
        fs.info(f"{root}/{name}")


@pytest.mark.parametrize(
    "place", ["no repo/master/a", "no(repo", "{repo}/no branch/a", "{repo}/missing/a", "{repo}-missing/master/a",
              "missing.{repo}/master/a", "{repo}-missing", "{repo}/master^9/a", "{repo}/" + "0" * 32 + "/a"],
)  # fmt: skip
def test_where_nothing_can_be(fs: PachydermFileSystem, conn_id: str, repo: str, place: str) -> None:
    place = place.format(repo=repo)
    assert not fs.exists(place)
    path = ObjectStoragePath(f"pfs://{conn_id}@{place}")
    assert not path.exists()
    path.unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError):
        list(path.iterdir())
    with pytest.raises(FileNotFoundError):
        fs.ls(place)
    assert fs.find(place) == []


def test_a_directory_copied_once_more(
    client: PfsClient, fs: PachydermFileSystem, conn_id: str, repo: str, root: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It goes into the one that is there, as everywhere in fsspec, which is said; with a slash it is the same again."""
    path = ObjectStoragePath(f"pfs://{conn_id}@{root}/dir")
    path.copy(path.parent / "copy", recursive=True)
    assert caplog.text == ""
    assert content(client, repo) == {**FILES, "/copy/b": b"B", "/copy/deep/c": b"C"}
    for _ in range(2):
        fs.copy(f"{root}/dir/", f"{root}/copy", recursive=True)
    assert caplog.text == ""
    assert content(client, repo) == {**FILES, "/copy/b": b"B", "/copy/deep/c": b"C"}
    path.copy(path.parent / "copy", recursive=True)
    assert f"pfs://{root}/copy exists, so it gets pfs://{root}/dir as a directory in it" in caplog.text
    assert f"fs.copy('{root}/dir/', '{root}/copy', recursive=True)" in caplog.text
    assert content(client, repo).keys() >= {"/copy/dir/b", "/copy/dir/deep/c"}


def test_the_server_itself(fs: PachydermFileSystem, conn_id: str, repo: str) -> None:
    for url in (f"pfs://{conn_id}@", f"pfs://{conn_id}@/", "pfs://"):
        assert repo in fs.ls(url, detail=False)
    assert repo in [path.name for path in ObjectStoragePath(f"pfs://{conn_id}@").iterdir()]


@pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # fsspec's own, of its block cache
@pytest.mark.parametrize("cache", ["blockcache", "filecache", "simplecache"])
def test_caches(
    client: PfsClient, conn_id: str, repo: str, fs: PachydermFileSystem, cache: str, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 20_000
    fs.pipe(f"{repo}/master/big", data)
    for _ in range(2):
        with fsspec.open(
            f"{cache}::pfs://{conn_id}@{repo}/master/big", "rb", **{cache: {"cache_storage": str(tmp_path)}}
        ) as file:
            file.seek(3_000_000)
            assert file.read(1000) == data[3_000_000:3_001_000]
            file.seek(0)
            assert file.read() == data


def test_an_opened_file_is_as_fsspec_has_them(fs: PachydermFileSystem, repo: str, root: str) -> None:
    fs.pipe(f"{root}/lines", b"one\ntwo\n\nlast")
    with fs.open(f"{root}/lines") as file:
        assert (file.mode, file.size, file.loc, file.closed) == ("rb", 13, 0, False)
        assert file.blocksize > 0
        assert file.details == {**fs.info(f"{root}/lines")} == file.info()
        assert (file.path, file.fs) == (f"{root}/lines", fs)
        assert file.readuntil() == b"one\n"
        assert file.loc == 4
        assert file.readuntil(b"\n\n", blocks=2) == b"two\n\n"
        assert file.readuntil() == b"last"
        assert file.readuntil() == b""
        assert file._fetch_range(4, 7) == b"two"
        assert file.cache is not None
    assert file.closed


def test_a_get_that_fails_keeps_what_was_there(
    fs: PachydermFileSystem, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"yesterday's")

    def broken(*_: Any) -> bytes:
        raise ConnectionError("cut")

    monkeypatch.setattr(file_objects._Raw, "readinto", broken)
    with pytest.raises(ConnectionError):
        fs.get(f"{root}/a", str(tmp_path / "a"))
    assert [file.name for file in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"yesterday's"


def test_a_put_of_a_directory_needs_recursive(fs: PachydermFileSystem, root: str, tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="recursive"):
        fs.put(str(tmp_path), f"{root}/x")
