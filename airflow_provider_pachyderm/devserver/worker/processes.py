"""One run of a command, seen from the server: what it prints, how it ends, and that it ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Sequence
from pathlib import Path

from airflow_provider_pachyderm.devserver.worker.sandbox import supervised

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
    loop = asyncio.get_running_loop()
    command = [*supervised(file), str(begins)]
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, pass_fds=[begins])
    )
    starting.add_done_callback(lambda _: os.close(begins))

    def begin() -> None:
        loop.remove_reader(begun)
        started()

    try:
        # asyncio kills what is cancelled while it starts: the supervisor, which could not end the command then
        process = await asyncio.shield(starting)
        # nobody has the other end any more when the supervisor's child has become the command
        loop.add_reader(begun, begin)
        return await asyncio.wait_for(_followed(process, tell), timeout)
    except asyncio.TimeoutError:
        raise TimedOut from None
    finally:
        loop.remove_reader(begun)
        os.close(begun)
        await asyncio.shield(_end(starting))


async def _followed(process: Process, tell: Tell) -> int:
    await _tell(process, tell)
    return await process.wait()


async def _tell(process: Process, tell: Tell) -> None:
    assert process.stdout is not None
    rest = b""
    while data := await process.stdout.read(_CHUNK):
        *lines, rest = (rest + data).split(b"\n")
        if len(rest) > _LONGEST:
            lines, rest = [*lines, rest], b""
        if lines:
            tell([line.decode(errors="replace") for line in lines])
    if rest:
        tell([rest.decode(errors="replace")])


async def _end(starting: asyncio.Task[Process]) -> None:
    """Leave nothing of it running."""
    await asyncio.wait([starting])
    if starting.cancelled() or starting.exception() is not None:
        return
    process = starting.result()
    assert process.stdin is not None
    process.stdin.close()
    if await _has_ended(process):
        return
    process.kill()
    if not await _has_ended(process):
        _log.warning("process %d was killed, but something that it started is still running", process.pid)


async def _has_ended(process: Process) -> bool:
    """Whether it ends in a while, and with it all that has its output."""
    try:
        await asyncio.wait_for(_drained(process), _GRACE)
    except asyncio.TimeoutError:
        return False
    return True


async def _drained(process: Process) -> None:
    """Wait for its end, which asyncio does not tell before all of the output was read."""
    assert process.stdout is not None
    while await process.stdout.read(_CHUNK):
        pass
    await process.wait()


def outcome(code: int) -> str:
    """How a command ended, as Go says it."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal: {signal.strsignal(-code)}".lower()
    except ValueError:
        return f"signal: {-code}"
