"""Many waiters in one event loop: one stream for a branch at the server, and all wake."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar, copy_context
from datetime import datetime, timedelta, timezone
from typing import Any

import grpc
import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, parse_commit
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger, PachydermFileTrigger
from airflow_provider_pachyderm.waiting.hints import CommitHints, FollowedBranch

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


@pytest.fixture(params=["1.13.4", "2.11.6"])
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
    tasks = [asyncio.create_task(event_of(trigger)) for trigger in triggers]
    begun = None
    while begun != calls.begun or not calls.begun[SUBSCRIBE]:
        begun = calls.begun.copy()
        await asyncio.sleep(0.3)
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def event_of(trigger: Any) -> str:
    (event,) = [event.payload async for event in trigger.run()]
    return str(event["commit"])[-32:] if event["status"] == "success" else str(event["message"])


def times() -> dict[str, str]:
    now = datetime.now(timezone.utc)
    return {"deadline": (now + timedelta(seconds=60)).isoformat()}


def commit_trigger(branch: str = "master", **arguments: Any) -> PachydermCommitTrigger:
    after = (datetime.now(timezone.utc) - timedelta(minutes=1)).isoformat()
    return PachydermCommitTrigger(**{"repo": "images", "branch": branch, "after": after, **times(), **arguments})


def file_trigger(branch: str = "master", **arguments: Any) -> PachydermFileTrigger:
    return PachydermFileTrigger(**{"repo": "images", "branch": branch, "path": "/a", **times(), **arguments})


async def test_a_thousand_waiters_share_one_stream_and_one_look(calls: Calls) -> None:
    async with waiting([commit_trigger() for _ in range(1000)], calls) as tasks:
        assert calls.begun[SUBSCRIBE] == 1
        before = calls.looks
        commit = await write(calls)
        assert set(await asyncio.gather(*tasks)) == {commit}
        assert calls.looks <= before + 3  # a hint for each state of the commit at most
    assert calls.begun[SUBSCRIBE] == 1


async def test_each_waiter_has_a_start_of_its_own(calls: Calls) -> None:
    first = await write(calls)
    second = await write(calls)
    finished = (await calls.client.inspect_commit(f"images@{second}")).finished
    assert finished is not None
    triggers = [
        commit_trigger(),
        commit_trigger(from_commit=f"images@{first}"),
        commit_trigger(after=finished.isoformat()),
        commit_trigger(from_commit=f"images@{second}"),
    ]
    async with waiting(triggers, calls) as tasks:
        assert [task.done() for task in tasks] == [True, True, False, False]
        third = await write(calls)
        assert await asyncio.gather(*tasks) == [first, second, third, third]


async def test_newcomers_do_not_make_the_others_look(calls: Calls) -> None:
    async with waiting([file_trigger(path="/first")], calls) as (first,):
        before = calls.begun["InspectFile"]
        await write(calls, path="/second")
        async with waiting([file_trigger(path="/second"), file_trigger(path="/third")], calls) as (second, third):
            assert second.done()
            looks_of_the_first = calls.begun["InspectFile"] - before - 2
            assert 1 <= looks_of_the_first <= 3  # for the commit, not for the newcomers
            assert not first.done()
            assert not third.done()


async def test_an_error_ends_only_the_waiting_of_those_who_mind(calls: Calls) -> None:
    minds = asyncio.create_task(event_of(commit_trigger(repo="later")))
    silent = asyncio.create_task(event_of(commit_trigger(repo="later", silent_fail=True)))
    assert "later" in await minds
    await asyncio.sleep(0.2)
    assert not silent.done()
    await calls.client.create_repo("later")
    async with calls.client.commit("later", "master") as commit:
        pass
    assert await asyncio.wait_for(silent, 20) == parse_commit(str(commit)).id


async def test_failures_are_judged_by_each_waiter_and_logged_for_it(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    if (await calls.client.version()).major < 2:
        pytest.skip("1.x commits do not fail")
    whose = ContextVar("whose", default="nobody")
    caplog.handler.addFilter(lambda record: setattr(record, "whose", whose.get()) or True)
    contexts = {name: copy_context() for name in ("skips", "raises")}
    for name, context in contexts.items():
        context.run(whose.set, name)
    skips, raises = commit_trigger(), commit_trigger(on_failed="raise")
    tasks = [
        context.run(asyncio.create_task, event_of(trigger))
        for context, trigger in zip(contexts.values(), (skips, raises), strict=True)
    ]
    async with waiting([], calls):
        await calls.client.finish_commit(await calls.client.start_commit("images", "master"), error="spoilt")
        assert "spoilt" in await tasks[1]
        assert not tasks[0].done()
        good = await write(calls)
        assert await tasks[0] == good
    skipped = [record for record in caplog.records if record.message.startswith("Skipped commit")]
    assert {record.whose for record in skipped} == {"skips"}  # type: ignore[attr-defined]


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
    monkeypatch.setattr("airflow_provider_pachyderm.waiting.hints._AFTER_REFUSAL", 0.1)
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
    stream, told = CommitHints(calls.client, FollowedBranch("images", "master"), None), asyncio.Event()
    try:
        with stream.join(told.set, None):
            commit = await write(calls)
            await asyncio.wait_for(told.wait(), 10)
        for newest, ahead in ((None, True), (commit, False)):
            told.clear()
            with stream.join(told.set, newest):
                assert told.is_set() == ahead
    finally:
        await stream.close()
