"""Fixtures for pytest, available once the package is installed. Nothing is imported before a test uses one.

=======================  ===========================================================================================
fixture                  what a test gets
=======================  ===========================================================================================
``pachyderm_server``     an empty :class:`.DevServer`
``pachyderm_client``     a :class:`.PfsClient` of that server
``pachyderm_conn``       the id of an Airflow connection to that server
``seed``                 ``seed(directory)`` puts a directory tree into that server, see :meth:`.DevServer.seed`
``pachyderm_clock``      the :class:`.Clock` of that server
``pachyderm_pipelines``  the :class:`.Pipelines` of that server: the test says how jobs end, or does them
``pachyderm_worker``     nothing, but that server runs pipelines' commands on this machine
=======================  ===========================================================================================

The marker ``pachyderm(version="1.13.4")`` chooses the version of Pachyderm, else the ini option ``pachyderm_version``;
or parametrize the fixture ``pachyderm_version``. With the marker ``pachyderm(id_seed="any text")`` commits get the same
IDs in every run, and ``pachyderm(options=["--auth-token", "secret"])`` adds options to the server's command line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient
    from airflow_provider_pachyderm.testing.clock import Clock
    from airflow_provider_pachyderm.testing.pipelines import Pipelines
    from airflow_provider_pachyderm.testing.server import DevServer, SharedServers


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take ``pachyderm_version`` from the ini file."""
    parser.addini(
        "pachyderm_version", "version of Pachyderm that the fixture pachyderm_server plays, such as 2.11.6", default=""
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "pachyderm(version=None, id_seed=None, options=()): which Pachyderm the dev server plays, a seed for its ids, "
        "and more of its command line",
    )


@pytest.fixture
def pachyderm_version(request: pytest.FixtureRequest) -> str:
    """The version that ``pachyderm_server`` plays: of the marker, else of the ini option, else the default."""
    from airflow_provider_pachyderm.devserver.releases.played import DEFAULT_VERSION

    return str(_marked(request, "version") or request.config.getini("pachyderm_version") or DEFAULT_VERSION)


@pytest.fixture
def pachyderm_clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    """The clock of this test's own server: ``set`` and ``advance`` move it."""
    from airflow_provider_pachyderm.testing.clock import Clock

    return Clock(tmp_path_factory.mktemp("clock") / "now")


@pytest.fixture
def pachyderm_pipelines() -> Iterator[Pipelines]:
    """The pipelines of this test's own server: ``finish``, ``fail`` and ``run`` say how their jobs end."""
    from airflow_provider_pachyderm.testing.pipelines import Pipelines

    pipelines = Pipelines()
    yield pipelines
    pipelines.close()


@pytest.fixture
def pachyderm_worker() -> None:
    """Let this test's own server run the commands of pipelines, as processes of this machine."""


@pytest.fixture(scope="session")
def _pachyderm_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServers]:
    from airflow_provider_pachyderm.testing.server import SharedServers

    servers = SharedServers(lambda: tmp_path_factory.mktemp("pachyderm"))
    yield servers
    servers.stop()


@pytest.fixture
def pachyderm_server(
    request: pytest.FixtureRequest,
    pachyderm_version: str,
    tmp_path_factory: pytest.TempPathFactory,
    _pachyderm_servers: SharedServers,
) -> Iterator[DevServer]:
    """An empty dev server: ``host``, ``port``, ``address``, ``seed``; ``stop``, ``kill`` and ``start``.

    Tests without a clock, an ID seed or options share one process, which is emptied before each.
    """
    from airflow_provider_pachyderm.testing.server import DevServer

    options = _options(request)
    if options:
        with DevServer(pachyderm_version, tmp_path_factory.mktemp("pachyderm"), *options) as server:
            yield server
    else:
        yield _pachyderm_servers.empty(pachyderm_version)


@pytest.fixture
def pachyderm_client(pachyderm_server: DevServer) -> Iterator[PfsClient]:
    """A client of ``pachyderm_server``, closed after the test."""
    with pachyderm_server.client() as client:
        yield client


@pytest.fixture
def pachyderm_conn_id() -> str:
    """The id that ``pachyderm_conn`` uses: the default of hooks, operators and sensors."""
    return "pachyderm_default"


@pytest.fixture
def pachyderm_conn(pachyderm_server: DevServer, pachyderm_conn_id: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The ID of an Airflow connection to ``pachyderm_server``, which exists during the test.

    It is an environment variable, as every process that Airflow starts for the test inherits it.
    """
    connection = {"conn_type": "pachyderm", "host": pachyderm_server.host, "port": pachyderm_server.port}
    monkeypatch.setenv(f"AIRFLOW_CONN_{pachyderm_conn_id.upper()}", json.dumps(connection))
    return pachyderm_conn_id


@pytest.fixture
def seed(pachyderm_server: DevServer) -> Callable[[str | PathLike[str]], list[Commit]]:
    """``seed(directory)`` puts a directory tree into ``pachyderm_server``: a commit for each folder in it."""
    return pachyderm_server.seed


def _options(request: pytest.FixtureRequest) -> list[str]:
    """What this test's server must have to itself."""
    options = [*(_marked(request, "options") or ())]
    if "pachyderm_clock" in request.fixturenames:
        options += ["--clock", str(request.getfixturevalue("pachyderm_clock").file)]
    if "pachyderm_pipelines" in request.fixturenames:
        options += request.getfixturevalue("pachyderm_pipelines").options
    elif "pachyderm_worker" in request.fixturenames:
        options += ["--run-pipelines", "--jobs", "2"]
    if id_seed := _marked(request, "id_seed"):
        options += ["--id-seed", str(id_seed)]
    return options


def _marked(request: pytest.FixtureRequest, name: str) -> Any:
    """Look it up in the markers, the nearest first."""
    markers = request.node.iter_markers("pachyderm")
    return next((marker.kwargs[name] for marker in markers if name in marker.kwargs), None)
