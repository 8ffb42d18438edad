"""Many tasks at a time for a long while, some of them struck by faults; then every one has to have made one commit."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from airflow_provider_pachyderm.client import CommitState, OriginKind, PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.striking import KINDS, Striker
from tests.support.task_processes import Ended, TaskProcesses

TRIES = 6


@dataclass
class Tally:
    """What a run came to.

    :param tasks: how many were run
    :param faults: how many faults were ordered
    :param tries: how many tries the tasks took
    :param outcomes: of the tasks: ``exactly once``, ``failed``, ``lost`` or ``twice``
    :param left_open: commits that are open at the end
    :param seconds: how long it took
    """

    tasks: int = 0
    faults: int = 0
    tries: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    left_open: int = 0
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every task made one commit, and none is open."""
        return self.outcomes["exactly once"] == self.tasks and not self.left_open


def soak(
    version: str,
    folder: Path,
    *,
    tasks: int,
    rate: float,
    seconds: float = 3600,
    workers: int = 4,
    branches: int = 4,
    seed: int = 0,
) -> Tally:
    """Run tasks that each put one file, on few branches, and strike some of them.

    :param rate: how many faults a task, such as 0.05
    :param seconds: after so many no task is started any more
    :param workers: tasks at a time
    """
    dice, tally, began = random.Random(seed), Tally(), time.monotonic()
    with ExitStack() as opened:
        server = opened.enter_context(DevServer(version, folder))
        striker = opened.enter_context(Striker(server))
        connection = json.dumps({"conn_type": "pachyderm", "host": "127.0.0.1", "port": striker.port})
        pool = [opened.enter_context(TaskProcesses(connection)) for _ in range(workers)]
        free: SimpleQueue[TaskProcesses] = SimpleQueue()
        for processes in pool:
            free.put(processes)
        striker.begin((), lambda: next((each.pid for each in dice.sample(pool, workers) if each.pid), None))
        client = opened.enter_context(server.client())
        repos = [f"soak-{uuid.uuid4().hex[:12]}" for _ in range(branches)]
        for repo in repos:
            client.create_repo(repo)

        def run(number: int) -> Ended | None:
            if time.monotonic() - began > seconds:
                return None
            if dice.random() < rate:
                tally.faults += 1
                striker.soon(*dice.choice(KINDS))
            processes = free.get()
            try:
                return _tried(processes, repos[number % branches], number, tally)
            finally:
                free.put(processes)

        with ThreadPoolExecutor(workers) as threads:
            ended = dict(enumerate(threads.map(run, range(tasks))))
        striker.begin((), lambda: None)
        _count(client, repos, ended, tally)
    tally.seconds = time.monotonic() - began
    return tally


def _tried(processes: TaskProcesses, repo: str, number: int, tally: Tally) -> Ended:
    arguments = {
        "task_id": f"task-{number}",
        "repo": repo,
        "path": f"/{number}",
        "content": str(number),
        "retries": TRIES - 1,
        "open_commit_timeout": 120,
    }
    ended = Ended()
    for attempt in range(1, TRIES + 1):
        tally.tries += 1
        ended = processes.run("PachydermPutFileOperator", arguments, try_number=attempt)
        if ended:
            break
    return ended


def _count(client: PfsClient, repos: list[str], ended: dict[int, Ended | None], tally: Tally) -> None:
    made: Counter[str] = Counter()
    files: dict[str, bytes] = {}
    for repo in repos:
        for task, is_open in _commits(client, repo):
            made[task] += 1
            tally.left_open += is_open
        files |= client.get_files((repo, "master"), "/", recursive=True)
    for number, end in ended.items():
        if end is None:
            continue
        tally.tasks += 1
        there = files.get(f"/{number}") == str(number).encode()
        tally.outcomes[_outcome(end, made[f"task-{number}"], there)] += 1
        if not end:
            tally.errors.append(end.error[-600:])


def _commits(client: PfsClient, repo: str) -> Iterator[tuple[str, bool]]:
    for info in client.list_commit(repo, to_commit="master"):
        if info.origin is OriginKind.USER and info.state is not CommitState.FAILED:
            task = next((name for name in info.description.split('"') if name.startswith("task-")), "")
            yield task, info.state is CommitState.OPEN


def _outcome(ended: Ended, made: int, there: bool) -> str:
    if made > 1:
        return "twice"
    if not ended:
        return "failed"
    return "exactly once" if made == 1 and there else "lost"
