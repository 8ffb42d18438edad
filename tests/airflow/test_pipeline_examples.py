"""The example DAGs about pipelines, run as Airflow runs them, on servers that run the commands of pipelines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from tests.conftest import Servers
from tests.support.airflow_home import EXAMPLE_DAGS
from tests.support.airflow_runs import AirflowRuns, Run

pytestmark = pytest.mark.airflow
RunExample = Callable[..., Run]
NEW = ("texts", "rows", "rejected_rows")


@pytest.fixture(scope="session", params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def server(request: pytest.FixtureRequest, servers: Servers) -> DevServer:
    """A server that runs the commands of pipelines."""
    return servers(request.param, "--run-pipelines")


@pytest.fixture
def run_example(airflow_runs: AirflowRuns, connection: str, client: PfsClient) -> Iterator[RunExample]:
    def run(dag: str, **conf: Any) -> Run:
        return airflow_runs.run(EXAMPLE_DAGS / f"{dag}.py", dag, conf, connection)

    yield run
    for name in ("total_words", "count_words", "nightly_report", "check_rows", "copies_again", "copies"):
        if client.pps.pipeline_exists(name):
            client.pps.delete_pipeline(name)
    for name in NEW:
        if client.repo_exists(name):
            client.delete_repo(name)


def test_pipelines(run_example: RunExample, client: PfsClient, tmp_path: Path) -> None:
    source, destination = tmp_path / "source", tmp_path / "words"
    source.mkdir()
    (source / "a.txt").write_text("three short words\n")
    (source / "b.txt").write_text("and two\n")
    conf = {"source": str(source), "destination": str(destination)}
    run = run_example("pachyderm_pipelines", **conf)
    assert run, run
    assert run.tasks["pipelines.count_words"] == run.tasks["pipelines.total_words"] == ["success"]
    assert (destination / "total").read_text() == "5\n"
    run = run_example("pachyderm_pipelines", **conf)
    assert run, run
    assert run.tasks["pipelines.count_words"] == run.tasks["pipelines.total_words"] == ["skipped"]
    assert run.tasks["get"] == ["success"]
    assert client.pps.inspect_pipeline("count_words").version == 1


def test_deploy(run_example: RunExample, client: PfsClient, repo: str, tmp_path: Path) -> None:
    text = 'pipeline: {{name: {}}}\ntransform: {{cmd: [sh, -c, "cp /pfs/in/* /pfs/out"]}}\n'
    text += 'input: {{pfs: {{name: in, repo: {}, glob: "/*"}}}}\n'
    (tmp_path / "one.yaml").write_text(text.format("copies_again", "copies"))
    (tmp_path / "two.yaml").write_text(text.format("copies", repo))
    for _ in range(2):
        run = run_example("pachyderm_deploy", specs=str(tmp_path))
        assert run, run
    assert [client.pps.inspect_pipeline(name).version for name in ("copies", "copies_again")] == [1, 1]
    (tmp_path / "one.yaml").write_text("pipeline: {name: copies_again}\ninput: {pfs: {repo: copies}}\n")
    run = run_example("pachyderm_deploy", specs=str(tmp_path))
    assert not run, run
    assert client.pps.inspect_pipeline("copies_again").version == 1


def test_nightly(run_example: RunExample, tmp_path: Path) -> None:
    run = run_example("pachyderm_nightly", destination=str(tmp_path / "report"))
    assert run, run
    assert (tmp_path / "report" / "report").read_text()[:2] == "20"


def test_a_failed_datum(run_example: RunExample, client: PfsClient, tmp_path: Path) -> None:
    if client.version().major < 2:
        pytest.skip("1.x servers do not say which datums failed")
    (tmp_path / "good.csv").write_text("a,1\n")
    (tmp_path / "bad.csv").write_text("no comma\n")
    run = run_example("pachyderm_failed_datum", source=str(tmp_path))
    assert run.tasks["job"] == ["failed"], run
    assert run.tasks["job_of_rest"] == ["success"], run
    assert "failed datums (1 in all)" in run.log
    assert client.get_files("rejected_rows@master", "/") == {"/bad.csv": b"no comma\n"}
    assert client.get_files("check_rows@master", "/") == {"/good.csv": b"a,1\n"}
