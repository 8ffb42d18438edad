"""The event-driven example, from the commit to its file; `make standalone` runs it in a real Airflow."""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_provider_pachyderm.client import PfsClient
from airflow_provider_pachyderm.operators.pachyderm import PachydermGetFilesOperator
from tests.support.airflow_home import EXAMPLE_DAGS
from tests.support.airflow_task import run


@pytest.fixture
def example() -> dict[str, Any]:
    pytest.importorskip("airflow.sdk", reason="Airflow 2 has no asset watchers")
    return runpy.run_path(str(EXAMPLE_DAGS / "pachyderm_events.py"))


async def test_a_commit_becomes_a_file(example: dict[str, Any], client: PfsClient, tmp_path: Path) -> None:
    await asyncio.to_thread(client.create_repo, "images", update=True)
    (watcher,) = example["images"].watchers
    events = watcher.trigger.run()
    event = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0.5)
    await asyncio.to_thread(client.put_file_bytes, ("images", "master"), "/logo", b"PNG")
    payload = (await asyncio.wait_for(event, 20)).payload
    await events.aclose()

    arrived = SimpleNamespace(extra={"payload": payload})
    commits = example["dag"].task_dict["commits"].python_callable({example["images"]: [arrived, arrived]})
    assert commits == [payload["commit"]]
    fetch = PachydermGetFilesOperator(task_id="fetch", commit=commits[0], destination=str(tmp_path / "fetched"))
    await asyncio.to_thread(run, fetch)
    assert (tmp_path / "fetched" / "logo").read_bytes() == b"PNG"


def test_its_events_start_it(example: dict[str, Any]) -> None:
    dag = example["dag"]
    assert dag.schedule == [example["images"]]
    assert dag.task_dict["get_files"].is_mapped
