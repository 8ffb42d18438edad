"""Many waiters in one event loop: one stream for a branch at the server, and all wake."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import grpc
import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, parse_commit
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.profiles import profile_for
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger, PachydermFileTrigger
from tests.airflow.conftest import VERSIONS

SUBSCRIBE = "SubscribeCommit"


class Calls(grpc.aio.ServerInterceptor):
    """Counts the calls that reach a server, and refuses the first ones of a kind; ``client`` writes to it."""

    client: AsyncPfsClient

    def __init__(self) -> None:
        self.begun: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    @property
    def looks(self) -> int:
        """How often the commits of a branch were listed."""
        return self.begun["ListCommit"] + self.begun["ListCommitStream"]

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        name = handler_call_details.method.rpartition("/")[2]
        self.begun[name] += 1
        if self.begun[name] <= self.refused[name]:
            return grpc.unary_stream_rpc_method_handler(self._refuse)
        return await continuation(handler_call_details)

    async def _refuse(self, request: Any, context: Any) -> None:
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, "not you")


@pytest.fixture(params=VERSIONS)
async def calls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Calls]:
    """What was called on the server of the connection ``pachyderm_default``."""
    calls = Calls()
    async with serve(profile_for(request.param), interceptors=[calls], grace=0.1) as server:
        host, _, port = server.address.rpartition(":")
        connection = {"conn_type": "pachyderm", "host": host, "port": int(port)}
        for name in ("DEFAULT", "SAME"):
            monkeypatch.setenv(f"AIRFLOW_CONN_PACHYDERM_{name}", json.dumps(connection))
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_OTHER", json.dumps({**connection, "password": "secret"}))
        async with AsyncPfsClient(host, int(port)) as client:
            await client.create_repo("images")
            calls.client = client
            yield calls


async def write(calls: Calls, branch: str = "master", path: str = "/a") -> str:
    async with calls.client.commit("images", branch) as commit:
        await calls.client.put_file_bytes(commit, path, b"x")
    return str(parse_commit(str(commit)).id)


@asynccontextmanager
async def waiting(triggers: list[Any], calls: Calls) -> AsyncIterator[list[asyncio.Task[str]]]:
    """Run the triggers until all have looked and follow their branch."""
    looks, deadline = calls.looks + len(triggers), time.monotonic() + 30
    tasks = [asyncio.create_task(event_of(trigger)) for trigger in triggers]
    while calls.looks < looks or not calls.begun[SUBSCRIBE]:
        assert time.monotonic() < deadline, calls.begun
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def event_of(trigger: Any) -> str:
    (event,) = [event.payload async for event in trigger.run()]
    return str(event["commit"])[-32:]


def times() -> dict[str, str]:
    now = datetime.now(timezone.utc)
    return {"deadline": (now + timedelta(seconds=60)).isoformat()}


def commit_trigger(branch: str = "master", **arguments: Any) -> PachydermCommitTrigger:
    after = (datetime.now(timezone.utc) - timedelta(minutes=1)).isoformat()
    return PachydermCommitTrigger(repo="images", branch=branch, after=after, **times(), **arguments)


def file_trigger(branch: str = "master", **arguments: Any) -> PachydermFileTrigger:
    return PachydermFileTrigger(repo="images", branch=branch, path="/a", **times(), **arguments)


async def test_a_thousand_waiters_share_one_stream(calls: Calls) -> None:
    async with waiting([commit_trigger() for _ in range(1000)], calls) as tasks:
        assert calls.begun[SUBSCRIBE] == 1
        commit = await write(calls)
        began = time.monotonic()
        assert set(await asyncio.gather(*tasks)) == {commit}
        assert time.monotonic() - began < 10  # 0.7 to 0.95 s, each with a look of its own, when nothing else runs
    assert calls.begun[SUBSCRIBE] == 1


async def test_what_shares_a_stream(calls: Calls) -> None:
    triggers = [
        commit_trigger(), file_trigger(), commit_trigger(pachyderm_conn_id="pachyderm_same"),  # one stream
        commit_trigger("other"), file_trigger("other"),  # of another branch: a second one
        commit_trigger(pachyderm_conn_id="pachyderm_other"),  # another user: a third one
    ]  # fmt: skip
    async with waiting(triggers, calls) as tasks:
        assert calls.begun[SUBSCRIBE] == 3
        commits = [await write(calls), await write(calls, "other")]
        master, other = commits
        assert await asyncio.gather(*tasks) == [master, master, master, other, other, master]


async def test_those_who_stay_are_not_disturbed_by_those_who_leave(calls: Calls) -> None:
    async with waiting([commit_trigger(), commit_trigger()], calls) as (first, second):
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert await asyncio.gather(asyncio.wait_for(second, 2), write(calls)) == [second.result()] * 2
    assert calls.begun[SUBSCRIBE] == 1


async def test_stream_that_was_refused_is_opened_again(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_pachyderm.triggers._hints._AFTER_REFUSAL", 0.1)
    calls.refused[SUBSCRIBE] = 2
    async with waiting([commit_trigger()], calls) as (task,):
        while calls.begun[SUBSCRIBE] < 3:
            await asyncio.sleep(0.05)
        assert await asyncio.wait_for(asyncio.gather(task, write(calls)), 10) == [task.result()] * 2


async def test_who_comes_when_all_have_left_gets_a_new_stream(calls: Calls) -> None:
    async with waiting([commit_trigger()], calls) as (task,):
        await write(calls)
        await task
    before = calls.looks
    async with waiting([file_trigger("other")], calls) as (task,):
        assert calls.looks > before
        assert calls.begun[SUBSCRIBE] == 2
        assert await asyncio.gather(task, write(calls, "other")) == [task.result()] * 2


async def test_who_comes_late_is_told_what_the_stream_knows_already(calls: Calls) -> None:
    """A commit may land after the newcomer's first look, and before it joins a stream that has told of it already."""
    from airflow_provider_pachyderm.triggers._hints import Followed
    from airflow_provider_pachyderm.triggers._hub import StreamHub

    hub, followed = StreamHub.here(), Followed("images", "master")
    async with hub.line(calls.client.config) as line, hub.hint(line, followed, None) as early:
        commit = await write(calls)
        await early.next(10)
        async with hub.hint(line, followed, None) as late:
            await asyncio.wait_for(late.next(10), 1)
        async with hub.hint(line, followed, commit) as up_to_date:
            began = time.monotonic()
            await up_to_date.next(0.2)
            assert time.monotonic() - began >= 0.2
