"""A feed of commits for Airflow 3.3 and later, which tells when an event is safe: only then the cursor moves on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from itertools import takewhile
from typing import TYPE_CHECKING

from airflow_provider_pachyderm._compat import SharedStreamProducer, read_state, write_state

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import AdvanceItem
    from airflow_provider_pachyderm.client import CommitInfo
    from airflow_provider_pachyderm.waiting.feed import CommitFeed, Cursor

log = logging.getLogger(__name__)

# How many commits may wait for Airflow to store their events; it gives up a trigger that is 1,024 events ahead.
_IN_FLIGHT = 100


class CursorProducer(SharedStreamProducer):
    """Gives Airflow the commits of a feed, and keeps the cursor in the store of the watched asset.

    If the cursor were saved along with its event, it could be stored first: the event travels once a second, and a
    triggerer that stops in between loses it. Airflow calls ``advance`` when the events are stored.

    Airflow makes producers from a trigger's arguments, but gives the store to the trigger. So the first thing in the
    stream is a future for which the trigger fills in the store.

    :param feed: what to follow
    :param key: name of the cursor in the asset's store
    """

    def __init__(self, feed: CommitFeed, key: str) -> None:
        self._feed = feed
        self._key = key
        self._store: object = None
        self._room = asyncio.Semaphore(_IN_FLIGHT)

    async def open_stream(self) -> AsyncIterator[tuple[asyncio.Future[object] | CommitInfo | None, Cursor | None]]:
        """Give the future, then commits with the cursor after each, and None where only the cursor matters."""
        store: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        await self._room.acquire()
        yield store, None
        self._store = await store
        await self._resume()
        async with aclosing(self._feed.arrivals()) as arrivals:
            saved = None
            async for info in arrivals:
                if info is None and self._feed.cursor == saved:
                    continue
                await self._room.acquire()
                saved = self._feed.cursor
                yield info, saved

    async def advance(self, batch: Sequence[AdvanceItem]) -> None:
        """Save the cursor after the events that Airflow has stored.

        :raises RuntimeError: it did not store one in time; Airflow then starts the trigger again, from the cursor
        """
        for _ in batch:
            self._room.release()
        stored = list(takewhile(lambda item: not item.outcome.failed, batch))
        cursors = [item.broker_payload for item in stored if item.broker_payload]
        if cursors and self._store is not None:
            await write_state(self._store, self._key, cursors[-1])
        if len(stored) < len(batch):
            raise RuntimeError("Airflow did not store an event; resuming after the last one that it stored")

    async def _resume(self) -> None:
        if self._store is None:
            return
        try:
            cursor = await read_state(self._store, self._key)
        except ValueError as error:
            log.warning("No cursor can be stored, so commits made while no triggerer runs are missed: %s", error)
            self._store = None
            return
        if cursor is not None:
            self._take_up(cursor)

    def _take_up(self, cursor: object) -> None:
        try:
            self._feed.resume(cursor)
        except ValueError as error:  # somebody wrote it by hand
            log.warning("Ignoring the cursor %r in the asset's store: %s", self._key, error)
