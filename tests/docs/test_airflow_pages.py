"""Every example of the pages on Airflow runs to its end, on both worlds: DAGs in Airflow, others as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import Version
from airflow_provider_pachyderm.testing.server import DevServer
from tests.conftest import Servers
from tests.support.airflow_runs import AirflowRuns
from tests.support.pages import DOCS, address_of, examples, run
from tests.support.web import Website

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="session", params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def server(request: pytest.FixtureRequest, servers: Servers) -> DevServer:
    """A server that runs the pipelines of the examples."""
    return servers(request.param, "--run-pipelines", of="pages")


AIRFLOW_3 = find_spec("airflow.sdk") is not None
_DAG = re.compile(r'@dag\(.*\)\ndef (\w+)\(|DAG\("(\w+)"')
PAGES = [page for page in sorted((DOCS / "airflow").glob("*.md")) if "```python" in page.read_text()]


@pytest.fixture(scope="module")
def icon() -> Iterator[str]:
    with Website() as website:
        yield website.add("/icon.png", b"\x89PNG")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path, server: DevServer, airflow_runs: AirflowRuns, tmp_path: Path, icon: str) -> None:
    newest = seed(server, tmp_path / "seed")
    connection = json.dumps({"conn_type": "pachyderm", "host": server.host, "port": server.port})
    for number, example in enumerate(examples(page)):
        if "airflow.sdk" in example and not AIRFLOW_3:
            continue
        if "project=" in example and Version.parse(server.version) < Version(2, 5, 0):
            continue
        file = tmp_path / f"example_{number}.py"
        here = example.replace("local/folder", str(tmp_path / "local" / "folder"))
        file.write_text(here.replace("http://localhost/icon.png", icon))
        match = _DAG.search(example)
        if match is None:
            run(example, {}, page, address_of(server))
            continue
        conf = {"commit": newest} if "get_commit(" in example else {}
        done = airflow_runs.run(file, match[1] or match[2], conf, connection)
        assert done, f"{example}\n{done}"


def seed(server: DevServer, folder: Path) -> str:
    """Make the repo that the examples read: ``images`` with a few files, in a commit of this id."""
    for name in ("cat.png", "dog.png", "labels/all.csv"):
        file = folder / "images" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (commit,) = server.seed(folder)
    return str(commit.id)
