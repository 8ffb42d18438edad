"""The channels of one client, opened when first needed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from enum import Enum
from typing import Generic, TypeVar

from airflow_provider_pachyderm.client._errors import ClientClosed

ChannelT = TypeVar("ChannelT")

# Past a proxy's HTTP/2 limit (100 in common ones) the next stream waits without an error.
STREAMS_PER_CHANNEL = 80


class Lane(Enum):
    """What a channel is for: plain calls and lists, or the content of files, which would hold them up."""

    CONTROL = "control"
    DATA = "data"


class Slot(Generic[ChannelT]):
    """A channel and how many calls it carries."""

    def __init__(self, channel: ChannelT) -> None:
        self.channel = channel
        self.calls = 0
        self.retired = False

    @property
    def has_room(self) -> bool:
        """Whether another call would be served at once."""
        return self.calls < STREAMS_PER_CHANNEL


class ChannelPool(Generic[ChannelT]):
    """A channel for each lane, and more of them when one is full.

    gRPC channels do not survive a fork, so a pool that has any belongs to its process.

    :param target: ``host:port``, for error texts.
    :param connect: opens a channel.
    :param disconnect: closes one.
    """

    def __init__(
        self, target: str, connect: Callable[[Lane], ChannelT], disconnect: Callable[[ChannelT], None]
    ) -> None:
        self._target = target
        self._connect = connect
        self._disconnect = disconnect
        self._lanes: dict[Lane, list[Slot[ChannelT]]] = {lane: [] for lane in Lane}
        self._retired: set[Slot[ChannelT]] = set()
        # a stream that is dropped gives its channel back wherever the garbage collector runs
        self._lock = threading.RLock()
        self._pid: int | None = None
        self._closed = False

    def acquire(self, lane: Lane) -> Slot[ChannelT]:
        """Take a channel for one call.

        :raises ClientClosed: if the client is closed, or connected before this process was forked.
        """
        self._check()
        with self._lock:
            slots = self._lanes[lane]
            slot = next((slot for slot in slots if slot.has_room), None)
            if slot is None:
                slot = Slot(self._connect(lane))
                slots.append(slot)
            slot.calls += 1
            return slot

    def release(self, slot: Slot[ChannelT]) -> None:
        """Give a channel back."""
        with self._lock:
            slot.calls -= 1
            idle = slot.retired and not slot.calls
            if idle:
                self._retired.discard(slot)
        if idle and self._pid == os.getpid():
            self._disconnect(slot.channel)

    def retire(self, slot: Slot[ChannelT]) -> None:
        """Give a channel to no other call; it is closed when its last call has ended.

        The next call opens a new one, which connects at once; one that has failed to connect waits for a while before
        it tries again, and tells each call meanwhile of the old failure.
        """
        with self._lock:
            slot.retired = True
            for slots in self._lanes.values():
                if slot in slots:
                    slots.remove(slot)
                    self._retired.add(slot)

    @property
    def closed(self) -> bool:
        """Whether it takes no more calls."""
        return self._closed

    def closed_error(self) -> ClientClosed:
        """Make the error for calls after, and during, closing."""
        return ClientClosed(f"this client of {self._target} is closed")

    def close(self) -> list[ChannelT]:
        """Take no more calls; the channels to close."""
        with self._lock:
            self._closed = True
            channels = [slot.channel for slots in (*self._lanes.values(), self._retired) for slot in slots]
            self._lanes, self._retired = {lane: [] for lane in Lane}, set()
        return channels if self._pid == os.getpid() else []

    def _check(self) -> None:
        if self._closed:
            raise self.closed_error()
        if self._pid is None:
            self._pid = os.getpid()
        elif self._pid != os.getpid():
            raise ClientClosed(
                f"this client of {self._target} connected before the process was forked: create a client after the fork"
            )
