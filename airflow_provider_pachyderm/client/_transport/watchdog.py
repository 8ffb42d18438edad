"""One thread that cancels sync streams on which nothing moves; a blocking read cannot have a timeout of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_IDLE_SECONDS = 1.0


class StallTimer:
    """Times the waits of one stream: :meth:`start` before it waits for the other side, :meth:`stop` after."""

    def __init__(self, limit: float, cancel: Callable[[], object]) -> None:
        self.limit = limit
        self.expired = False
        self._cancel = cancel
        self._since: float | None = None

    def start(self) -> None:
        """Note that a wait begins."""
        self._since = time.monotonic()

    def stop(self) -> None:
        """Note that it has ended."""
        self._since = None

    def expires_in(self, now: float) -> float:
        """Seconds until this has waited too long; a stream that is not waiting has all its time left."""
        since = self._since
        return self.limit if since is None else since + self.limit - now

    def expire(self) -> None:
        """Cancel the stream."""
        self.expired = True
        self._cancel()


class Watchdog:
    """Watches streams while there are any; its thread ends with the last one, or with :meth:`close`."""

    def __init__(self) -> None:
        self._timers: set[StallTimer] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, timer: StallTimer) -> None:
        """Watch a stream."""
        with self._changed:
            self._timers.add(timer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pachyderm-watchdog", daemon=True)
                self._thread.start()
            else:
                self._changed.notify()

    def remove(self, timer: StallTimer) -> None:
        """Stop watching. The thread stays for a moment, as the next stream is often near."""
        with self._changed:
            self._timers.discard(timer)

    def close(self) -> None:
        """End the thread and wait for it."""
        with self._changed:
            self._timers.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        with self._changed:
            while self._timers:
                now = time.monotonic()
                for timer in [timer for timer in self._timers if timer.expires_in(now) <= 0]:
                    self._timers.discard(timer)
                    timer.expire()
                # no longer than the thread may outlive the last stream
                self._changed.wait(min([_IDLE_SECONDS, *(timer.expires_in(now) for timer in self._timers)]))
            self._thread = None
