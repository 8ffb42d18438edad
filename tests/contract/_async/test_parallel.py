"""Several files at a time, in both directions: the same outcome as one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, CommitState, FileNotFound, InvalidRequest, PachydermError
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Supports
from tests.support._async.streams import collect

FILES = {f"/d{number % 3}/{number}": str(number).encode() * number * 1000 for number in range(30)}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for path, content in FILES.items():
        local = tmp_path / "up" / path[1:]
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_bytes(content)
    return tmp_path / "up"


async def test_up_to_a_branch_is_one_commit(client: AsyncPfsClient, repo: str, directory: Path) -> None:
    assert await client.put_files((repo, "master"), directory, parallel=4) == len(FILES)
    assert await client.get_files((repo, "master"), "/", recursive=True) == FILES
    assert await client.put_files((repo, "master"), directory, parallel=4) == len(FILES)
    await client.wait_commit((repo, "master"))
    assert await client.get_files((repo, "master"), "/", recursive=True) == FILES
    assert len(await collect(await client.list_commit(repo, branch="master"))) == 2


async def test_up_to_an_open_commit(client: AsyncPfsClient, repo: str, directory: Path) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/in/d0/3", b"before ")
        assert await client.put_files(commit, directory, "/in", append=True, parallel=3) == len(FILES)
        assert (await client.inspect_commit(commit)).state is CommitState.OPEN
    found = await client.get_files(commit, "/in", recursive=True)
    assert found == {"/in" + path: content for path, content in FILES.items()} | {
        "/in/d0/3": b"before " + FILES["/d0/3"]
    }


async def test_one_that_fails_leaves_no_commit(
    client: AsyncPfsClient, repo: str, directory: Path, supports: Supports, monkeypatch: pytest.MonkeyPatch
) -> None:
    supports(Feature.DROP_COMMIT)
    await client.put_file_bytes((repo, "master"), "/d0/3", b"before")
    await client.wait_commit((repo, "master"))
    monkeypatch.setattr("airflow_provider_pachyderm.client._local.disk.check_file", Path)
    (directory / "missing").symlink_to(directory / "nowhere")
    with pytest.raises(FileNotFoundError):
        await client.put_files((repo, "master"), directory, parallel=4)
    assert len(await collect(await client.list_commit(repo, branch="master"))) == 1
    assert await client.get_files((repo, "master"), "/", recursive=True) == {"/d0/3": b"before"}


async def test_down(client: AsyncPfsClient, repo: str, directory: Path, tmp_path: Path) -> None:
    await client.put_files((repo, "master"), directory)
    written = await client.download((repo, "master"), "/", tmp_path / "down", parallel=4)
    assert sorted(each.path for each in written) == sorted(FILES)
    for each in written:
        assert each.local.read_bytes() == FILES[each.path]
        assert each.size_bytes == len(FILES[each.path])


async def test_down_where_one_fails(client: AsyncPfsClient, repo: str, directory: Path, tmp_path: Path) -> None:
    await client.put_files((repo, "master"), directory)
    (tmp_path / "down").mkdir()
    (tmp_path / "down" / "d1").write_bytes(b"in the way")
    with pytest.raises(OSError, match="d1"):
        await client.download((repo, "master"), "/", tmp_path / "down", parallel=4)
    assert not list((tmp_path / "down").rglob("*.part"))
    with pytest.raises(FileNotFound):
        await client.download((repo, "master"), "/missing", tmp_path / "down", parallel=4)


async def test_none_at_a_time(client: AsyncPfsClient, repo: str, directory: Path, tmp_path: Path) -> None:
    for wrong in (0, -1, "2"):
        with pytest.raises(InvalidRequest, match="parallel"):
            await client.put_files((repo, "master"), directory, parallel=wrong)  # type: ignore[arg-type]
        with pytest.raises(InvalidRequest, match="parallel"):
            await client.download((repo, "master"), "/", tmp_path, parallel=wrong)  # type: ignore[arg-type]
    with pytest.raises(PachydermError):
        await client.inspect_commit((repo, "master"))
