"""Downloads to the local disk: what is there already, what cannot be written, and runs that were broken off."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest
from fsspec.callbacks import Callback

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    Commit,
    DiskFull,
    InvalidRequest,
    LocalConflict,
    LocalError,
    LocalNameInvalid,
    LocalPermissionDenied,
    Unavailable,
)
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.faulty import strike

LONG = bytes(range(256)) * 2**16  # 16 MiB


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"new")
        await client.put_file_bytes(commit, "/d/b", b"B")
    return (await client.wait_commit(commit)).commit


def on_disk(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("mode", "expected"), [(0o600, 0o600), (0o640, 0o640), (None, 0o644)])
async def test_permissions(
    client: AsyncPfsClient, filled: Commit, tmp_path: Path, mode: int | None, expected: int
) -> None:
    before = os.umask(0o022)
    try:
        for file in await client.download(filled, "/", tmp_path, mode=mode):
            assert stat.S_IMODE(file.local.stat().st_mode) == expected
    finally:
        os.umask(before)


async def test_files_are_private_by_default(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    (file,) = await client.download(filled, "/a", tmp_path)
    assert stat.S_IMODE(file.local.stat().st_mode) == 0o600


async def test_existing_files_are_replaced(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    await client.download(filled, "/", tmp_path)
    assert on_disk(tmp_path) == {"a": b"new", "d/b": b"B"}


async def test_existing_files_are_kept_and_all_of_them_told(
    client: AsyncPfsClient, filled: Commit, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(LocalConflict, match=str(tmp_path / "a")) as caught:
        await client.download(filled, "/", tmp_path, existing="fail")
    assert isinstance(caught.value, FileExistsError)
    assert on_disk(tmp_path) == {"a": b"old"}
    await client.download(filled, "/d", tmp_path, existing="fail")


async def test_the_same_files_are_not_read_again(
    server: DevServer, client: AsyncPfsClient, filled: Commit, tmp_path: Path
) -> None:
    first = await client.download(filled, "/", tmp_path)
    async with AsyncPfsClient(server.host, server.port) as faulty:
        strike(faulty, "error=RESOURCE_EXHAUSTED;on=GetFile,GetFileTAR")
        assert await faulty.download(filled, "/", tmp_path, existing="skip_same") == first
    (tmp_path / "a").write_bytes(b"ne!")
    await client.download(filled, "/", tmp_path, existing="skip_same")
    assert on_disk(tmp_path) == {"a": b"new", "d/b": b"B"}


async def test_a_file_of_several_pieces_is_the_same_by_its_time(
    server: DevServer, client: AsyncPfsClient, repo: str, tmp_path: Path
) -> None:
    async with client.commit(repo, "master") as commit:
        for _ in range(2):
            await client.put_file_bytes(commit, "/long", LONG[: 2**20], append=True)
    info = await client.inspect_file((repo, "master"), "/long")
    await client.download((repo, "master"), "/long", tmp_path)
    if info.committed is None:
        return  # such servers do not tell the time
    async with AsyncPfsClient(server.host, server.port) as faulty:
        strike(faulty, "error=RESOURCE_EXHAUSTED;on=GetFile,GetFileTAR")
        await faulty.download((repo, "master"), "/long", tmp_path, existing="skip_same")
    os.utime(tmp_path / "long", (1, 1))
    (tmp_path / "long").write_bytes(bytes(2**21))
    await client.download((repo, "master"), "/long", tmp_path, existing="skip_same")
    assert (tmp_path / "long").read_bytes() == LONG[: 2**20] * 2


async def test_what_is_neither_choice_nor_mode(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="existing"):
        await client.download(filled, "/", tmp_path, existing="keep")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="mode"):
        await client.download(filled, "/", tmp_path, mode=0o1000)


async def test_names_that_the_disk_does_not_take(client: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/" + "n" * 300, b"long")
        await client.put_file_bytes(commit, "/fine", b"F")
        await client.put_file_bytes(commit, "/deep" + "/dddddddd" * 600, b"deep")
    for path in ("/" + "n" * 300, "/deep", "/"):
        with pytest.raises(LocalNameInvalid, match="too long") as caught:
            await client.download((repo, "master"), path, tmp_path / "out")
        assert isinstance(caught.value, OSError)
    assert on_disk(tmp_path) == {}


async def test_files_in_place_of_directories_and_the_other_way_round(
    client: AsyncPfsClient, filled: Commit, tmp_path: Path
) -> None:
    (tmp_path / "d").write_bytes(b"a file")
    with pytest.raises(LocalConflict, match="is a file"):
        await client.download(filled, "/", tmp_path)
    (tmp_path / "d").unlink()
    (tmp_path / "a").mkdir()
    with pytest.raises(LocalConflict, match="a directory"):
        await client.download(filled, "/", tmp_path)
    assert on_disk(tmp_path) == {}
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LocalError):
        await client.download(filled, "/", tmp_path / "file")


async def test_free_space_is_looked_at_first(
    client: AsyncPfsClient, filled: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 7, 3))  # type: ignore[attr-defined]
    with pytest.raises(DiskFull, match="3 bytes of free space, but 4 are needed") as caught:
        await client.download(filled, "/", tmp_path)
    assert caught.value.errno == errno.ENOSPC
    assert on_disk(tmp_path) == {}
    await client.download(filled, "/a", tmp_path)


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, DiskFull), (errno.EACCES, LocalPermissionDenied), (errno.EIO, LocalError)]
)
async def test_what_the_disk_says_while_it_is_written(
    client: AsyncPfsClient,
    filled: Commit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[LocalError],
) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def fails(*args: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("airflow_provider_pachyderm.client._local.parts.os.write", fails)
        with pytest.raises(kind) as caught:
            await client.download(filled, "/a", tmp_path)
    assert type(caught.value) is kind
    assert caught.value.errno == number
    assert on_disk(tmp_path) == {"a": b"old"}


async def test_quoted_names_are_given_back(client: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("ü[1]", "100%25", "plain"):
        (tmp_path / "in" / name).write_text(name)
    await client.put_files((repo, "master"), tmp_path / "in", bad_names="quote")
    await client.download((repo, "master"), "/", tmp_path / "out", unquote=True)
    assert on_disk(tmp_path / "out") == on_disk(tmp_path / "in")


@pytest.mark.parametrize("name", ["/%2E%2E%2Fout", "/%2E%2E", "/a%2Fb", "/x%00"])
async def test_unquoted_names_lead_nowhere_else(client: AsyncPfsClient, repo: str, tmp_path: Path, name: str) -> None:
    await client.put_file_bytes((repo, "master"), name, b"evil")
    with pytest.raises(LocalNameInvalid, match="cannot be a local file name"):
        await client.download((repo, "master"), "/", tmp_path / "here", unquote=True)
    assert on_disk(tmp_path) == {}


async def test_unquoted_names_do_not_become_one(client: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a%41", b"1")
        await client.put_file_bytes(commit, "/aA", b"2")
    with pytest.raises(LocalConflict, match="would both be"):
        await client.download((repo, "master"), "/", tmp_path, unquote=True)


@pytest.mark.parametrize("parallel", [1, 4])
async def test_a_callback_is_told_how_far_it_is(
    client: AsyncPfsClient, filled: Commit, tmp_path: Path, parallel: int
) -> None:
    values: list[int] = []
    callback = Callback(hooks={"note": lambda size, value: values.append(value)})
    await client.download(filled, "/", tmp_path, parallel=parallel, progress=callback)
    assert (callback.size, callback.value) == (4, 4)
    assert values == sorted(values)
    same = Callback()
    await client.download(filled, "/", tmp_path, existing="skip_same", progress=same)
    assert same.value == same.size  # what is there already is not to be read


# runs that were broken off


@pytest.fixture
async def long(client: AsyncPfsClient, repo: str) -> Commit:
    async with client.commit(repo, "master") as commit:
        for name in ("1", "2", "3"):
            await client.put_file_bytes(commit, f"/{name}", LONG * 2)
    return (await client.wait_commit(commit)).commit


async def broken_off(server: DevServer, commit: Commit, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends in the middle of its second file."""
    from airflow_provider_pachyderm.client._local import parts

    written = 0
    write = parts.Part.write

    def fails(part: parts.Part, data: bytes) -> None:
        nonlocal written
        write(part, data)
        written += len(data)
        if written > len(LONG) * 3 + 100:
            raise Unavailable("gone", status="UNAVAILABLE")

    async with AsyncPfsClient(server.host, server.port) as client:
        with monkeypatch.context() as patch, pytest.raises(Unavailable):
            patch.setattr(parts.Part, "write", fails)
            await client.download(commit, "/", folder)


async def test_a_run_goes_on_where_the_one_before_stopped(
    server: DevServer, client: AsyncPfsClient, long: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow_provider_pachyderm.client._local import parts

    await broken_off(server, long, tmp_path, monkeypatch)
    assert (tmp_path / "1").read_bytes() == LONG * 2
    assert not (tmp_path / "2").exists()
    sizes: list[int] = []
    write = parts.Part.write
    monkeypatch.setattr(parts.Part, "write", lambda part, data: (sizes.append(len(data)), write(part, data))[1])
    callback = Callback()
    saved = await client.download(long, "/", tmp_path, progress=callback)
    assert [file.path for file in saved] == ["/1", "/2", "/3"]
    assert sum(sizes) < len(LONG) * 4
    assert callback.value == callback.size == len(LONG) * 4
    assert on_disk(tmp_path) == {"1": LONG * 2, "2": LONG * 2, "3": LONG * 2}


async def test_what_another_run_left_is_swept(
    server: DevServer, client: AsyncPfsClient, long: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broken_off(server, long, tmp_path, monkeypatch)
    assert [path for path in tmp_path.iterdir() if path.name.endswith(".part")]
    (tmp_path / "mine.part").write_bytes(b"not ours")
    async with client.commit(long.repo, "master") as commit:
        await client.put_file_bytes(commit, "/2", b"another")
    await client.download((long.repo.name, "master"), "/2", tmp_path)
    assert on_disk(tmp_path) == {"1": LONG * 2, "2": b"another", "mine.part": b"not ours"}


async def test_what_somebody_else_writes_is_left_alone(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    from airflow_provider_pachyderm.client._local.parts import opened

    with opened(tmp_path, "other", "0123456789abcdef") as part:
        part.write(b"half")
        await client.download(filled, "/", tmp_path)
        assert part.path.exists()
    await client.download(filled, "/", tmp_path)
    assert on_disk(tmp_path) == {"a": b"new", "d/b": b"B"}
