"""Functions with the commits that they read and write as arguments."""

from __future__ import annotations

import sys

from airflow.providers.common.compat.sdk import DAG, AirflowSkipException, BaseOperator, task

from airflow_provider_pachyderm.client import Commit
from airflow_provider_pachyderm.decorators.pachyderm import CommitToRead, CommitToWrite, pachyderm_task
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator

REPO = "{{ params.repo }}"
# Airflow 3.2 and later
ASYNC = hasattr(sys.modules[BaseOperator.__module__], "BaseAsyncOperator")

with DAG(dag_id="commits_of_functions", schedule=None, params={"repo": ""}, default_args={"retries": 2}):
    put = PachydermPutFileOperator(task_id="put", repo=REPO, branch="in", path="/a", content="A")

    @task.pachyderm(reads={"source": None}, writes={"upper": f"{REPO}@upper", "lower": f"{REPO}@lower"}, retries=0)
    def both(size: int, source: CommitToRead, upper: CommitToWrite, lower: CommitToWrite, run_id=None) -> None:
        """Change the case of a file."""
        text = source.client.get_files(source, "/a")["/a"].decode()
        upper.client.put_file_bytes(upper, "/a", (text.upper() * size).encode())
        lower.path("/a").write_text(text.lower() * size)
        print("This run is", run_id)

    made = both(source=put.output, size=2)

    @pachyderm_task(reads={"one": None, "other": None})
    def compare(one: CommitToRead, other: CommitToRead) -> dict[str, object]:
        found = [commit.path("/a").read_text() for commit in (one, other)]
        return {"found": found, "commit": one, "commits": [other, one.commit], "info": one.info}

    compared = compare(one=made["upper"], other=made["lower"])

    @task
    def check(compared: dict, upper: str, both: dict, repo: str) -> None:
        assert compared["found"] == ["AA", "aa"], compared
        assert compared["commit"] == upper == both["upper"], compared
        assert compared["commits"] == [both["lower"], upper], compared
        assert compared["info"]["commit"] == upper, compared
        with PachydermHook().read(upper) as commit:
            assert isinstance(commit.commit, Commit)
            assert commit.path("/a").read_text() == "AA"
        with PachydermHook().write(f"{repo}@checked") as checked:
            checked.path("/commit").write_text(str(commit))

    check(compared, made["upper"], made, REPO)

    @task.pachyderm(writes={"out": f"{REPO}@skipped"})
    def skipped(out: CommitToWrite):
        out.client.put_file_bytes(out, "/a", b"not kept")
        raise AirflowSkipException("Nothing to do")

    skipped()

    if ASYNC:

        @task.pachyderm(writes={"out": f"{REPO}@asynchronous"})
        async def asynchronous(out: CommitToWrite):
            async with PachydermHook().async_client() as client:
                await client.put_file_bytes(out, "/a", b"A")

        asynchronous()

    @task.pachyderm(reads={"number": None}, writes={"all": f"{REPO}@mapped"})
    def mapped(number: CommitToRead, all: CommitToWrite, name: str):
        if not name:
            raise ValueError("no name")
        all.client.put_file_bytes(all, f"/{name}", number.client.get_files(number, "/a")["/a"])
        return all

    mapped.partial(name="same").expand(number=[f"{REPO}@upper", f"{REPO}@lower"]).operator.set_upstream(made.operator)
