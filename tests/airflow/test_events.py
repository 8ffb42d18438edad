"""The event trigger: each commit once, through restarts of server and triggerer, in the machinery of Airflow itself."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitEventTrigger

MISSING = "0123456789ab4def8123456789abcdef"


def put(client: PfsClient, repo: str, branch: str = "master") -> str:
    with client.commit(repo, branch) as commit:
        client.put_file_bytes(commit, "/a", b"abc")
    return str(client.inspect_commit(commit).commit)


def spoil(client: PfsClient, repo: str) -> None:
    client.finish_commit(client.start_commit(repo, "master"), error="spoilt")


class Store:
    """The state store of an asset, as Airflow 3.3.0 gives it: calls that block."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, key: str) -> Any:
        return json.loads(self.values[key]) if key in self.values else None

    def set(self, key: str, value: Any) -> None:
        self.values[key] = json.dumps(value)


class AsyncStore(Store):
    """As Airflow 3.3.2 gives it."""

    async def aget(self, key: str) -> Any:
        return super().get(key)

    async def aset(self, key: str, value: Any) -> None:
        super().set(key, value)

    def get(self, key: str) -> Any:
        raise AssertionError("blocks the event loop")

    set = get  # type: ignore[assignment]


class SharedStore(AsyncStore):
    """What two assets with one and the same trigger are given."""

    async def aget(self, key: str) -> Any:
        raise ValueError("Task has 2 concrete inlets and outlets")


class Triggerer:
    """Runs one trigger in Airflow's own manager of streams; events are stored when the test says so."""

    def __init__(self, trigger: PachydermCommitEventTrigger, store: Store | None) -> None:
        shared_stream = pytest.importorskip("airflow.triggers.shared_stream")
        self._manager = shared_stream.SharedStreamManager()
        trigger.asset_state_store = store
        trigger.trigger_id = next(self._ids)
        self._trigger = trigger
        self._key = trigger.shared_stream_key()
        self._events: asyncio.Queue[tuple[Any, int]] = asyncio.Queue()
        self._unstored: list[int] = []
        self._task = asyncio.create_task(self._run())

    _ids = itertools.count(1)

    async def _run(self) -> None:
        stream = self._manager.subscribe(trigger_id=self._trigger.trigger_id, trigger=self._trigger, key=self._key)
        async for event in self._trigger.filter_shared_stream(stream):
            seq = self._manager.bind_pending_event(trigger_id=self._trigger.trigger_id, key=self._key)
            self._events.put_nowait((event.payload, seq))

    async def event(self) -> Any:
        payload, seq = await asyncio.wait_for(self._events.get(), 20)
        self._unstored.append(seq)
        return payload

    async def commit(self) -> str:
        return str((await self.event())["commit"])

    async def nothing(self, seconds: float = 0.5) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(self._events.get(), seconds)

    async def confirm(self) -> None:
        """Tell that the events so far are stored, as the supervisor does."""
        self._manager.confirm_persisted(self._unstored)
        self._unstored.clear()
        await asyncio.sleep(0.2)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._manager.unsubscribe(self._trigger.trigger_id, self._key)
        await self._manager.stop_all()


@asynccontextmanager
async def triggerer(store: Store | None, **arguments: Any) -> AsyncIterator[Triggerer]:
    path, kwargs = PachydermCommitEventTrigger(**{"event_interval": 0.0, **arguments}).serialize()
    module, _, name = path.rpartition(".")
    running = Triggerer(getattr(importlib.import_module(module), name)(**json.loads(json.dumps(kwargs))), store)
    await asyncio.sleep(0.5)
    try:
        yield running
    finally:
        await running.stop()


@pytest.fixture(params=[Store, AsyncStore])
def store(request: pytest.FixtureRequest) -> Store:
    made: Store = request.param()
    return made


async def test_each_commit_once(client: PfsClient, repo: str, store: Store) -> None:
    await asyncio.to_thread(put, client, repo)  # old
    async with triggerer(store, repo=repo) as running:
        await running.nothing(0.2)
        first = await asyncio.to_thread(put, client, repo)
        info = await asyncio.to_thread(client.inspect_commit, first)
        assert await running.event() == {
            "project": info.commit.repo.project,
            "repo": repo,
            "branch": "master",
            "commit": first,
            "size_bytes": 3,
            "finished": info.finished.isoformat() if info.finished else None,
        }
        if client.version().major >= 2:
            await asyncio.to_thread(spoil, client, repo)
        await asyncio.to_thread(put, client, repo, "other")
        second = await asyncio.to_thread(put, client, repo)
        assert await running.commit() == second
        await running.nothing()


async def test_cursor_outlives_the_triggerer(client: PfsClient, repo: str, store: Store) -> None:
    async with triggerer(store, repo=repo) as running:
        first = await asyncio.to_thread(put, client, repo)
        assert await running.commit() == first
        await running.confirm()
    missed = [await asyncio.to_thread(put, client, repo) for _ in range(3)]
    async with triggerer(store, repo=repo) as running:
        assert [await running.commit() for _ in missed] == missed
        await running.confirm()
    async with triggerer(store, repo=repo) as running:
        await running.nothing()


async def test_cursor_of_a_branch_that_was_empty(client: PfsClient, repo: str) -> None:
    store = AsyncStore()
    async with triggerer(store, repo=repo) as running:
        await running.nothing(0.2)
    commit = await asyncio.to_thread(put, client, repo)
    async with triggerer(store, repo=repo) as running:
        assert await running.commit() == commit


async def test_event_that_was_not_stored_is_fired_again(client: PfsClient, repo: str) -> None:
    store = AsyncStore()
    async with triggerer(store, repo=repo) as running:
        first = await asyncio.to_thread(put, client, repo)
        assert await running.commit() == first
        await running.confirm()
        second = await asyncio.to_thread(put, client, repo)
        assert await running.commit() == second
    async with triggerer(store, repo=repo) as running:
        assert await running.commit() == second


async def test_more_commits_than_may_be_in_flight(
    client: PfsClient, repo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_pachyderm.waiting.cursor._IN_FLIGHT", 2)
    store = AsyncStore()
    async with triggerer(store, repo=repo):
        pass
    commits = [await asyncio.to_thread(put, client, repo) for _ in range(5)]
    async with triggerer(store, repo=repo) as running:
        assert [await running.commit() for _ in range(2)] == commits[:2]
        await running.nothing(0.3)
        await running.confirm()
        assert [await running.commit() for _ in range(2)] == commits[2:4]
        await running.confirm()
        assert await running.commit() == commits[4]


async def test_events_keep_their_distance(client: PfsClient, repo: str) -> None:
    commits = [await asyncio.to_thread(put, client, repo) for _ in range(3)]
    async with triggerer(None, repo=repo, from_commit=commits[0], event_interval=60.0) as running:
        assert await running.commit() == commits[1]
        await running.nothing()


async def test_cursor_whose_commit_is_gone(client: PfsClient, repo: str, caplog: pytest.LogCaptureFixture) -> None:
    store = AsyncStore()
    await asyncio.to_thread(put, client, repo)
    async with triggerer(store, repo=repo) as running:
        first = await asyncio.to_thread(put, client, repo)
        assert await running.commit() == first
        await running.confirm()
    await asyncio.to_thread(client.delete_commit, first)
    async with triggerer(store, repo=repo) as running:
        await running.nothing(0.3)
        assert "no longer exists" in caplog.text
        second = await asyncio.to_thread(put, client, repo)
        assert await running.commit() == second


async def test_from_commit(client: PfsClient, repo: str) -> None:
    commits = [await asyncio.to_thread(put, client, repo) for _ in range(3)]
    async with triggerer(None, repo=repo, from_commit=commits[0]) as running:
        assert [await running.commit(), await running.commit()] == commits[1:]
    async with triggerer(None, repo=repo, from_commit=f"{repo}@{MISSING}") as running:
        await running.nothing()  # the head, when it is gone


async def test_new_arguments_begin_anew(client: PfsClient, repo: str) -> None:
    store = AsyncStore()
    commits = [await asyncio.to_thread(put, client, repo) for _ in range(2)]
    async with triggerer(store, repo=repo):
        pass
    async with triggerer(store, repo=repo, from_commit=commits[0]) as running:
        assert await running.commit() == commits[1]


async def test_trigger_of_two_assets_goes_without_a_cursor(
    client: PfsClient, repo: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with triggerer(SharedStore(), repo=repo) as running:
        assert "No cursor" in caplog.text
        commit = await asyncio.to_thread(put, client, repo)
        assert await running.commit() == commit
        await running.confirm()


async def test_repo_that_comes_later(client: PfsClient, repo: str) -> None:
    later = f"{repo}-later"
    async with triggerer(AsyncStore(), repo=later) as running:
        await running.nothing(0.2)
        await asyncio.to_thread(client.create_repo, later)
        commit = await asyncio.to_thread(put, client, later)
        assert await running.commit() == commit


async def test_connection_that_is_mended(
    client: PfsClient, repo: str, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await asyncio.to_thread(put, client, repo)
    monkeypatch.delenv("AIRFLOW_CONN_PACHYDERM_DEFAULT")
    async with triggerer(AsyncStore(), repo=repo, from_commit=first) as running:
        second = await asyncio.to_thread(put, client, repo)
        await running.nothing(0.1)
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", connection)
        assert await running.commit() == second


async def test_trigger_that_stops_leaves_nothing_running(client: PfsClient, repo: str) -> None:
    before = asyncio.all_tasks()
    async with triggerer(AsyncStore(), repo=repo) as running:
        await asyncio.to_thread(put, client, repo)
        await running.event()
    assert {task for task in asyncio.all_tasks() if "airflow" in repr(task)} <= before


async def test_without_a_store(client: PfsClient, repo: str) -> None:
    """As Airflow 3.0 to 3.2 runs it."""
    before = await asyncio.to_thread(put, client, repo)
    events = PachydermCommitEventTrigger(repo=repo, event_interval=0.0, from_commit=before).run()
    first = asyncio.ensure_future(anext(events))
    commit = await asyncio.to_thread(put, client, repo)
    assert (await asyncio.wait_for(first, 10)).payload["commit"] == commit
    second = asyncio.ensure_future(anext(events))
    commit = await asyncio.to_thread(put, client, repo)
    assert (await asyncio.wait_for(second, 10)).payload["commit"] == commit
    await events.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", ["1.13.4", "2.11.6"])
@pytest.mark.parametrize("stop", ["stop", "kill"])
async def test_restart_of_the_server(version: str, stop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DevServer(version, tmp_path) as server:
        connection = {"conn_type": "pachyderm", "host": server.host, "port": server.port}
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
        with PfsClient(server.host, server.port) as client:
            await asyncio.to_thread(client.create_repo, "images")
            async with triggerer(AsyncStore(), repo="images") as running:
                commits = [await asyncio.to_thread(put, client, "images")]
                assert await running.commit() == commits[0]
                await asyncio.to_thread(getattr(server, stop))
                await running.nothing(0.3)
                await asyncio.to_thread(server.start)
                with PfsClient(server.host, server.port) as again:
                    commits.append(await asyncio.to_thread(put, again, "images"))
                assert await running.commit() == commits[1]
                await running.nothing()
