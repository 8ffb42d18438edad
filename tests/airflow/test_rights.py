"""docs/airflow/rights.md: with the roles it names each operator and sensor works, with less it is refused."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client import PermissionDenied, PfsClient, Project, Repo, Scope
from airflow_provider_pachyderm.operators import pachyderm as operators
from airflow_provider_pachyderm.sensors import pachyderm as sensors
from airflow_provider_pachyderm.testing.server import DevServer
from tests.airflow.test_result_lines import LINES, Given
from tests.support.airflow_task import context_of
from tests.support.pages import DOCS
from tests.support.web import Website

TOKEN = "the-root-token"
_ROW = re.compile(r"^\| `Pachyderm(\w+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_ROLE = re.compile(r"`(\w+)` on the (repo|project)")
LESS = {"repoReader": [], "repoWriter": ["repoReader"], "repoOwner": ["repoWriter"], "projectOwner": []}
SCOPES = list(Scope)
ROWS = {name: (roles, scope) for name, roles, scope in _ROW.findall((DOCS / "airflow" / "rights.md").read_text())}
SENSORS = {
    "CommitSensor": {"commit": "{repo}@master"},
    "FileSensor": {"repo": "{repo}", "path": "/a"},
    "CommitSetSensor": {"commit": "{repo}@master"},
    "JobSensor": {"commit": "{repo}@master"},
}
NAMES = [*(f"{name}Operator" for name in LINES), *SENSORS]
# the dev server asks only who one is
OF_PIPELINES = {name for name in NAMES if re.search("Pipeline|Cron|Datum|Job", name)}


@pytest.fixture(scope="module", params=["2.11.6", pytest.param("2.7.8", marks=pytest.mark.thorough), "1.13.4"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    with DevServer(request.param, tmp_path_factory.mktemp("guarded"), "--auth-token", TOKEN) as server:
        yield server


@pytest.fixture
def root(guarded: DevServer) -> Iterator[PfsClient]:
    with guarded.client(auth_token=TOKEN) as client:
        yield client


@pytest.fixture
def robot(guarded: DevServer, root: PfsClient, monkeypatch: pytest.MonkeyPatch) -> str:
    """A robot that has no rights yet, whose token the connection has."""
    name = f"robot-{uuid.uuid4().hex[:8]}"
    connection = {"conn_type": "pachyderm", "host": guarded.host, "port": guarded.port}
    connection["password"] = root.get_robot_token(name, timedelta(hours=1))
    monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps(connection))
    return f"robot:{name}"


@pytest.fixture
def given(root: PfsClient, tmp_path: Path, website: Website) -> Given:
    repo = f"rights-{uuid.uuid4().hex[:12]}"
    root.create_repo(repo)
    root.put_file_bytes(f"{repo}@master", "/a", b"A")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one").write_bytes(b"1")
    return Given(root, repo, folder, website)


def test_every_task_has_its_row() -> None:
    assert sorted(ROWS) == sorted(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_PIPELINES])
def test_a_task_needs_what_the_page_says(name: str, given: Given, robot: str) -> None:
    """The arguments are made by the administrator; who executes the task is the robot."""
    if name in SENSORS:
        arguments = {key: value.format(repo=given.repo) for key, value in SENSORS[name].items()}
        task = getattr(sensors, f"Pachyderm{name}")(task_id="t", **arguments)
        do = task.poke
    else:
        arguments = LINES[name.removesuffix("Operator")][0](given)
        task = getattr(operators, f"Pachyderm{name}")(task_id="t", **arguments)
        do = task.execute
    needs = on_1x if given.client.version().major == 1 else on_2x
    for give in needs(name, given, robot):
        with pytest.raises(PermissionDenied):
            do(context_of(task))
        give()
    assert do(context_of(task)) is not None


def on_1x(name: str, given: Given, robot: str) -> Iterator[Callable[[], None]]:
    """Give what is not enough, and then what is to be given before the task may run."""
    if scope := re.fullmatch(r"`([A-Z]+)`", ROWS[name][1].strip()):
        enough = Scope[scope[1]]
        given.client.set_scope(given.repo, robot, SCOPES[SCOPES.index(enough) - 1])
        yield lambda: given.client.set_scope(given.repo, robot, enough)


def on_2x(name: str, given: Given, robot: str) -> Iterator[Callable[[], None]]:
    lax = name == "DropCommitOperator" and given.client.version().minor < 8
    for role, kind in [("repoReader", "repo")] if lax else _ROLE.findall(ROWS[name][0]):
        place = Project(given.repo) if kind == "project" else Repo(given.repo)
        given.client.modify_role_binding(place, robot, LESS[role])
        yield partial(given.client.modify_role_binding, place, robot, [role])
