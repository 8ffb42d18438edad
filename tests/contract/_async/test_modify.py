"""Many changes at once: made all or, where servers take them in one stream, not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    CommitFinished,
    CommitState,
    FileNotFound,
    InvalidRequest,
    NotFound,
    RepoNotFound,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect

BEFORE = {"/a": b"old", "/b": b"B", "/d/1": b"one", "/d/2": b"two"}


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str) -> str:
    async with client.commit(repo, "master") as commit:
        for path, content in BEFORE.items():
            await client.put_file_bytes(commit, path, content)
    return repo


async def contents(client: AsyncPfsClient, repo: str) -> dict[str, bytes]:
    await client.wait_commit((repo, "master"))
    return await client.get_files((repo, "master"), "/", recursive=True)


async def commits(client: AsyncPfsClient, repo: str) -> list[CommitState]:
    return [info.state for info in await collect(await client.list_commit(repo, branch="master"))]


def pieces() -> Iterator[bytes]:
    yield b"x" * 3_000_000
    yield b"y"


async def test_all_kinds_are_one_commit(
    client: AsyncPfsClient, filled: str, tmp_path: Path, supports: Supports
) -> None:
    supports(Feature.COPY_FILE)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "f").write_bytes(b"F")
    async with client.modify((filled, "master")) as changes:
        changes.put("/a", b"new")
        changes.put("/b", b"more", append=True)
        changes.put("/stream", pieces())
        changes.put_file("/file", tmp_path / "sub" / "f")
        changes.put_files(tmp_path, "/dir")
        changes.copy((filled, "master"), "/d/2", "/copied")
        changes.delete("/d/1")
    assert await contents(client, filled) == {
        "/a": b"new",
        "/b": b"Bmore",
        "/copied": b"two",
        "/d/2": b"two",
        "/dir/sub/f": b"F",
        "/file": b"F",
        "/stream": b"x" * 3_000_000 + b"y",
    }
    assert len(await commits(client, filled)) == 2


async def test_what_is_copied_within_a_branch_is_what_was_there(
    client: AsyncPfsClient, filled: str, supports: Supports
) -> None:
    supports(Feature.COPY_FILE)
    async with client.modify((filled, "master")) as changes:
        changes.put("/a", b"new")
        changes.copy((filled, "master"), "/a", "/before")
    assert await contents(client, filled) == {**BEFORE, "/a": b"new", "/before": b"old"}


async def test_they_are_made_in_order(client: AsyncPfsClient, filled: str) -> None:
    async with client.modify((filled, "master")) as changes:
        changes.put("/a", b"1")
        changes.put("/a", b"2", append=True)
        changes.put("/b", b"1")
        changes.put("/b", b"2")
        changes.delete("/d")
        changes.put("/d/1", b"again")
        changes.put("/gone", b"1")
        changes.delete("/gone")
    assert await contents(client, filled) == {"/a": b"12", "/b": b"2", "/d/1": b"again"}


async def test_many_files_replace_what_is_there(client: AsyncPfsClient, filled: str) -> None:
    wanted = {f"/d/{number}": str(number).encode() for number in range(20)}
    async with client.modify((filled, "master")) as changes:
        for path, content in wanted.items():
            changes.put(path, content)
    assert await contents(client, filled) == {"/a": b"old", "/b": b"B", **wanted}


async def test_a_copied_directory_may_be_written_over(
    client: AsyncPfsClient, filled: str, supports: Supports
) -> None:  # fmt: skip
    supports(Feature.COPY_FILE)
    async with client.modify((filled, "master")) as changes:
        changes.copy((filled, "master"), "/d", "/e")
        changes.put("/e/1", b"mine")
    assert (await contents(client, filled))["/e/1"] == b"mine"


async def test_a_new_branch_and_an_open_commit(client: AsyncPfsClient, repo: str) -> None:
    async with client.modify((repo, "master")) as changes:
        changes.put("/a", b"A")
    assert await contents(client, repo) == {"/a": b"A"}
    async with client.commit(repo, "master") as commit:
        async with client.modify(commit) as changes:
            changes.put("/b", b"B")
        async with client.modify((repo, "master")) as changes:
            changes.put("/c", b"C")
        assert (await client.inspect_commit(commit)).state is CommitState.OPEN
    assert await contents(client, repo) == {"/a": b"A", "/b": b"B", "/c": b"C"}


async def test_a_body_that_raises_sends_nothing(client: AsyncPfsClient, filled: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with client.modify((filled, "master")) as changes:
            changes.put("/a", b"new")
            raise ZeroDivisionError
    assert await contents(client, filled) == BEFORE
    assert len(await commits(client, filled)) == 1


async def test_a_source_that_raises_leaves_all_as_it_was(
    client: AsyncPfsClient, filled: str, supports: Supports
) -> None:  # fmt: skip
    supports(Feature.DROP_COMMIT)

    def broken() -> Iterator[bytes]:
        yield b"x" * 3_000_000
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with client.modify((filled, "master")) as changes:
            changes.delete("/d")
            changes.put("/a", broken())
    assert await contents(client, filled) == BEFORE
    assert len(await commits(client, filled)) == 1


async def test_a_copy_of_nothing_leaves_all_as_it_was(
    client: AsyncPfsClient, filled: str, supports: Supports
) -> None:  # fmt: skip
    supports(Feature.COPY_FILE)
    with pytest.raises(FileNotFound):
        async with client.modify((filled, "master")) as changes:
            changes.delete("/d")
            changes.copy((filled, "master"), "/missing", "/c")
    assert await contents(client, filled) == BEFORE


async def test_nothing_to_do_makes_no_commit(client: AsyncPfsClient, filled: str) -> None:
    async with client.modify((filled, "master")):
        pass
    assert len(await commits(client, filled)) == 1


async def test_where_nothing_can_be_written(client: AsyncPfsClient, filled: str, repo_name: str) -> None:
    finished = (await client.inspect_commit((filled, "master"))).commit
    with pytest.raises(CommitFinished):
        async with client.modify((filled, str(finished.id))) as changes:
            changes.put("/a", b"new")
    with pytest.raises(NotFound):
        async with client.modify((filled, "0" * 32)) as changes:
            changes.put("/a", b"new")
    with pytest.raises(RepoNotFound):
        async with client.modify((repo_name + "-missing", "master")) as changes:
            changes.put("/a", b"new")
    assert await contents(client, filled) == BEFORE


async def test_bad_changes_are_refused_in_the_body(client: AsyncPfsClient, filled: str, tmp_path: Path) -> None:
    async with client.modify((filled, "master")) as changes:
        with pytest.raises(InvalidRequest):
            changes.put("/", b"")
        with pytest.raises(InvalidRequest):
            changes.put("/a", "text")  # type: ignore[arg-type]
        with pytest.raises(FileNotFoundError):
            changes.put_file("/a", tmp_path / "missing")
        with pytest.raises(InvalidRequest, match="is not a URL"):
            changes.put_url("/a", "example.com")
    assert len(await commits(client, filled)) == 1
