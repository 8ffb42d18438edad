"""The Python in the README's chapter on the client and in the migration page, run as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import PfsClient
from tests.support.devserver import DevServer
from tests.support.web import Website

ROOT = Path(__file__).resolve().parent.parent.parent
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FUNCTION = re.compile(r"^\| `(\w+)\(", re.MULTILINE)


def blocks(text: str) -> list[str]:
    return _BLOCK.findall(text)


class Shown(Exception):
    """Ends an example that would follow a branch for ever."""


@pytest.fixture(scope="module", params=["1.13.4", "2.11.6"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    with DevServer(request.param, tmp_path_factory.mktemp("pachyderm")) as server:
        yield server


@pytest.fixture
def here(server: DevServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be where the examples think they are: a folder with files, beside a server that is empty."""
    (tmp_path / "local" / "folder").mkdir(parents=True)
    (tmp_path / "local" / "folder" / "file").write_bytes(b"from a folder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PACHD_ADDRESS", server.address)
    with PfsClient() as client:
        client.delete_all()
    return tmp_path


@pytest.mark.usefixtures("here")
def test_coming_from_pypachy() -> None:
    page = (ROOT / "docs" / "coming-from-pypachy.md").read_text()
    shown: list[tuple[Any, ...]] = []
    with Website() as website:
        address = website.add("/icon.png", b"\x89PNG")
        names: dict[str, Any] = {"print": lambda *values: shown.append(values)}
        for block in blocks(page):
            exec(block.replace("http://localhost/icon.png", address), names)
    assert ["/dir_a/data", "/dir_c/data", "/log", "/parts"] in [values[0] for values in shown]
    names["client"].close()


def test_every_function_of_pypachy_is_on_the_page() -> None:
    """Its functions in its own order, and each is a method here."""
    page = (ROOT / "docs" / "coming-from-pypachy.md").read_text()
    assert _FUNCTION.findall(page) == [
        *("PfsClient", "create_repo", "inspect_repo", "list_repo", "delete_repo"),
        *("start_commit", "finish_commit", "commit", "inspect_commit", "provenances_for_repo", "list_commit"),
        *("delete_commit", "flush_commit", "subscribe_commit", "list_branch", "set_branch", "delete_branch"),
        *("put_file_bytes", "put_file_url", "get_file", "get_files", "inspect_file", "list_file", "glob_file"),
        *("delete_file", "delete_all"),
    ]
    for name in _FUNCTION.findall(page)[1:]:
        assert callable(getattr(PfsClient, name))


def test_readme(here: Path, server: DevServer) -> None:
    chapter = (ROOT / "README.md").read_text().partition("## The client")[2].partition("\n## ")[0]
    shown: list[tuple[Any, ...]] = []

    def show(*values: Any) -> None:
        shown.append(values)
        if len(values) > 1:
            raise Shown

    for block in blocks(chapter):
        text = block.replace('"localhost", 30650', f'"{server.host}", {server.port}')
        assert text != block
        with pytest.raises(Shown):
            exec(text, {"print": show})
    contents, (commit, state) = shown
    assert contents == ({"/dir_a/data": b"DATA", "/dir_b/file": b"from a folder"},)
    assert (commit.repo.name, commit.branch, state.value) == ("test", "master", "finished")
