"""One thread that cancels sync streams on which nothing moves; a blocking read cannot have a timeout of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LINGER = 1.0


class Watch:
    """Times one stream: :meth:`start` before it waits for the other side, :meth:`stop` after."""

    def __init__(self, limit: float, cancel: Callable[[], object]) -> None:
        self.limit = limit
        self.expired = False
        self._cancel = cancel
        self._since: float | None = None

    def start(self) -> None:
        """Begin to wait."""
        self._since = time.monotonic()

    def stop(self) -> None:
        """End to wait."""
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
        self._watches: set[Watch] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, watch: Watch) -> None:
        """Watch a stream."""
        with self._changed:
            self._watches.add(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pachyderm-watchdog", daemon=True)
                self._thread.start()
            else:
                self._changed.notify()

    def remove(self, watch: Watch) -> None:
        """Stop watching. The thread stays for a moment, as the next stream is often near."""
        with self._changed:
            self._watches.discard(watch)

    def close(self) -> None:
        """End the thread and wait for it."""
        with self._changed:
            self._watches.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        with self._changed:
            while self._watches:
                now = time.monotonic()
                for watch in [watch for watch in self._watches if watch.expires_in(now) <= 0]:
                    self._watches.discard(watch)
                    watch.expire()
                # no longer than the thread may outlive the last stream
                self._changed.wait(min([_LINGER, *(watch.expires_in(now) for watch in self._watches)]))
            self._thread = None
