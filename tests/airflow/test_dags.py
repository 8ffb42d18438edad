"""DAGs as Airflow runs them: templates, XComs, skipping, deferral. Each run is a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import PfsClient
from tests.support.airflow_home import EXAMPLE_DAGS, SETTINGS
from tests.support.web import Website

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("database")]
DAGS = Path(__file__).with_name("dags")
ENVIRONMENT = {**os.environ, **SETTINGS, "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO"}
# Deprecated calls that we make are errors; Airflow's own are its business.
AIRFLOW = [sys.executable, "-W", "error::DeprecationWarning:airflow_provider_pachyderm", "-m", "airflow"]


@pytest.fixture(scope="session")
def database() -> None:
    subprocess.run([*AIRFLOW, "db", "migrate"], env=ENVIRONMENT, check=True, capture_output=True)


@contextmanager
def running(dag: str, folder: Path, connection: str, conf: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **ENVIRONMENT,
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        "AIRFLOW_CONN_PACHYDERM_DEFAULT": connection,
    }
    command = [*AIRFLOW, "dags", "test", dag, "--conf", json.dumps(conf)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("with_url", [True, False], ids=["url", "no-url"])
def test_example(
    client: PfsClient, connection: str, repo: str, website: Website, tmp_path: Path, with_url: bool
) -> None:
    source, destination = tmp_path / "source", tmp_path / "fetched"
    (source / "deep").mkdir(parents=True)
    (source / "a").write_bytes(os.urandom(3_000_001))
    (source / "deep" / "empty").touch()
    expected = files(source)
    if with_url:
        expected["web/page"] = b"from the web"
    url = website.add("/page", b"from the web") if with_url else ""
    conf = {"repo": repo, "source": str(source), "url": url, "destination": str(destination)}
    with running("pachyderm_ingest", EXAMPLE_DAGS, connection, conf) as process:
        output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output
    assert files(destination) == expected
    descriptions = [info.description.splitlines() for info in client.list_commit(repo, to_commit="master")]
    assert len(descriptions) == (2 if with_url else 1)
    assert descriptions[-1][0] == f"Files of {source}"
    assert '"dag":"pachyderm_ingest"' in descriptions[-1][1]
    assert '"task":"put_directory"' in descriptions[-1][1]
    assert descriptions[-1][1].endswith("generation 0")


def test_sensor_defers_and_wakes(client: PfsClient, connection: str, repo: str, tmp_path: Path) -> None:
    conf = {"repo": repo, "destination": str(tmp_path / "fetched")}
    with running("wait_for_commit", DAGS, connection, conf) as process:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if "running trigger in line" in line:
                break
        with client.commit(repo, "master") as commit:
            client.put_file_bytes(commit, "/a", b"A")
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, "".join(seen) + output
    assert files(tmp_path / "fetched") == {"a": b"A"}
