"""Ride out an outage: calls of every kind, by both clients, and a deferred sensor, in both worlds.

``python benchmarks/outage.py --seconds 30`` kills a dev server under them, starts it again after so long, and prints
for each what came of it and how long after the server was back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tests.support.airflow_home  # noqa: F401  (found through the path; Airflow reads its home when imported)
from airflow_provider_pachyderm.client import AsyncPfsClient, PfsClient
from airflow_provider_pachyderm.testing.server import DevServer
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger

VERSIONS = ("1.13.4", "2.11.6")


def calls_of(client: PfsClient, name: str) -> dict[str, Callable[[], Any]]:
    """Give calls of each kind, on what was made for them."""

    def put() -> None:
        client.put_file_bytes((f"{name}-put", "master"), "/b", b"B")

    def commit() -> None:
        with client.commit(f"{name}-commit", "master") as commit:
            client.put_file_bytes(commit, "/b", b"B")

    return {
        "inspect": lambda: client.inspect_repo(name),
        "list": lambda: list(client.list_file(f"{name}@master")),
        "get": lambda: client.get_files(f"{name}@master", "/"),
        "create repo": lambda: client.create_repo(f"{name}-new"),
        "delete repo": lambda: client.delete_repo(f"{name}-old"),
        "create branch": lambda: client.create_branch(name, "other", "master"),
        "put": put,
        "commit": commit,
    }


def prepare(client: PfsClient, name: str) -> None:
    """Make what the calls are about."""
    for suffix in ("", "-old", "-put", "-commit"):
        client.create_repo(name + suffix)
    client.put_file_bytes((name, "master"), "/a", b"A")


async def sensor(repo: str, since: str) -> Any:
    """Wait as a deferred sensor does."""
    deadline = (datetime.now(timezone.utc) + timedelta(minutes=5)).isoformat()
    trigger = PachydermCommitTrigger(repo=repo, branch="master", from_commit=since, deadline=deadline)
    return [event.payload async for event in trigger.run()]


async def timed(work: Awaitable[Any]) -> tuple[float, str]:
    """Say when something ended, and how."""
    try:
        result = await work
        return time.monotonic(), "FAILED" if "'status': 'error'" in str(result) else "ok"
    except Exception as error:
        return time.monotonic(), f"FAILED {type(error).__name__}: {error}"[:200]


async def run(version: str, seconds: float, folder: Path) -> int:
    """Do it on one version.

    :return: how many failed.
    """
    server = DevServer(version, folder)
    server.start()
    os.environ["AIRFLOW_CONN_PACHYDERM_DEFAULT"] = json.dumps(
        {"conn_type": "pachyderm", "host": server.host, "port": server.port}
    )
    with server.client() as sync:
        prepare(sync, "s")
        since = str(sync.inspect_commit("s@master").commit)
        waiting = asyncio.create_task(timed(sensor("s", since)))
        async with AsyncPfsClient(server.host, server.port) as client:
            await client.list_repo()
            await asyncio.sleep(2)
            server.kill()
            back: list[float] = []
            timer = threading.Timer(seconds, lambda: (server.start(), back.append(time.monotonic())))
            timer.start()
            tasks = {
                f"sync {kind}": asyncio.create_task(timed(asyncio.to_thread(call)))
                for kind, call in calls_of(sync, "s").items()
            }
            tasks["async inspect"] = asyncio.create_task(timed(client.inspect_repo("s")))
            tasks["async put"] = asyncio.create_task(timed(client.put_file_bytes(("s", "async"), "/c", b"C")))
            tasks["async get"] = asyncio.create_task(timed(client.get_files("s@master", "/")))
            ends = {name: await task for name, task in tasks.items()}
            await asyncio.to_thread(sync.put_file_bytes, ("s", "master"), "/new", b"N")
            made = time.monotonic()
            ends["deferred sensor"] = await waiting
            timer.join()
    server.stop()
    for name, (ended, outcome) in ends.items():
        since_then = ended - (made if name == "deferred sensor" else back[0])
        print(f"{version:7} {name:16} {since_then:+6.2f} s  {outcome}")
    return sum("FAILED" in outcome for _, outcome in ends.values())


def main() -> int:
    """Run all versions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long the server is away")
    parser.add_argument("versions", nargs="*", default=VERSIONS)
    chosen = parser.parse_args()
    failed = 0
    for version in chosen.versions:
        with tempfile.TemporaryDirectory() as folder:
            failed += asyncio.run(run(version, chosen.seconds, Path(folder)))
    print(f"failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
