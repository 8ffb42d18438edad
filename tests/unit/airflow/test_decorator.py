"""What ``@task.pachyderm`` makes of a function and its declared commits when a DAG is parsed."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG, task

from airflow_provider_pachyderm.client import Branch, Commit, CommitInfo, CommitState, Repo
from airflow_provider_pachyderm.decorators._task import _plain
from airflow_provider_pachyderm.decorators.pachyderm import pachyderm_task

READS = {"source": "images@master"}
WRITES = {"out": "sizes@{{ ds_nodash }}"}


def made(function: Any, *args: Any, **kwargs: Any) -> Any:
    with DAG("made", schedule=None):
        return function(*args, **kwargs).operator


def test_a_function_is_called_with_its_other_arguments() -> None:
    @pachyderm_task(reads=READS, writes=WRITES, retries=2, description="about it")
    def measure(source: Any, out: Any, unit: str, *, digits: int = 1, ti: Any = None) -> int:
        return digits

    operator = made(measure, unit="px", digits=2)
    assert (operator.task_id, operator.retries, operator.description) == ("measure", 2, "about it")
    assert (operator.reads, operator.writes) == (READS, WRITES)
    assert (list(operator.op_args), operator.op_kwargs) == ([], {"unit": "px", "digits": 2})


def test_a_call_may_give_other_commits() -> None:
    @task.pachyderm(reads={"source": "images@master", "other": None}, writes=WRITES)
    def measure(source: Any, other: Any, out: Any, unit: str = "px") -> None:
        """Measure."""

    operator = made(measure, "images@staging", other="more@master", out="sizes@test", unit="cm")
    assert operator.reads == {"source": "images@staging", "other": "more@master"}
    assert operator.writes == {"out": "sizes@test"}
    assert operator.op_kwargs == {"unit": "cm"}


def test_commits_of_other_tasks_are_upstream() -> None:
    @pachyderm_task(writes=WRITES)
    def first(out: Any) -> None:
        """Write."""

    @pachyderm_task(reads={"source": None})
    def second(source: Any) -> None:
        """Read."""

    with DAG("chained", schedule=None):
        written = first()

        @pachyderm_task(reads={"source": written})
        def third(source: Any, number: int) -> None:
            """Read, too."""

        assert second(source=written).operator.upstream_task_ids == {"first"}
        assert third.override(task_id="again")(number=1).operator.upstream_task_ids == {"first"}
        assert third.override(task_id="mapped").expand(number=[1, 2]).operator.upstream_task_ids == {"first"}
        assert second.override(task_id="each").expand(source=[written, "a@b"]).operator.upstream_task_ids == {"first"}


def missing(out: Any) -> None:
    """Take another commit than is declared."""


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"reads": READS}, ValueError, "'missing' has no parameter 'source'"),
        ({"reads": {"out": "a@b"}, "writes": {"out": "a@b"}}, ValueError, "one or the other"),
        ({"writes": "sizes@master"}, TypeError, "writes names the parameter of each commit"),
        ({"writes": {"out": "a@b"}, "open_commit": "kill"}, ValueError, "open_commit is one of"),
        ({}, TypeError, "out"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        made(pachyderm_task(**arguments)(missing))


def test_a_function_may_take_any_commit() -> None:
    @pachyderm_task(reads=READS)
    def measure(**commits: Any) -> None:
        """Measure."""

    assert made(measure).reads == READS


def test_commits_in_what_is_returned_are_references() -> None:
    commit = Commit(Repo("images", "default"), "master", "0" * 32)
    info = CommitInfo(commit, CommitState.FINISHED)
    reference = str(commit)
    assert _plain(commit) == reference
    assert _plain({"a": [commit, (commit, 1)], "b": Branch(commit.repo, "master")}) == {
        "a": [reference, (reference, 1)],
        "b": "default/images@master",
    }
    assert _plain(info)["commit"] == reference
    assert _plain({"x": {1, 2}}) == {"x": {1, 2}}
