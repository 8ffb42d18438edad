"""Many deferred sensors in one event loop, as in a triggerer: how long until all of them wake, and what they cost.

All triggers wait for commits of one branch, or of several. The measure is as many bare triggers, which wait for nothing
but an event of asyncio's, in the same process: the ratios say what waiting for Pachyderm adds to it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import tests.support.airflow_home  # noqa: E402, F401  (found through the path; Airflow reads its home when imported)
from airflow_provider_pachyderm.client import AsyncPfsClient  # noqa: E402
from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402
from airflow_provider_pachyderm.triggers._base import WaitingTrigger  # noqa: E402
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger  # noqa: E402

ROW = "{:>8}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}"


@dataclass(frozen=True)
class Figures:
    """Seconds until all wait, from a branch's FinishCommit to its first and its last event, and for bare triggers."""

    settled: float
    first: float
    last: float
    bare: float
    kilobytes: float
    files: int


async def measure(client: AsyncPfsClient, waiters: int, branches: Sequence[str]) -> Figures:
    """Let so many triggers wait, make a commit on each branch, and wait until all have fired."""
    memory, now = resident(), datetime.now(timezone.utc)
    times = {"after": now.isoformat(), "deadline": (now + timedelta(hours=1)).isoformat()}
    triggers = [
        PachydermCommitTrigger(repo="waiters", branch=branches[number % len(branches)], **times)
        for number in range(waiters)
    ]
    fired: list[tuple[str, float]] = []
    began = time.perf_counter()
    tasks = [asyncio.create_task(fire(trigger, fired)) for trigger in triggers]
    await until_settled()
    settled = time.perf_counter() - began
    kilobytes, files = (resident() - memory) / waiters, len(os.listdir("/proc/self/fd"))
    finished = {}
    for branch in branches:
        async with client.commit("waiters", branch):
            finished[branch] = time.perf_counter()
    await asyncio.gather(*tasks)
    delays = [moment - finished[branch] for branch, moment in fired]
    return Figures(settled, min(delays), max(delays), await bare(waiters), kilobytes, files)


async def fire(trigger: PachydermCommitTrigger, fired: list[tuple[str, float]]) -> None:
    """Run a trigger to its end, and write down when it fired, and for which branch."""
    async for event in trigger.run():
        assert event.payload["status"] == "success", event.payload
        fired.append((trigger.condition.branch, time.perf_counter()))


async def until_settled() -> None:
    """Return when the process has nothing to do any more: all triggers have looked, and wait."""
    idle = 0
    while idle < 5:
        cpu = time.process_time()
        await asyncio.sleep(0.2)
        idle = idle + 1 if time.process_time() - cpu < 0.02 else 0


class BareTrigger(WaitingTrigger[Any]):
    """Waits for an event, and knows no Pachyderm."""

    def __init__(self, woken: asyncio.Event, deadline: str) -> None:
        super().__init__(None, deadline=deadline)
        self._woken = woken

    async def _wait(self) -> str:
        await self._woken.wait()
        return ""


async def bare(waiters: int) -> float:
    """Let so many bare triggers wait, wake them, and return the seconds until all have fired."""
    woken, deadline = asyncio.Event(), (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
    fired: list[float] = []

    async def fire_bare() -> None:
        fired.extend([time.perf_counter() async for _ in BareTrigger(woken, deadline).run()])

    tasks = [asyncio.create_task(fire_bare()) for _ in range(waiters)]
    await until_settled()
    began = time.perf_counter()
    woken.set()
    await asyncio.gather(*tasks)
    return max(fired) - began


def resident() -> float:
    """Return the kilobytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024


async def measure_here(address: str, waiters: int, branches: int) -> Figures:
    """Measure one case in this process."""
    host, _, port = address.rpartition(":")
    os.environ["AIRFLOW_CONN_PACHYDERM_DEFAULT"] = json.dumps(
        {"conn_type": "pachyderm", "host": host, "port": int(port)}
    )
    async with AsyncPfsClient(host, int(port)) as client:
        await client.create_repo("waiters", update=True)
        return await measure(client, waiters, [f"b{waiters}-{branches}-{number}" for number in range(branches)])


def measure_apart(address: str, waiters: int, branches: int) -> Figures:
    """Measure it in a process of its own, for its memory."""
    command = [sys.executable, __file__, "--case", address, str(waiters), str(branches)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Figures(**json.loads(output.splitlines()[-1]))


def report(version: str, waiters: Sequence[int], branches: int) -> None:
    """Measure against one server and print a table."""
    print(f"Pachyderm {version}")
    print(ROW.format("waiters", "branches", "settle s", "first s", "last s", "bare s", "x bare", "kB each", "files"))
    with tempfile.TemporaryDirectory() as folder, DevServer(version, Path(folder)) as server:
        for number in waiters:
            for count in sorted({1, min(branches, number)}):
                seen = measure_apart(server.address, number, count)
                ratio = f"{seen.last / seen.bare:.2f}"
                row = (f"{seen.settled:.1f}", f"{seen.first:.2f}", f"{seen.last:.2f}", f"{seen.bare:.2f}", ratio)
                print(ROW.format(number, count, *row, f"{seen.kilobytes:.1f}", seen.files), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiters", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--branches", type=int, default=100)
    parser.add_argument("--versions", nargs="+", default=["1.13.4", "2.11.6"])
    parser.add_argument("--case", nargs=3, help="server, waiters, branches: one case (used by the benchmark itself)")
    args = parser.parse_args()
    if args.case:
        address, waiters, branches = args.case
        print(json.dumps(asdict(asyncio.run(measure_here(address, int(waiters), int(branches))))))
        return
    for version in args.versions:
        report(version, args.waiters, args.branches)


if __name__ == "__main__":
    main()
