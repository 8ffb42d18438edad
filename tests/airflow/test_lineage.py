"""What tasks tell Airflow's hook lineage: what they read and what they wrote, as assets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat import sdk

from airflow_provider_pachyderm._compat import get_hook_lineage_collector
from airflow_provider_pachyderm.client import PfsClient, parse_commit
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCopyFileOperator,
    PachydermGetFilesOperator,
    PachydermGlobFilesOperator,
    PachydermPutFileOperator,
    PachydermPutFileUrlOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor, PachydermFileSensor
from airflow_provider_pachyderm.tasks.lineage import report_output
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.airflow_task import run
from tests.support.web import Website

try:
    from airflow.sdk.lineage import HookLineageCollector
except ImportError:  # Airflow 2
    from airflow.lineage.hook import HookLineageCollector  # type: ignore[no-redef]


class Lineage:
    """Airflow's own collector, as it is when something reads it."""

    def __init__(self) -> None:
        self.collector = HookLineageCollector()

    @property
    def inputs(self) -> set[str]:
        return self._uris("inputs")

    @property
    def outputs(self) -> set[str]:
        return self._uris("outputs")

    def _uris(self, kind: str) -> set[str]:
        collected = self.collector.collected_assets
        return {each.asset.uri for each in getattr(collected, kind)}


@pytest.fixture
def lineage(monkeypatch: pytest.MonkeyPatch) -> Lineage:
    lineage = Lineage()
    monkeypatch.setattr(sdk, "get_hook_lineage_collector", lambda: lineage.collector, raising=False)
    # which has it collect assets on Airflow 2, too
    get_hook_lineage_collector()
    return lineage


@pytest.fixture
def place(server: DevServer, repo: str) -> str:
    return f"pachyderm://{server.host}:{server.port}/default/{repo}/master"


def test_a_file_that_is_put(client: PfsClient, repo: str, lineage: Lineage, place: str, tmp_path: Path) -> None:
    source = tmp_path / "a b.csv"
    source.write_bytes(b"1")
    run(PachydermPutFileOperator(task_id="put", repo=repo, path="/in/a b.csv", source=str(source)))
    assert lineage.outputs == {f"{place}/in/a%20b.csv"}
    assert lineage.inputs == {source.as_uri()}


def test_what_a_block_reads_and_writes(client: PfsClient, repo: str, lineage: Lineage, place: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"A")
    hook = PachydermHook()
    with hook.read(f"{repo}@master") as read, hook.write(f"{repo}@copy") as written:
        client.copy_file(read, "/a", written, "/a")
        assert (lineage.inputs, lineage.outputs) == ({place}, set())
    assert (lineage.inputs, lineage.outputs) == ({place}, {place.replace("/master", "/copy")})
    with pytest.raises(ZeroDivisionError), hook.write(f"{repo}@other"):
        print(1 // 0)
    assert lineage.outputs == {place.replace("/master", "/copy")}


def test_a_page_that_is_put(client: PfsClient, repo: str, lineage: Lineage, place: str, website: Website) -> None:
    url = website.add("/page", b"content")
    run(PachydermPutFileUrlOperator(task_id="put", repo=repo, path="/page", url=url))
    assert (lineage.inputs, lineage.outputs) == ({url}, {f"{place}/page"})


def test_a_copy_has_both_ends_in_pachyderm(client: PfsClient, repo: str, lineage: Lineage, place: str) -> None:
    client.create_repo(f"{repo}-from")
    with client.commit(f"{repo}-from", "master") as commit:
        client.put_file_bytes(commit, "/a", b"A")
    run(PachydermCopyFileOperator(
        task_id="copy", source_commit=f"{repo}-from@master", source_path="/a", repo=repo, path="/b"
    ))  # fmt: skip
    assert lineage.inputs == {place.replace(repo, f"{repo}-from") + "/a"}
    assert lineage.outputs == {f"{place}/b"}


def test_what_is_read(client: PfsClient, repo: str, lineage: Lineage, place: str, tmp_path: Path) -> None:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/dir/a", b"A")
    run(PachydermGlobFilesOperator(task_id="glob", repo=repo, pattern="/dir/*"))
    assert lineage.inputs == {place}
    run(PachydermGetFilesOperator(task_id="get", repo=repo, path="/dir", destination=str(tmp_path / "here")))
    assert lineage.inputs == {place, f"{place}/dir"}
    assert lineage.outputs == {(tmp_path / "here").as_uri()}


def test_what_is_waited_for(client: PfsClient, repo: str, lineage: Lineage, place: str) -> None:
    run(PachydermPutFileOperator(task_id="put", repo=repo, path="/a", content="A"))
    run(PachydermFileSensor(task_id="file", repo=repo, path="/a"))
    assert lineage.inputs == {f"{place}/a"}
    run(PachydermCommitSensor(task_id="commit", repo=repo))
    assert lineage.inputs == {f"{place}/a", place}


@pytest.mark.parametrize(
    ("host", "commit"),
    [("unix:/run/pachd.sock", "repo@master"), ("pachd", "repo@master^"), ("pachd", f"repo@{'a' * 32}")],
)
def test_what_has_no_uri_is_left_out(
    monkeypatch: pytest.MonkeyPatch, lineage: Lineage, host: str, commit: str
) -> None:  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_PLACE", json.dumps({"conn_type": "pachyderm", "host": host}))
    report_output(PachydermHook("place"), parse_commit(commit), ["/a"])
    assert lineage.outputs == set()


def test_nobody_reads_it_by_default(client: PfsClient, repo: str) -> None:
    collector: Any = sdk.get_hook_lineage_collector()
    run(PachydermPutFileOperator(task_id="put", repo=repo, path="/a", content="A"))
    assert not collector.has_collected
