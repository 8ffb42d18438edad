"""Many small files down: the same from servers that make archives of them and from those that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, Commit

FILES = {
    **{f"/d/{number % 3}/{number}.{'csv' if number % 2 else 'txt'}": bytes(number * 100) for number in range(40)},
    "/d/" + "n" * 120 + "/f": b"1" * 512,
    "/other": b"x",
}


@pytest.fixture
async def filled(client: AsyncPfsClient, repo: str, tmp_path: Path) -> Commit:
    for path, content in FILES.items():
        local = tmp_path / "up" / path[1:]
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_bytes(content)
    async with client.commit(repo, "master") as commit:
        await client.put_files(commit, tmp_path / "up")
    return commit


def below(folder: Path) -> dict[str, bytes]:
    return {"/" + str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("parallel", [1, 3])
async def test_to_disk(client: AsyncPfsClient, filled: Commit, tmp_path: Path, parallel: int) -> None:
    saved = await client.download(filled, "/", tmp_path / "down", parallel=parallel)
    assert below(tmp_path / "down") == FILES
    assert [file.path for file in saved] == sorted(FILES, key=lambda path: path.split("/"))
    assert {file.path: file.size_bytes for file in saved} == {path: len(content) for path, content in FILES.items()}


async def test_some_of_them(client: AsyncPfsClient, filled: Commit, tmp_path: Path) -> None:
    saved = await client.download(filled, ["/d/1", "/other", "/d", "/d/2"], tmp_path / "down", exclude="*.txt")
    wanted = {path: content for path, content in FILES.items() if not path.endswith(".txt")}
    assert below(tmp_path / "down") == wanted
    assert sorted(file.path for file in saved) == sorted(wanted)
    assert [file.path for file in saved if file.path.startswith("/d/1/")] == [file.path for file in saved][:7]


async def test_into_memory(client: AsyncPfsClient, filled: Commit) -> None:
    everything = await client.get_files(filled, "/", recursive=True)
    assert everything == FILES
    assert list(everything) == sorted(FILES, key=lambda path: path.split("/"))
    ones = {path: content for path, content in FILES.items() if path.startswith("/d/1/")}
    assert await client.get_files(filled, "/d/1") == ones
    assert await client.get_files(filled, "/d") == {}
    assert await client.get_files(filled, ["/d/1/1.csv", "/d/1"]) == ones
