"""Who is cancelled, or interrupted by a signal, while a commit is started leaves none behind.

The server has started it by then, and the answer is on its way.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, NotFound, PfsClient
from airflow_provider_pachyderm.client._transport import aio, sync
from airflow_provider_pachyderm.testing.server import DevServer

ON_ITS_WAY = 0.3


class Interrupted(BaseException):
    """What a signal raises in the thread that is at work."""


class LateAnswers:
    """A transport whose answers to StartCommit take a while.

    :param started: told that the server has done it.
    """

    def __init__(self, transport: Any, started: Callable[[], object]) -> None:
        self._transport, self._started = transport, started

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def unary(self, call: Any, *args: Any, **options: Any) -> Any:
        reply = self._transport.unary(call, *args, **options)
        if call.method.name != "StartCommit":
            return reply
        return self._late(reply) if asyncio.iscoroutine(reply) else self._blocking(reply)

    async def _late(self, reply: Any) -> Any:
        answer = await reply
        self._started()
        await asyncio.sleep(ON_ITS_WAY)
        return answer

    def _blocking(self, reply: Any) -> Any:
        self._started()
        time.sleep(ON_ITS_WAY)
        return reply


def put(client: Any, repo: str, branch: str) -> Any:
    return client.put_file_bytes((repo, branch), "/a", b"new")


def start(client: Any, repo: str, branch: str) -> Any:
    return client.start_commit(repo, branch)


CALLS = pytest.mark.parametrize("call", [put, start])
BRANCHES = pytest.mark.parametrize("branch", ["master", "new"])


@pytest.fixture(autouse=True)
def no_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start may take as long as it does on a machine that is busy."""
    for transport in (aio, sync):
        monkeypatch.setattr(transport, "ENDS_WITHIN", 120.0)


@pytest.fixture
def plain(server: DevServer) -> Any:
    with PfsClient(server.host, server.port) as client:
        yield client


def check_untouched(client: PfsClient, repo: str) -> None:
    """Only what was there before is there."""
    assert client.get_files((repo, "master"), "/") == {"/a": b"old"}
    assert len(list(client.list_commit(repo, branch="master"))) == 1
    with pytest.raises(NotFound):
        client.inspect_branch(repo, "new")


@CALLS
@BRANCHES
async def test_a_task_that_is_cancelled(
    plain: PfsClient, server: DevServer, repo_name: str, call: Callable[..., Any], branch: str
) -> None:
    plain.create_repo(repo_name)
    plain.put_file_bytes((repo_name, "master"), "/a", b"old")
    async with AsyncPfsClient(server.host, server.port) as client:
        await client.version()
        session: Any = client._session
        started = asyncio.Event()
        session._transport = LateAnswers(session._transport, started.set)
        task = asyncio.ensure_future(call(client, repo_name, branch))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    check_untouched(plain, repo_name)


@CALLS
@BRANCHES
def test_a_thread_that_is_interrupted(
    plain: PfsClient, server: DevServer, repo_name: str, call: Callable[..., Any], branch: str
) -> None:
    plain.create_repo(repo_name)
    plain.put_file_bytes((repo_name, "master"), "/a", b"old")
    here = threading.get_ident()

    def interrupt(*_: object) -> None:
        raise Interrupted

    with PfsClient(server.host, server.port) as client:
        client.version()
        session: Any = client._session
        session._transport = LateAnswers(session._transport, lambda: signal.pthread_kill(here, signal.SIGUSR1))
        before = signal.signal(signal.SIGUSR1, interrupt)
        try:
            with pytest.raises(Interrupted):
                call(client, repo_name, branch)
        finally:
            signal.signal(signal.SIGUSR1, before)
    check_untouched(plain, repo_name)
