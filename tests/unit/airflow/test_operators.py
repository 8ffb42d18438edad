"""Arguments of operators and sensors: refused before anything connects; identity of a try."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm._compat import run_start
from airflow_provider_pachyderm.client import Commit, CommitInfo, CommitState, Repo
from airflow_provider_pachyderm.operators import pachyderm as operators
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCopyFileOperator,
    PachydermCreateBranchOperator,
    PachydermCreatePipelineOperator,
    PachydermCreateProjectOperator,
    PachydermCreateRepoOperator,
    PachydermDeleteBranchOperator,
    PachydermDeleteFileOperator,
    PachydermDeletePipelineOperator,
    PachydermDeleteProjectOperator,
    PachydermDeleteRepoOperator,
    PachydermDiffFilesOperator,
    PachydermDropCommitOperator,
    PachydermFinishCommitOperator,
    PachydermGetFilesOperator,
    PachydermGlobFilesOperator,
    PachydermListFilesOperator,
    PachydermPutFileOperator,
    PachydermPutFileUrlOperator,
    PachydermRerunPipelineOperator,
    PachydermRestartDatumOperator,
    PachydermRunCronOperator,
    PachydermStartCommitOperator,
    PachydermStartPipelineOperator,
    PachydermStopPipelineOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import (
    PachydermCommitSensor,
    PachydermCommitSetSensor,
    PachydermFileSensor,
    PachydermJobSensor,
)
from airflow_provider_pachyderm.tasks.identity import Marker
from tests.support.airflow_task import context_of

REQUIRED: dict[Any, dict[str, Any]] = {
    PachydermCopyFileOperator: {"repo": "r", "path": "/p", "source_commit": "s@a", "source_path": "/s"},
    PachydermCreateBranchOperator: {"repo": "r", "branch": "b"},
    PachydermCreatePipelineOperator: {"specs": "pipelines/"},
    PachydermCreateProjectOperator: {"project": "p"},
    PachydermCreateRepoOperator: {"repo": "r"},
    PachydermDeleteBranchOperator: {"repo": "r", "branch": "b"},
    PachydermDeleteFileOperator: {"repo": "r", "path": "/p"},
    PachydermDeletePipelineOperator: {"pipeline": "p"},
    PachydermDeleteProjectOperator: {"project": "p"},
    PachydermDeleteRepoOperator: {"repo": "r"},
    PachydermDiffFilesOperator: {"repo": "r"},
    PachydermDropCommitOperator: {"commit": "r@c"},
    PachydermFinishCommitOperator: {"commit": "r@c"},
    PachydermGetFilesOperator: {"repo": "r", "destination": "d"},
    PachydermGlobFilesOperator: {"repo": "r", "pattern": "*"},
    PachydermListFilesOperator: {"repo": "r"},
    PachydermPutFileOperator: {"repo": "r", "path": "/p"},
    PachydermPutFileUrlOperator: {"repo": "r", "path": "/p", "url": "http://u"},
    PachydermRerunPipelineOperator: {"pipeline": "p"},
    PachydermRestartDatumOperator: {"job": "p@1"},
    PachydermRunCronOperator: {"pipeline": "p"},
    PachydermStartCommitOperator: {"repo": "r"},
    PachydermStartPipelineOperator: {"pipeline": "p"},
    PachydermStopPipelineOperator: {"pipeline": "p"},
    PachydermCommitSensor: {"repo": "r"},
    PachydermCommitSetSensor: {"commit": "r@c"},
    PachydermFileSensor: {"repo": "r"},
    PachydermJobSensor: {"commit": "r@c"},
}
OPERATORS = list(REQUIRED)


def test_the_public_face_is_complete() -> None:
    public = {getattr(operators, name) for name in operators.__all__}
    sensors = {PachydermCommitSensor, PachydermCommitSetSensor, PachydermFileSensor, PachydermJobSensor}
    assert public == set(OPERATORS) - sensors


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_template_field_is_an_attribute(operator: Any) -> None:
    task = operator(task_id="t", **REQUIRED[operator])
    assert all(hasattr(task, field) for field in operator.template_fields)
    assert set(operator.template_fields_renderers) <= set(operator.template_fields)
    assert {"project", *REQUIRED[operator]} <= set(operator.template_fields)


@pytest.mark.parametrize(
    ("operator", "arguments", "message"),
    [
        (PachydermPutFileOperator, {"repo": "r"}, "Give either content or source"),
        (PachydermPutFileOperator, {"repo": "r", "content": "", "source": "x"}, "Give either content or source"),
        (PachydermPutFileOperator, {"content": "x"}, "Give the repo, or a commit"),
        (PachydermPutFileOperator, {"content": "x", "commit": "r@a", "branch": "b"}, "not both: 'r@a' and 'b'"),
        (PachydermPutFileUrlOperator, {"repo": "r", "url": ""}, "The URL is empty"),
        (PachydermPutFileUrlOperator, {"url": "http://u", "commit": "r@a", "branch": "b"}, "not both"),
        (PachydermGetFilesOperator, {"destination": "d"}, "Give the repo, or a commit"),
        (PachydermGetFilesOperator, {"destination": "d", "commit": "r@a", "branch": "b"}, "not both"),
        (PachydermGetFilesOperator, {"destination": "d", "repo": "r", "commit": "other@a"}, "not of repo 'r'"),
        (PachydermGetFilesOperator, {"destination": "d", "repo": "r", "path": "/a", "pattern": "*"}, "path or pattern"),
        (PachydermListFilesOperator, {}, "Give the repo, or a commit"),
        (PachydermGlobFilesOperator, {"pattern": "*", "commit": "r@a", "branch": "b"}, "not both"),
        (PachydermDeleteFileOperator, {"path": "/p"}, "Give the repo, or a commit"),
        (PachydermFinishCommitOperator, {"commit": "r@master"}, "names a branch"),
        (PachydermDropCommitOperator, {"commit": "r@master"}, "names a branch"),
        (PachydermCommitSensor, {}, "Give the repo, or a commit"),
        (PachydermCommitSensor, {"repo": "r", "from_commit": "nonsense"}, "'nonsense' does not name a commit"),
        (PachydermCommitSensor, {"commit": "r@a", "branch": "b"}, "not both"),
        (PachydermFileSensor, {"repo": "r"}, "either path or pattern"),
        (PachydermFileSensor, {"repo": "r", "path": "/a", "pattern": "*"}, "either path or pattern"),
        (PachydermCommitSensor, {"repo": "r", "after": "yesterday"}, "yesterday"),
    ],
)
def test_arguments_that_make_no_sense(operator: Any, arguments: dict[str, Any], message: str) -> None:
    if "path" in REQUIRED[operator]:
        arguments = {"path": "/p", **arguments}
    task = operator(task_id="t", **arguments)  # templates may still make sense of them
    with pytest.raises(ValueError, match=message):
        task.execute(context_of(task))


def test_choices_are_checked_when_the_dag_is_parsed() -> None:
    with pytest.raises(ValueError, match=r"if_exists .* 'replace'"):
        PachydermCreateRepoOperator(task_id="t", repo="r", if_exists="replace")
    with pytest.raises(ValueError, match=r"if_exists .* 'replace'"):
        PachydermCreateBranchOperator(task_id="t", repo="r", branch="b", if_exists="replace")
    for operator in (
        PachydermDeleteBranchOperator,
        PachydermDeletePipelineOperator,
        PachydermDeleteRepoOperator,
        PachydermDropCommitOperator,
        PachydermRestartDatumOperator,
    ):
        with pytest.raises(ValueError, match=r"if_missing .* 'ignore'"):
            operator(task_id="t", **REQUIRED[operator], if_missing="ignore")
    for operator in (PachydermFinishCommitOperator, PachydermPutFileOperator):
        with pytest.raises(ValueError, match=r"wait_for .* 'started'"):
            operator(task_id="t", **REQUIRED[operator], wait_for="started")
    with pytest.raises(ValueError, match=r"kind .* 'link'"):
        PachydermListFilesOperator(task_id="t", kind="link")
    with pytest.raises(ValueError, match=r"changes .* 'moved'"):
        PachydermDiffFilesOperator(task_id="t", changes=["added", "moved"])
    with pytest.raises(ValueError, match=r"on_failed .* 'ignore'"):
        PachydermCommitSensor(task_id="t", repo="r", on_failed="ignore")


def marker(retries: int = 3, **arguments: Any) -> Marker:
    task = PachydermPutFileOperator(task_id="t", path="/p", retries=retries)
    return Marker.of(context_of(task, **arguments))


def described(description: str) -> CommitInfo:
    return CommitInfo(Commit(Repo("r"), id="f" * 32), CommitState.OPEN, description=description)


def test_a_retry_knows_the_commit_of_an_earlier_try() -> None:
    first, second = marker(), marker(try_number=2)
    assert (first.first_try, second.first_try) == (True, False)
    commit = described(first.sign("about it"))
    assert commit.description.startswith("about it\n")
    assert second.is_generation_of(commit)


def test_a_cleared_task_starts_over_but_knows_what_it_left_open() -> None:
    commit = described(marker().sign(None))
    cleared = marker(try_number=3, cleared=2)
    assert cleared.first_try
    assert not cleared.is_generation_of(commit)
    assert cleared.is_task_of(commit)
    assert not marker(try_number=4, cleared=2).first_try


@pytest.mark.parametrize("description", ["", "about it", marker(run="run-2").sign("x"), f"quoted: {marker().sign('')}"])
def test_other_commits_are_not_ours(description: str) -> None:
    assert not marker().is_task_of(described(description))
    assert not marker().is_generation_of(described(description))


def test_generations_are_not_prefixes_of_each_other() -> None:
    assert not marker(cleared=1).is_generation_of(described(marker(cleared=11).sign(None)))


def test_search_goes_back_to_the_start_of_the_run() -> None:
    due = datetime(2026, 1, 1, tzinfo=timezone.utc)
    since = marker(due=due).since
    assert since is not None
    assert timedelta() < due - since < timedelta(days=1)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({"run_after": "run after", "run_type": "scheduled", "data_interval_end": "interval end"}, "run after"),
        ({"run_type": "scheduled", "data_interval_end": "interval end", "logical_date": "logical"}, "interval end"),
        ({"run_type": "backfill", "data_interval_end": "interval end", "logical_date": "logical"}, "interval end"),
        ({"run_type": "manual", "data_interval_end": "interval end", "logical_date": "logical"}, "logical"),
        ({"run_type": "dataset_triggered", "data_interval_end": "end", "logical_date": "logical"}, "logical"),
    ],
    ids=["airflow-3", "scheduled", "backfill", "manual", "dataset"],
)
def test_a_run_starts_when_it_was_due(run: dict[str, str], expected: str) -> None:
    context: Any = {"dag_run": SimpleNamespace(**run)}
    assert run_start(context) == expected


def test_default_args_reach_every_operator() -> None:
    with DAG("d", schedule=None, default_args={"repo": "r", "project": "p", "pachyderm_conn_id": "c"}):
        for operator in OPERATORS:
            arguments = {key: value for key, value in REQUIRED[operator].items() if key != "repo"}
            task = operator(task_id=operator.__name__, **arguments)
            assert (task.project, task.pachyderm_conn_id) == ("p", "c")
            assert getattr(task, "repo", "r") == "r"


def test_operators_map() -> None:
    with DAG("d", schedule=None) as dag:
        PachydermPutFileOperator.partial(task_id="put", repo="r", path="/p").expand(content=["one", "two"])
        PachydermGetFilesOperator.partial(task_id="get", destination="d").expand(commit=["r@one", "r@two"])
        PachydermCommitSensor.partial(task_id="wait", deferrable=True).expand(repo=["one", "two"])
    assert set(dag.task_dict) == {"put", "get", "wait"}


def test_the_commit_of_one_task_is_the_commit_of_the_next() -> None:
    with DAG("d", schedule=None):
        put = PachydermPutFileOperator(task_id="put", repo="r", path="/p", content="x")
        get = PachydermGetFilesOperator(task_id="get", commit=put.output, destination="d")
    assert get.upstream_task_ids == {"put"}
