"""The fixtures for pipelines, in tests as users write them."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import Commit, JobFailed, PfsClient
from airflow_provider_pachyderm.testing.pipelines import DatumWork, Pipelines


def _pipeline(client: PfsClient, name: str = "upper", repo: str = "words", cmd: str = "exit 1") -> None:
    client.pps.create_pipeline(
        {
            "pipeline": {"name": name},
            "transform": {"cmd": ["sh"], "stdin": [cmd]},
            "input": {"pfs": {"repo": repo, "glob": "/*"}},
        }
    )


def _commit(client: PfsClient, **files: bytes) -> Commit:
    with client.commit("words", "master") as commit:
        for name, content in files.items():
            client.put_file_bytes(commit, f"/{name}", content)
    return commit


def test_a_function_does_the_work(pachyderm_client: PfsClient, pachyderm_pipelines: Pipelines) -> None:
    def upper(work: DatumWork) -> None:
        for file in (work.pfs / "words").iterdir():
            (work.out / file.name).write_bytes(file.read_bytes().upper())
            work.log(f"did {file.name}")

    pachyderm_pipelines.run(upper)
    pachyderm_client.create_repo("words")
    _pipeline(pachyderm_client)
    commit = _commit(pachyderm_client, a=b"one", b=b"two")
    job = pachyderm_client.pps.wait_job(f"upper@{commit.id}", timeout=60)
    assert job.data_processed == 2
    assert pachyderm_client.get_files("upper/master", "/") == {"/a": b"ONE", "/b": b"TWO"}
    lines = [line.message for line in pachyderm_client.pps.get_logs("upper") if line.user]
    assert sorted(lines) == ["did a", "did b"]


def test_a_function_that_raises_fails_the_datum(pachyderm_client: PfsClient, pachyderm_pipelines: Pipelines) -> None:
    def bad(work: DatumWork) -> None:
        raise ValueError(f"no {work.pipeline}")

    pachyderm_pipelines.run(bad)
    pachyderm_client.create_repo("words")
    _pipeline(pachyderm_client)
    commit = _commit(pachyderm_client, a=b"one")
    with pytest.raises(JobFailed, match="ValueError: no upper"):
        pachyderm_client.pps.wait_job(f"upper@{commit.id}", timeout=60)


def test_jobs_wait_until_it_is_said_how_they_end(pachyderm_client: PfsClient, pachyderm_pipelines: Pipelines) -> None:
    pps = pachyderm_client.pps
    pachyderm_client.create_repo("words")
    _pipeline(pachyderm_client)
    _pipeline(pachyderm_client, "next", "upper")
    commit = _commit(pachyderm_client, a=b"one", b=b"two")
    assert not pps.inspect_job(f"upper@{commit.id}").state.done
    (failing,) = pps.list_datum_of_input({"pfs": {"repo": "words", "glob": "/a"}})
    pachyderm_pipelines.fail(f"upper@{commit.id}", failing, reason="out of words", log=["reading", "counting"])
    with pytest.raises(JobFailed, match="out of words"):
        pps.wait_job(f"upper@{commit.id}", timeout=60)
    job = pps.inspect_job(f"upper@{commit.id}")
    assert (job.data_failed, job.data_processed) == (1, 1)
    again = _commit(pachyderm_client, c=b"three")
    pachyderm_pipelines.finish(f"upper@{again.id}")
    pachyderm_pipelines.finish(pps.inspect_job(f"next@{again.id}"))
    assert pps.wait_job(f"next@{again.id}", timeout=60).state.done


def test_commands_really_run(pachyderm_client: PfsClient, pachyderm_worker: None) -> None:
    pachyderm_client.create_repo("words")
    _pipeline(pachyderm_client, cmd='tr a-z A-Z < "$words" > "${PACH_PFS:-/pfs}/out/$(basename "$words")"')
    commit = _commit(pachyderm_client, a=b"one")
    pachyderm_client.pps.wait_job(f"upper@{commit.id}", timeout=60)
    assert pachyderm_client.get_files("upper/master", "/") == {"/a": b"ONE"}
