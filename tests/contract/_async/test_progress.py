"""How far something is, as fsspec's callbacks are told: never back, and at the end exactly all."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.callbacks import Callback

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, Unavailable
from tests.support._async.streams import collect
from tests.support.content import numbered
from tests.support.faulty import striking

LONG = numbered(1_300_001)
FILES = {"a": b"A" * 1000, "d/b": LONG, "d/empty": b""}
ALL = sum(map(len, FILES.values()))
PUTS = "PutFile,ModifyFile"


class Told(Callback):  # type: ignore[misc]
    """Keeps what it is told, and a branch of it for each file."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.values: list[int] = []
        self.files: dict[tuple[str, str], Told] = {}
        self.closed = 0

    def call(self, *args: Any, **kwargs: Any) -> None:
        self.sizes += [] if self.size is None else [self.size]
        self.values.append(self.value)

    def branched(self, path_1: str, path_2: str, **kwargs: Any) -> Told:
        assert (path_1, path_2) not in self.files
        return self.files.setdefault((path_1, path_2), Told())

    def close(self) -> None:
        self.closed += 1

    def check(self, total: int) -> None:
        """Look whether it was told of so many bytes in the end, and never that there are fewer than before."""
        assert self.values == sorted(self.values)
        assert self.value == self.size == total


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(content)
    return tmp_path / "folder"


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str, folder: Path) -> Commit:
    async with client.commit(repo, "master") as commit:
        await client.put_files(commit, folder)
    return (await client.wait_commit(commit)).commit


async def pieces() -> AsyncIterator[bytes]:
    for at in range(0, len(LONG), 1_000_000):
        yield LONG[at : at + 1_000_000]


@pytest.mark.parametrize(
    ("content", "size"),
    [(LONG, len(LONG)), (b"", 0), ([LONG, b"", b"end"], len(LONG) + 3), (memoryview(b"1234").cast("I"), 4)],
    ids=["bytes", "nothing", "list", "numbers"],
)
async def test_a_put_whose_size_is_known(client: AsyncPfsClient, repo: str, content: Any, size: int) -> None:
    told = Told()
    await client.put_file_bytes((repo, "master"), "/f", content, progress=told)
    told.check(size)
    assert set(told.sizes) == {size}
    (info,) = await collect(await client.list_file((repo, "master")))
    assert info.size_bytes == size


async def test_a_put_whose_size_its_end_tells(client: AsyncPfsClient, repo: str) -> None:
    told = Told()
    await client.put_file_bytes((repo, "master"), "/f", pieces(), progress=told)
    told.check(len(LONG))
    assert set(told.sizes) == {len(LONG)}
    assert len(told.values) > 2


async def test_a_file_from_where_it_is_now(client: AsyncPfsClient, repo: str, folder: Path) -> None:
    told, opened = Told(), Told()
    await client.put_file((repo, "master"), "/f", folder / "d" / "b", progress=told)
    told.check(len(LONG))
    with (folder / "d" / "b").open("rb") as file:
        file.seek(100)
        await client.put_file((repo, "master"), "/g", file, progress=opened)
    opened.check(len(LONG) - 100)
    assert set(opened.sizes) == {len(LONG) - 100}


@pytest.mark.parametrize("parallel", [1, 3])
async def test_a_directory_and_each_file_of_it(client: AsyncPfsClient, repo: str, folder: Path, parallel: int) -> None:
    told = Told()
    await client.put_files((repo, "master"), folder, "/to", parallel=parallel, progress=told)
    told.check(ALL)
    assert set(told.sizes) == {ALL}
    assert told.files.keys() == {(str(folder / name), f"/to/{name}") for name in FILES}
    for (local, _), file in told.files.items():
        file.check(Path(local).stat().st_size)
        assert file.closed == 1
    assert told.closed == 0  # it is the caller's


async def test_changes_made_together(client: AsyncPfsClient, repo: str, folder: Path) -> None:
    told, unknown, nothing = Told(), Told(), Told()
    await client.put_file_bytes((repo, "master"), "/old", b"old")
    async with client.modify((repo, "master"), progress=told) as changes:
        changes.put("/f", LONG)
        changes.put_file("/f", folder / "a", append=True)
        changes.put_files(folder, "/to")
        changes.delete("/old")
    total = len(LONG) + 1000 + ALL
    told.check(total)
    assert set(told.sizes) == {total}
    assert {path for _, path in told.files} == {"/f", *(f"/to/{name}" for name in FILES)}
    assert [file.closed for file in told.files.values()] == [1] * 5
    async with client.modify((repo, "master"), progress=unknown) as changes:
        changes.put("/g", pieces())
        changes.put("/h", b"12")
    unknown.check(len(LONG) + 2)
    assert set(unknown.sizes) == {len(LONG) + 2}
    async with client.modify((repo, "master"), progress=nothing):
        pass
    nothing.check(0)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "compressed"])
async def test_an_archive_as_it_is_stored(client: AsyncPfsClient, repo: str, tmp_path: Path, pack: Any) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo("f")
        member.size = len(LONG)
        tar.addfile(member, io.BytesIO(LONG))
    stored = pack(archive.getvalue())
    (tmp_path / "archive").write_bytes(stored)
    told = Told()
    assert await client.put_tar((repo, "master"), tmp_path / "archive", progress=told) == 1
    told.check(len(stored))
    assert len(told.values) > 2


async def test_reading_a_file(client: AsyncPfsClient, filled: Commit) -> None:
    told, part, begun = Told(), Told(), Told()
    async with await client.get_file(filled, "/d/b", progress=told) as reader:
        assert await reader.read() == LONG
    told.check(len(LONG))
    assert set(told.sizes) == {len(LONG)}
    async with await client.get_file(filled, "/d/b", 7, 100_000, progress=part) as reader:
        assert len(await reader.read()) == 100_000
    part.check(100_000)
    async with await client.get_file(filled, "/d/b", progress=begun) as reader:
        await reader.read(1)
    assert begun.size == len(LONG) >= begun.value > 0


async def test_an_empty_file(client: AsyncPfsClient, filled: Commit) -> None:
    told = Told()
    async with await client.get_file(filled, "/d/empty", progress=told) as reader:
        assert await reader.read() == b""
    told.check(0)


async def test_reading_an_archive(client: AsyncPfsClient, filled: Commit) -> None:
    told = Told()
    async with await client.get_file_tar(filled, progress=told) as reader:
        size = len(await reader.read())
    told.check(size)
    assert size > ALL


async def test_reading_files_into_memory(client: AsyncPfsClient, filled: Commit) -> None:
    told = Told()
    found = await client.get_files(filled, "/", recursive=True, progress=told)
    assert found == {f"/{name}": content for name, content in FILES.items()}
    told.check(ALL)
    assert set(told.sizes) == {ALL}
    for (path, _), file in told.files.items():
        file.check(len(found[path]))


@pytest.mark.parametrize("parallel", [1, 3])
async def test_downloading_files(client: AsyncPfsClient, filled: Commit, tmp_path: Path, parallel: int) -> None:
    told = Told()
    saved = await client.download(filled, "/", tmp_path / "here", parallel=parallel, progress=told)
    told.check(ALL)
    assert told.files.keys() == {(file.path, str(file.local)) for file in saved}
    for file in saved:
        told.files[file.path, str(file.local)].check(file.size_bytes)
        assert told.files[file.path, str(file.local)].closed == 1


# what is sent or read once more


@pytest.mark.parametrize("fault", ["lose-reply", "cut-after=3", "unavailable"])
async def test_what_is_sent_again_counts_once(client: AsyncPfsClient, repo: str, folder: Path, fault: str) -> None:
    one, several = Told(), Told()
    with striking(client, fault, PUTS):
        await client.put_file_bytes((repo, "master"), "/f", LONG, progress=one)
    one.check(len(LONG))
    with striking(client, fault, PUTS):
        await client.put_files((repo, "master"), folder, "/to", progress=several)
    several.check(ALL)
    for (local, _), file in several.files.items():
        file.check(Path(local).stat().st_size)
        assert file.closed == 1
    assert sum(map(len, (await client.get_files((repo, "master"), "/", recursive=True)).values())) == ALL + len(LONG)


async def test_what_is_read_on_counts_once(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    memory, disk = Told(), Told()
    with striking(client, "cut-after-bytes=3000000", "GetFile,GetFileTAR"):
        assert await client.get_files(filled, "/d/b", progress=memory) == {"/d/b": LONG}
    memory.check(len(LONG))
    with striking(client, "cut-after-bytes=3000000", "GetFile,GetFileTAR"):
        await client.download(filled, "/d/b", tmp_path / "here", progress=disk)
    disk.check(len(LONG))


async def test_a_put_that_fails_is_not_said_to_be_done(client: AsyncPfsClient, repo: str) -> None:
    told = Told()
    with client.retrying(0), striking(client, "cut-after=2", PUTS), pytest.raises(Unavailable):
        await client.put_file_bytes((repo, "master"), "/f", LONG, progress=told)
    assert told.size == len(LONG) >= told.value


async def test_what_a_callback_raises_ends_the_transfer(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    def enough(size: int, value: int) -> None:
        if value:
            raise RuntimeError("enough")

    stopping = Callback(hooks={"stop": enough})
    with pytest.raises(RuntimeError, match="enough"):
        await client.put_file_bytes((filled.repo.name, "master"), "/f", LONG, progress=stopping)
    with pytest.raises(RuntimeError, match="enough"):
        await client.download(filled, "/", tmp_path / "here", progress=stopping)
    assert (await client.inspect_commit((filled.repo.name, "master"))).commit.id == filled.id


async def test_a_bar_of_tqdm(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    pytest.importorskip("tqdm")
    from fsspec.callbacks import TqdmCallback

    shown = io.StringIO()
    with TqdmCallback(tqdm_kwargs={"file": shown, "unit": "B", "mininterval": 0}) as bar:
        await client.put_file_bytes((filled.repo.name, "master"), "/f", LONG, progress=bar)
        assert (bar.tqdm.n, bar.tqdm.total) == (len(LONG), len(LONG))
    assert "100%" in shown.getvalue()
    with TqdmCallback(tqdm_kwargs={"file": shown}) as bar:
        await client.download(filled, "/", tmp_path / "here", progress=bar)
        assert (bar.tqdm.n, bar.tqdm.total) == (ALL, ALL)
