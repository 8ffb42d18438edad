"""One run of a command, seen from the server: what it prints, how it ends, and that it ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.devserver.worker.sandbox import supervised
from airflow_provider_pachyderm.devserver.worker.uninterrupted import uninterrupted

_log = logging.getLogger(__name__)
_CHUNK = 64 * 1024
_LONGEST = 256 * 1024  # what is longer than this is told as several lines
_GRACE = 5.0  # seconds that the supervisor has to kill what it started


class TimedOut(Exception):
    """The command took longer than it may, and was killed."""


Tell = Callable[[Sequence[str]], None]
"""Takes lines that a command printed, to either stream, as they come."""


async def run(file: Path, tell: Tell, timeout: float | None, started: Callable[[], None] = lambda: None) -> int:
    """Run what the supervisor finds in a file.

    :param started: is called when the command has begun.
    :param timeout: seconds it may take.
    :returns: its exit code; the number of the signal that ended it, negative.
    :raises TimedOut: if it took longer.
    """
    begun, begins = os.pipe()
    printed, prints = os.pipe()
    loop = asyncio.get_running_loop()
    try:
        process = _Supervised(file, begins, prints)
    except BaseException:
        os.close(begun)
        os.close(printed)
        raise
    finally:
        os.close(begins)
        os.close(prints)

    def begin() -> None:
        loop.remove_reader(begun)
        started()

    # nobody has the other end any more when the supervisor's child has become the command
    loop.add_reader(begun, begin)
    output = _Output(printed, tell)
    ended = asyncio.create_task(_until_ended(process, output))
    try:
        done, _ = await asyncio.wait([ended], timeout=timeout)
        if not done:
            raise TimedOut
        return ended.result()
    finally:
        loop.remove_reader(begun)
        os.close(begun)
        ended.cancel()
        await uninterrupted(_end(process, output))


async def _until_ended(process: _Supervised, output: _Output) -> int:
    """How the command ended; what it printed has been told then."""
    either: list[asyncio.Future[Any]] = [process.ended, output.broken]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not process.ended.done():
        output.broken.result()
    # all of its output is there, unless the supervisor was killed and something of the command is left
    process.stop()
    await output.read_up()
    if output.broken.done():
        output.broken.result()
    return process.ended.result()


async def _end(process: _Supervised, output: _Output) -> None:
    """Leave nothing of it running."""
    output.mute()
    process.stop()
    await asyncio.wait([process.ended], timeout=_GRACE)
    process.kill()
    # whoever has its output still is being killed
    if not await output.read_up():
        _log.warning("process %d was killed, but something that it started is still running", process.pid)
    await asyncio.wait([process.ended], timeout=_GRACE)
    output.close()


class _Supervised:
    """A supervisor that runs.

    Its end is awaited by a thread: asyncio tells the end of a process only when all of its pipes are closed, and one
    that was killed may leave somebody who has them.

    :param begins: the descriptor that is closed when the command begins.
    :param prints: the descriptor that gets what it prints.
    """

    def __init__(self, file: Path, begins: int, prints: int) -> None:
        command = [*supervised(file), str(begins)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=prints, stderr=subprocess.STDOUT, pass_fds=[begins]
        )
        self._loop = asyncio.get_running_loop()
        self.pid = self._process.pid
        self.ended: asyncio.Future[int] = self._loop.create_future()
        threading.Thread(target=self._wait, name=f"wait for {self.pid}", daemon=True).start()

    def _wait(self) -> None:
        code = self._process.wait()
        # the loop may be closed: nobody waits any more
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.ended.set_result, code)

    def stop(self) -> None:
        """Have it kill what it started, and end."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def kill(self) -> None:
        """Kill it, if it has not ended."""
        if not self.ended.done():
            self._process.kill()


class _Output:
    """What a command prints, told line by line.

    :param pipe: the descriptor that it is read from.
    """

    def __init__(self, pipe: int, tell: Tell) -> None:
        self._pipe = pipe
        self._tell: Tell | None = tell
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        self._over = self._loop.create_future()
        self.broken: asyncio.Future[None] = self._loop.create_future()
        """Has the error with which the lines could not be told, if there is one."""
        os.set_blocking(pipe, False)
        self._loop.add_reader(pipe, self._read)

    def _read(self) -> None:
        data = os.read(self._pipe, _CHUNK)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if self._rest and (not data or len(self._rest) > _LONGEST):
            lines, self._rest = [*lines, self._rest], b""
        if not data:
            self._loop.remove_reader(self._pipe)
            self._over.set_result(None)
        if lines and self._tell is not None:
            try:
                self._tell([line.decode(errors="replace") for line in lines])
            except Exception as error:
                self.mute()
                self.broken.set_exception(error)

    def mute(self) -> None:
        """Tell no more."""
        self._tell = None

    async def read_up(self) -> bool:
        """Wait until nobody can print any more; False if somebody still can after a while."""
        await asyncio.wait([self._over], timeout=_GRACE)
        return self._over.done()

    def close(self) -> None:
        """Read no more."""
        self._loop.remove_reader(self._pipe)
        os.close(self._pipe)


def outcome(code: int) -> str:
    """How a command ended, as Go says it."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal: {signal.strsignal(-code)}".lower()
    except ValueError:
        return f"signal: {-code}"
