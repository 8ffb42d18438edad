"""``@task.pachyderm_worker``: output commits that Airflow's tasks fill, one each, through failures and kills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_pachyderm._compat import AirflowSensorTimeout, AirflowSkipException
from airflow_provider_pachyderm.client import (
    CommitFailed,
    CommitInfo,
    CommitState,
    Conflict,
    PfsClient,
    Version,
)
from airflow_provider_pachyderm.decorators._worker import _PachydermWorkerTask
from tests.support.airflow_task import context_of


def upper(source: Any, output: Any) -> None:
    for info in source.client.walk_file(source, "/"):
        if info.type.value == "file":
            content = source.client.get_files(source, info.path)[info.path]
            output.client.put_file_bytes(output, info.path, content.upper())


def worker(repo: str, out: str, function: Callable[..., Any] = upper, **arguments: Any) -> Any:
    options = {"task_id": "work", "inputs": {"source": f"{repo}@master"}, "wait_timeout": 0.0, "deferrable": False}
    return _PachydermWorkerTask(python_callable=function, repo=out, **{**options, **arguments})


def run(task: Any, **context: Any) -> str:
    found: str = task.execute(context_of(task, **context))
    return found


def put(client: PfsClient, repo: str, **files: str) -> str:
    with client.commit(repo, "master") as commit:
        for name, content in files.items():
            client.put_file_bytes(commit, f"/{name}", content.encode())
    return str(commit.id)


def of(client: PfsClient, repo: str) -> list[CommitInfo]:
    return list(client.list_commit(repo, branch="master"))


def test_each_run_fills_one_commit_the_oldest_first(client: PfsClient, repo: str) -> None:
    out = f"{repo}-out"
    first = put(client, repo, a="one")
    task = worker(repo, out, description="In capitals")
    done = run(task)
    assert client.get_files(done, "/") == {"/a": b"ONE"}
    assert (client.inspect_commit(done).description.splitlines()[0]) == "In capitals"
    ids = [put(client, repo, b="two"), put(client, repo, b="three", c="four")]
    filled = [run(task, run=f"run-{number}") for number in (2, 3)]
    assert [client.get_files(each, "/") for each in filled] == [
        {"/a": b"ONE", "/b": b"TWO"}, {"/a": b"ONE", "/b": b"THREE", "/c": b"FOUR"},
    ]  # fmt: skip
    assert {info.state for info in of(client, out)} == {CommitState.FINISHED}
    assert len(of(client, out)) == 3
    if client.version() >= Version(2, 0, 0):
        assert [each.rpartition("=")[2] for each in filled] == ids
    assert [branch.branch.name for branch in client.list_branch(out)] == ["master"]
    sources = [[each.id for each in info.provenance if each.repo.name == repo] for info in of(client, out)]
    # the branch was made when the first commit was there: of that, servers of 2.0 to 2.5 make an alias
    aliases = Version(2, 0, 0) <= client.version() < Version(2, 6, 0)
    assert sources[:2] == [[ids[1]], [ids[0]]]
    assert sources[2] == [first] or aliases


def test_a_branch_is_made_before_there_is_data(client: PfsClient, repo: str) -> None:
    out = f"{repo}-out"
    task = worker(repo, out)
    with pytest.raises(AirflowSensorTimeout, match="Timed out waiting for an open commit on"):
        run(task)
    if client.inspect_branch(out, "master").head is not None:
        assert [info.state for info in of(client, out)] == [CommitState.FINISHED]
    open_input = client.start_commit(repo, "master")
    with pytest.raises(AirflowSensorTimeout):
        run(task)  # nothing to do while the input is open
    client.put_file_bytes(open_input, "/a", b"a")
    client.finish_commit(open_input, wait=True)
    assert client.get_files(run(task), "/") == {"/a": b"A"}


def test_several_inputs_come_in_a_list(client: PfsClient, repo: str) -> None:
    more, out = f"{repo}-more", f"{repo}-out"
    client.create_repo(more)
    put(client, repo, a="a")
    put(client, more, b="b")

    def names(inputs: list[Any], output: Any, text: str) -> None:
        found = [info.path for each in inputs for info in each.client.list_file(each, "/")]
        output.client.put_file_bytes(output, "/names", f"{text} {' '.join(found)}".encode())

    arguments = {"inputs": [f"{repo}@master", f"{more}@master"], "op_kwargs": {"text": "have"}}
    assert client.get_files(run(worker(repo, out, names, **arguments)), "/") == {"/names": b"have /a /b"}


def test_a_retry_takes_away_what_the_try_before_wrote(client: PfsClient, repo: str) -> None:
    out = f"{repo}-out"
    put(client, repo, a="a")
    run(worker(repo, out))
    put(client, repo, a="b")
    tries: list[int] = []

    def fails_once(source: Any, output: Any) -> None:
        tries.append(1)
        output.client.put_file_bytes(output, f"/try-{len(tries)}", b"x", append=True)
        output.client.put_file_bytes(output, "/same", b"x", append=True)
        output.client.delete_file(output, "/a")
        if len(tries) == 1:
            raise RuntimeError("not this time")

    task = worker(repo, out, fails_once, retries=1)
    with pytest.raises(RuntimeError):
        run(task, run="run-2")
    assert of(client, out)[0].state is CommitState.OPEN
    done = run(task, run="run-2", try_number=2)
    assert client.get_files(done, "/") == {"/try-2": b"x", "/same": b"x"}
    assert (run(task, run="run-2", try_number=2), len(tries)) == (done, 2)  # its answer was lost
    assert (run(task, run="run-2", try_number=3, cleared=2), len(tries)) == (done, 2)
    assert [branch.branch.name for branch in client.list_branch(out)] == ["master"]


def test_a_last_failure_ends_the_commit_and_those_behind_it(client: PfsClient, repo: str) -> None:
    middle, out = f"{repo}-middle", f"{repo}-out"
    put(client, repo, a="a")

    def fails(source: Any, output: Any) -> None:
        output.client.put_file_bytes(output, "/half", b"x")
        raise RuntimeError("it is wrong")

    first, second = worker(repo, middle, fails, retries=1), worker(middle, out)
    with pytest.raises(RuntimeError):
        run(first)
    assert of(client, middle)[0].state is CommitState.OPEN
    with pytest.raises(AirflowSensorTimeout):
        run(second)  # makes its branch
    with pytest.raises(RuntimeError):
        run(first, try_number=2)
    with pytest.raises(CommitFailed, match="RuntimeError: it is wrong"):
        run(first, try_number=2)
    with pytest.raises(CommitFailed, match="RuntimeError: it is wrong"):
        run(second, run="run-2")
    for name in (middle, out):
        (info,) = of(client, name)
        if client.version() >= Version(2, 0, 0):
            assert info.state is CommitState.FAILED
            assert "it is wrong" in info.error
        else:
            assert client.get_files(info.commit, "/") == {}
            assert info.description.startswith("Failed: ")
            assert "it is wrong" in info.description
        assert [branch.branch.name for branch in client.list_branch(name)] == ["master"]
    put(client, repo, a="b")
    done = run(worker(repo, middle), run="run-3")
    assert client.get_files(run(second, run="run-3"), "/") == client.get_files(done, "/") == {"/a": b"B"}


def test_a_skipped_commit_stays_as_it_was(client: PfsClient, repo: str) -> None:
    out = f"{repo}-out"
    put(client, repo, a="a")
    run(worker(repo, out))
    put(client, repo, a="b")

    def skips(source: Any, output: Any) -> None:
        raise AirflowSkipException("not on Sundays")

    with pytest.raises(AirflowSkipException):
        run(worker(repo, out, skips), run="run-2")
    assert of(client, out)[0].state is CommitState.FINISHED
    assert client.get_files((out, "master"), "/") == {"/a": b"A"}


def test_a_commit_that_nobody_filled_is_ended_by_hand(client: PfsClient, repo: str) -> None:
    out = f"{repo}-out"
    put(client, repo, a="a")
    client.create_repo(out)
    client.create_branch(out, "master", provenance=[f"{repo}@master"])
    put(client, repo, a="b")
    fails = {"error": "nobody filled it"} if client.version() >= Version(2, 0, 0) else {"description": "given up"}
    left = [info for info in client.list_commit(out, branch="master") if info.state is CommitState.OPEN]
    for info in reversed(left[1:]):
        client.finish_commit(info.commit, **fails)
        client.inspect_commit(info.commit, wait=CommitState.FINISHED)
    assert client.get_files(run(worker(repo, out)), "/") == {"/a": b"B"}


def test_another_branch_is_not_taken(client: PfsClient, repo: str) -> None:
    out = f"{repo}-out"
    client.create_repo(out)
    client.start_commit(out, "master")
    with pytest.raises(Conflict, match=f"is not made from .*{repo}@master, but from no other branch"):
        run(worker(repo, out))


def test_servers_that_lose_the_files_are_refused() -> None:
    from airflow_provider_pachyderm.client import Unsupported
    from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature

    for version in ((1, 6, 10), (1, 8, 8), (1, 9, 12)):
        with pytest.raises(Unsupported, match=r"needs Pachyderm 1\.7, 1\.10\.0 or later"):
            Capabilities(Version(*version)).require(Feature.OUTPUT_FROM_OUTSIDE)
    for version in ((1, 7, 14), (1, 10, 5), (1, 13, 4), (2, 0, 8), (2, 11, 6)):
        Capabilities(Version(*version)).require(Feature.OUTPUT_FROM_OUTSIDE)


def test_what_cannot_be_is_refused_when_the_dag_is_parsed() -> None:
    def function(source: Any, output: Any) -> None:
        """Work."""

    for inputs, said in (
        ({}, "inputs names one branch"),
        ("a@master", "inputs names one branch"),
        ({"output": "a@master"}, "gets the commit to write to"),
        ({"other": "a@master"}, "no parameter 'other'"),
        (["a@master"], "no parameter 'inputs'"),
    ):
        with pytest.raises(ValueError, match=said):
            worker("a", "out", function, inputs=inputs)
    with pytest.raises(ValueError, match="gets a commit: a call cannot give it"):
        worker("a", "out", function, op_kwargs={"source": "b@master"})
    assert worker("a", "out", function).max_active_tis_per_dag == 1
