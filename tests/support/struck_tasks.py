"""Ingestions that faults strike, and what is on the server afterwards: exactly one commit, or what went wrong."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.client import CommitState, NotFound, OriginKind, PfsClient, Version
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.striking import Strike, Striker
from tests.support.task_processes import Ended, TaskProcesses

TRIES = 4
OUTCOMES = ("exactly once", "said", "failed", "left open", "lost", "twice")
_MARKERS = Version(1, 6, 6)
BAD = ("failed", "left open", "lost", "twice")
_CONTENT = {"/a": b"first" * 1000, "/b": b"second"}


@dataclass(frozen=True)
class Case:
    """One ingestion with its faults, and what came of it.

    :param outcome: one of ``OUTCOMES``; ``said``: below 1.6.6, it failed with an error that names the commit in its way
    :param struck: whether all of the faults came to strike
    """

    version: str
    flow: str
    strikes: tuple[Strike, ...]
    outcome: str
    struck: bool
    detail: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether a promise was broken."""
        return self.outcome in BAD


class Stage:
    """A dev server of a version, tasks, and what strikes between them."""

    def __init__(self, version: str, striker: Striker, tasks: TaskProcesses, server: DevServer) -> None:
        self.version = version
        self._striker = striker
        self._tasks = tasks
        self._server = server
        self._made: Sequence[str] = ()

    def calls(self, flow: str) -> Sequence[str]:
        """Name the calls that a flow makes when nothing strikes."""
        case = self.play(flow, ())
        assert case.outcome == "exactly once", case
        return self._made

    def play(self, flow: str, strikes: Iterable[Strike]) -> Case:
        """Run a flow while faults strike, and look at what is there then."""
        strikes = tuple(strikes)
        repo = f"struck-{uuid.uuid4().hex[:12]}"
        with self._server.client() as client:
            client.create_repo(repo)
        self._striker.begin(strikes, lambda: self._tasks.pid)
        ended = _FLOWS[flow](self, repo)
        struck, self._made = self._striker.struck_all, self._striker.calls
        self._striker.begin((), lambda: None)
        with self._server.client() as client:
            if flow == "chain":
                outcome = _judge_chain(client, repo, ended)
            else:
                outcome = _judge(client, repo, ended, _CONTENT if flow == "mapped" else {"/a": _CONTENT["/a"]})
        return Case(self.version, flow, strikes, outcome, struck, ended.error.strip()[-600:])

    def task(self, operator: str, run: str = "run-1", **arguments: Any) -> Ended:
        """Run a task, tried again as Airflow does."""
        ended = Ended()
        for number in range(1, TRIES + 1):
            given = {"retries": TRIES - 1, "open_commit_timeout": 2, **arguments}
            if operator in ("PachydermFinishCommitOperator", "WorkingFunction"):
                del given["open_commit_timeout"]
            ended = self._tasks.run(operator, given, try_number=number, run=run)
            if ended:
                break
        return ended

    def put(self, repo: str) -> Ended:
        """Put a file as one task does."""
        return self.task("PachydermPutFileOperator", task_id="put", repo=repo, path="/a", content=_text("/a"))

    def function(self, repo: str) -> Ended:
        """Write a file by a function that is a task."""
        return self.task("WritingFunction", task_id="write", repo=repo, path="/a", content=_text("/a"))

    def chain(self, repo: str) -> Ended:
        """Fill the commits of two branches, one made from the other, when their input has got a commit, and again."""
        ended = Ended()
        for number, content in enumerate(_GIVEN):
            with self._server.client() as client:
                client.put_file_bytes((repo, "master"), "/a", content)
            for source, target in ((repo, f"{repo}-1"), (f"{repo}-1", f"{repo}-2")):
                if ended:
                    ended = self.task(
                        "WorkingFunction", run=f"run-{number}", task_id=f"fill{target[-1]}", source=source, repo=target
                    )
        return ended

    def mapped(self, repo: str) -> Ended:
        """Start a commit, put two files into it by tasks of their own, and finish it."""
        ended = started = self.task("PachydermStartCommitOperator", task_id="start", repo=repo)
        for path in _CONTENT:
            if ended:
                ended = self.task(
                    *("PachydermPutFileOperator",), task_id=f"put{path[1:]}", commit=started.result, path=path,
                    content=_text(path),
                )  # fmt: skip
        if ended:
            ended = self.task("PachydermFinishCommitOperator", task_id="finish", commit=started.result)
        return ended


_FLOWS = {"put": Stage.put, "function": Stage.function, "mapped": Stage.mapped, "chain": Stage.chain}
_GIVEN = (b"first", b"second")


def _text(path: str) -> str:
    return _CONTENT[path].decode()


@contextmanager
def stage(version: str, folder: Path) -> Iterator[Stage]:
    """Set up a stage."""
    with DevServer(version, folder) as server, Striker(server) as striker:
        connection = {"conn_type": "pachyderm", "host": "127.0.0.1", "port": striker.port}
        with TaskProcesses(json.dumps(connection)) as tasks:
            yield Stage(version, striker, tasks, server)


def _judge(client: PfsClient, repo: str, ended: Ended, wanted: dict[str, bytes]) -> str:
    try:
        infos = [info for info in client.list_commit(repo) if info.origin is OriginKind.USER]
    except NotFound:
        infos = []
    # below 1.6.6 a commit has no description to be known by: a task may then say which one is in its way
    if not ended and client.version() < _MARKERS and any(str(info.commit.id) in ended.error for info in infos):
        return "said"
    if any(info.state is CommitState.OPEN for info in infos):
        return "left open"
    good = [info for info in infos if info.state is CommitState.FINISHED]
    if len(good) > 1:
        return "twice"
    if not ended:
        return "failed"
    return "exactly once" if [_content(client, info.commit) for info in good] == [wanted] else "lost"


def _judge_chain(client: PfsClient, repo: str, ended: Ended) -> str:
    """Look whether each commit of the input has one at both branches, with its content, and leads there."""
    if not ended:
        return "failed"
    (second, first), filled = list(client.list_commit(repo, branch="master")), []
    for number in (1, 2):
        name = f"{repo}-{number}"
        infos = list(client.list_commit(name))
        if any(not info.state.done for info in infos):
            return "left open"
        if len(infos) != 2 or [each.branch.name for each in client.list_branch(name)] != ["master"]:
            return "twice"
        wanted = [{"/a": content[::-1] if number == 1 else content} for content in reversed(_GIVEN)]
        if [_content(client, info.commit) for info in infos] != wanted:
            return "lost"
        filled.append(infos[0])
    if client.version() < Version(2, 0, 0):
        leads = all(second.commit.id in {each.id for each in info.provenance} for info in filled)
    else:
        members = client.inspect_commit_set(str(second.commit.id))
        leads = {info.commit.id for info in filled} == {second.commit.id} and (
            {info.commit.repo.name for info in members if info.state is CommitState.FINISHED}
            == {repo, f"{repo}-1", f"{repo}-2"}
        )
    return "exactly once" if leads and first.state is CommitState.FINISHED else "lost"


def _content(client: PfsClient, commit: Any) -> dict[str, bytes]:
    try:
        return client.get_files(commit, "/", recursive=True)
    except NotFound:
        return {}
