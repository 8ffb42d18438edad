"""Commands end, with all that they started, whenever their end comes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.worker import processes
from airflow_provider_pachyderm.devserver.worker.sandbox import Run, Sandbox


def described(folder: Path, command: str) -> Path:
    """A file that has the supervisor run something in a shell."""
    sandbox = Sandbox(folder / "sandbox", mounts=False)
    sandbox.make()
    stdin = sandbox.folder / "stdin"
    stdin.touch()
    return sandbox.file(Run(["sh", "-c", command], {**os.environ}, stdin=stdin))


def still_running(folder: Path) -> list[str]:
    """Processes that have a file below a folder open."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found += [process.name for fd in (process / "fd").iterdir() if os.readlink(fd).startswith(f"{folder}/")]
    return found


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize("command", ["sleep 600; true", "sleep 600 & sleep 600; true", "yes"])
async def test_a_command_can_be_cancelled_at_any_moment(
    tmp_path: Path, command: str, times: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Before it begins, too, and while a command has said more than anybody has read."""
    file = described(tmp_path, command)
    for milliseconds in range(0, 80, 4):
        run = asyncio.create_task(processes.run(file, lambda lines: None, None))
        await asyncio.sleep(milliseconds / 1000)
        for _ in range(times):
            run.cancel()
            await asyncio.sleep(0)
        with suppress(asyncio.CancelledError):
            await run
    # what was cancelled twice goes on with ending its command
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
    assert not still_running(tmp_path)
    assert not caplog.records


@pytest.mark.parametrize("which", ["outer", "inner"])
async def test_a_supervisor_that_is_killed_leaves_nothing(tmp_path: Path, which: str) -> None:
    """Not even what the command began apart from itself, which has its output and outlives it."""
    marks = "echo here; exec 3>$0/open; setsid sleep 600 & echo $PPID; wait"
    sandbox = Sandbox(tmp_path / "sandbox", mounts=False)
    sandbox.make()
    file = sandbox.file(Run(["sh", "-c", marks, str(tmp_path)], {**os.environ}))
    lines: list[str] = []
    run = asyncio.create_task(processes.run(file, lines.extend, None))
    while len(lines) < 2:
        await asyncio.sleep(0.01)
    inner = int(lines[1])
    outer = int(Path(f"/proc/{inner}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(outer if which == "outer" else inner, signal.SIGKILL)
    assert await run == -signal.SIGKILL
    assert not still_running(tmp_path)


async def test_lines_that_cannot_be_kept_end_the_command(tmp_path: Path) -> None:
    def fail(lines: Sequence[str]) -> None:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        await processes.run(described(tmp_path, f"exec 3>{tmp_path}/open; echo a; sleep 600"), fail, None)
    assert not still_running(tmp_path)
