"""The Python in the pages, run as it is written, on both worlds."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from tests.conftest import Servers
from tests.docs.conftest import Here
from tests.support.airflow_runs import AirflowRuns
from tests.support.pages import DOCS, ROOT, address_of, examples, run
from tests.support.web import Website


class Shown(Exception):
    """Ends an example that would follow a branch for ever."""


README, LAPTOP = ROOT / "README.md", "A pipeline on a laptop"
PIPELINES = DOCS / "client/pipelines.md"
CLIENT = [*sorted({*(DOCS / "client").glob("*.md")} - {PIPELINES}), DOCS / "file-names.md"]


@pytest.mark.parametrize("page", CLIENT, ids=lambda page: page.stem)
def test_the_client(page: Path, here: Here) -> None:
    """Each page by itself, from its top to its end."""
    names: dict[str, Any] = {}
    for example in examples(page):
        run(example, names, page, here)


def test_pipelines(servers: Servers, capsys: pytest.CaptureFixture[str]) -> None:
    there = servers("2.11.6", "--run-pipelines")
    names: dict[str, Any] = {}
    for example in examples(PIPELINES):
        run(example, names, PIPELINES, address_of(there))
    said = capsys.readouterr().out
    assert "{'/hello': b'HELLO'}" in said
    assert "enable_stats needs Pachyderm 1.5.1 to 1.13" in said
    assert "update upper (description: None -> 'louder')" in said


@pytest.mark.parametrize("version", ["1.13.4", "2.11.6"])
def test_a_pipeline_on_a_laptop(version: str, servers: Servers, capsys: pytest.CaptureFixture[str]) -> None:
    there = servers(version, "--run-pipelines", of="README")
    run(*examples(README, LAPTOP), {}, README, address_of(there))
    assert capsys.readouterr().out == "/hello 2\n/rain 2\n"


def test_the_start_page(here: Here, client: PfsClient) -> None:
    page = DOCS / "index.md"
    (example,) = examples(page, "From Python")
    shown: list[tuple[Any, ...]] = []
    for _ in ("first run", "second run"):
        run(example, {"print": lambda *values: shown.append(values)}, page, here)
    assert shown == 2 * [({"/today": b"rain"},)]
    assert client.get_files("notes@master^", "/today") == {"/today": b"rain"}


@pytest.mark.airflow
def test_the_first_dag(
    here: Here, client: PfsClient, server: DevServer, airflow_runs: AirflowRuns, tmp_path: Path
) -> None:
    (example,) = examples(DOCS / "index.md", "From a DAG")
    if find_spec("airflow.sdk") is None:
        (other,) = re.findall("# on Airflow 2.11: (.*)", example)
        example = example.replace("from airflow.sdk import dag", other)
    file = tmp_path / "ingest.py"
    file.write_text(example.replace("local/folder", str(tmp_path / "local" / "folder")))
    connection = f'{{"conn_type": "pachyderm", "host": "{server.host}", "port": {server.port}}}'
    done = airflow_runs.run(file, "ingest", {}, connection)
    assert done, done
    assert client.get_files("photos@master", "/raw") == {"/raw/file": b"from a folder"}


def test_a_server_in_a_loop() -> None:
    page = DOCS / "reference" / "dev-server.md"
    shown: list[str] = []
    for example in examples(page):
        run(example, {"print": shown.append}, page)
    assert [address.rpartition(":")[0] for address in shown] == ["127.0.0.1"]


@pytest.mark.usefixtures("here")
def test_coming_from_pypachy() -> None:
    page = DOCS / "coming-from-pypachy.md"
    shown: list[tuple[Any, ...]] = []
    with Website() as website:
        address = website.add("/icon.png", b"\x89PNG")
        names: dict[str, Any] = {"print": lambda *values: shown.append(values)}
        for example in examples(page):
            run(example, names, page, lambda text: text.replace("http://localhost/icon.png", address))
    assert ["/dir_a/data", "/dir_c/data", "/log", "/parts"] in [values[0] for values in shown]
    names["client"].close()


def test_readme(here: Here) -> None:
    shown: list[tuple[Any, ...]] = []

    def show(*values: Any) -> None:
        shown.append(values)
        if len(values) > 1:
            raise Shown

    for example in examples(README, "The client"):
        assert here(example) != example
        with pytest.raises(Shown):
            run(example, {"print": show}, README, here)
    contents, (commit, state) = shown
    assert contents == ({"/dir_a/data": b"NEW", "/dir_b/file": b"from a folder"},)
    assert (commit.repo.name, commit.branch, state.value) == ("test", "master", "finished")
