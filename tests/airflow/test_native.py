"""Native rendering keeps text text, and a task that goes well logs no error."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator
from tests.support.airflow_runs import AirflowRuns
from tests.support.airflow_task import run

DAG = Path(__file__).parent / "dags" / "native_fields.py"


def test_text_stays_text(client: PfsClient, repo: str, connection: str, airflow_runs: AirflowRuns) -> None:
    ended = airflow_runs.run(DAG, "native_fields", {"repo": repo, "branch": "20260102"}, connection)
    assert ended, ended.log
    commits = [info for info in client.list_commit(repo, to_commit="20260102") if info.description]
    first = commits[-1]
    assert first.description.splitlines()[0] == "0"
    assert client.get_files(first.commit, "/7") == {"/7": b'{"a": 1, "b": [1e5, 007]}'}
    contents = {client.get_files(info.commit, "/1/2")["/1/2"] for info in commits[1:4]}
    assert contents == {b"1000", b"[1, 2]", b"0"}
    assert [info.type.value for info in client.list_file((repo, "20260102"), "/")] == ["dir"]
    assert "ERROR" not in ended.log
    assert "XCom not found" not in ended.log


@pytest.mark.parametrize("content", [{"a": 1}, 7, ["a"]])
def test_content_that_is_no_text_is_named(connection: str, content: object) -> None:
    task = PachydermPutFileOperator(task_id="put", repo="r", path="/a", content=content)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=f"not {type(content).__name__} as returned by another task"):
        run(task)
