"""Putting local directories: links, what is no file, and names that PFS cannot store."""

from __future__ import annotations

import io
import logging
import os
import tarfile
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, InvalidRequest, UnstorableNames, unquote_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files, a link to a file, links to directories inside and outside, and one that leads back."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "o").write_text("O")
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "a").write_text("A")
    (folder / "sub" / "b").write_text("B")
    (folder / "file-link").symlink_to(folder / "a")
    (folder / "dir-link").symlink_to(tmp_path / "outside")
    (folder / "sub" / "back").symlink_to(folder)
    return folder


async def test_links_to_files_are_followed_those_to_directories_left_out_and_said(
    client: AsyncPfsClient, repo: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await client.put_files((repo, "master"), folder, "/in") == 3
    assert await client.get_files((repo, "master"), "/in", recursive=True) == {
        "/in/a": b"A",
        "/in/file-link": b"A",
        "/in/sub/b": b"B",
    }
    assert "'dir-link', 'sub/back'" in caplog.text


async def test_links_to_directories_are_followed_on_request_but_not_in_circles(
    client: AsyncPfsClient, repo: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await client.put_files((repo, "master"), folder, follow_links=True) == 4
    found = await client.get_files((repo, "master"), "/", recursive=True)
    assert sorted(found) == ["/a", "/dir-link/o", "/file-link", "/sub/b"]
    assert "sub/back" in caplog.text
    assert "dir-link" not in caplog.text


async def test_links_that_are_excluded_are_not_spoken_of(
    client: AsyncPfsClient, repo: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await client.put_files((repo, "master"), folder, exclude=["*-link", "back"])
    assert not caplog.records


async def test_changes_take_links_and_names_alike(client: AsyncPfsClient, repo: str, folder: Path) -> None:
    (folder / "x[1]").write_text("X")
    async with client.modify((repo, "master")) as changes:
        changes.put_files(folder, follow_links=True, bad_names="quote")
    found = await client.get_files((repo, "master"), "/", recursive=True)
    assert sorted(found) == ["/a", "/dir-link/o", "/file-link", "/sub/b", "/x%5B1%5D"]
    with pytest.raises(InvalidRequest, match="bad_names"):
        async with client.modify((repo, "master")) as changes:
            changes.put_files(folder, bad_names="keep")  # type: ignore[arg-type]


async def test_what_is_no_file_and_what_leads_nowhere_is_refused(
    client: AsyncPfsClient, repo: str, folder: Path
) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(InvalidRequest, match="pipe is not a regular file"):
        await client.put_files((repo, "master"), folder)
    (folder / "pipe").unlink()
    (folder / "nowhere").symlink_to(folder / "missing")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        await client.put_files((repo, "master"), folder)
    assert await client.list_branch(repo) == []
    await client.put_files((repo, "master"), folder, exclude="nowhere")


@pytest.mark.parametrize("parallel", [1, 2])
async def test_names_are_refused_at_once_with_all_of_them(
    client: AsyncPfsClient, repo: str, folder: Path, parallel: int
) -> None:
    bad = ("sub/a*", "sub/z(1)", "ünï")
    for name in bad:
        (folder / name).write_text("bad")
    with pytest.raises(UnstorableNames) as caught:
        await client.put_files((repo, "master"), folder, parallel=parallel)
    assert caught.value.names == bad
    assert await client.list_branch(repo) == []


async def test_names_are_skipped_or_quoted(
    client: AsyncPfsClient, repo: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "ü%41").write_text("U")
    with caplog.at_level(logging.WARNING):
        assert await client.put_files((repo, "skipped"), folder, bad_names="skip") == 3
    assert "ü%41" in caplog.text
    await client.put_files((repo, "quoted"), folder, bad_names="quote")
    found = await client.get_files((repo, "quoted"), "/")
    assert {unquote_path(path) for path in found} == {"/a", "/file-link", "/ü%41"}


async def test_members_of_archives_are_skipped_or_quoted(
    client: AsyncPfsClient, repo: str, caplog: pytest.LogCaptureFixture
) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in ("fine", "a[1]"):
            member = tarfile.TarInfo(name)
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    content = archive.getvalue()
    with pytest.raises(UnstorableNames, match=r"a\[1\]"):
        await client.put_tar((repo, "refused"), io.BytesIO(content))
    assert await client.list_branch(repo) == []
    with caplog.at_level(logging.WARNING):
        assert await client.put_tar((repo, "skipped"), io.BytesIO(content), bad_names="skip") == 1
    assert "a[1]" in caplog.text
    assert await client.put_tar((repo, "quoted"), io.BytesIO(content), bad_names="quote") == 2
    assert await client.get_files((repo, "quoted"), "/") == {"/fine": b"fine", "/a%5B1%5D": b"a[1]"}
