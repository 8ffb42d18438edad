"""Many at a time on one branch: task processes, threads and event loops."""

from __future__ import annotations

import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, OriginKind, PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.task_processes import TaskProcesses

# `CROWD=100` for the figure in the pages
CROWD = int(os.environ.get("CROWD", "12"))


def count_commits(client: PfsClient, repo: str) -> int:
    return sum(info.origin is OriginKind.USER for info in client.list_commit(repo, to_commit="master"))


@pytest.mark.thorough
@pytest.mark.timeout(1800)
def test_task_processes_take_turns_on_one_branch(client: PfsClient, repo: str, connection: str) -> None:
    tasks = [
        {"task_id": f"task-{number}", "repo": repo, "path": f"/{number}", "content": f"{number}"}
        for number in range(CROWD)
    ]
    with TaskProcesses(json.dumps(json.loads(connection))) as processes:
        ended = processes.run_all("PachydermPutFileOperator", tasks)
    assert [end.error for end in ended if not end] == []
    assert count_commits(client, repo) == CROWD
    assert client.get_files((repo, "master"), "/") == {f"/{number}": f"{number}".encode() for number in range(CROWD)}


def test_threads_share_a_client(client: PfsClient, repo: str) -> None:
    with client.commit(repo, "master") as commit, ThreadPoolExecutor(32) as threads:
        puts = [threads.submit(client.put_file_bytes, commit, f"/{number}", b"x") for number in range(100)]
        for put in puts:
            put.result()
    with ThreadPoolExecutor(32) as threads:
        read = list(threads.map(lambda number: client.get_files((repo, "master"), f"/{number}"), range(100)))
    assert read == [{f"/{number}": b"x"} for number in range(100)]


def test_each_event_loop_has_a_client_of_its_own(server: DevServer, repo: str) -> None:
    async def put(number: int) -> None:
        async with AsyncPfsClient(server.host, server.port) as client:
            await client.inspect_repo(repo)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: asyncio.run(put(number)), range(32)))
