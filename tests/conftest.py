"""What all tests share.

Airflow reads its home when it is first imported, so that must be set before any test module is.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from airflow_provider_pachyderm.testing.server import DevServer
from tests.support import airflow_home, groups, outside
from tests.support.airflow_runs import AirflowRuns

__all__ = ["airflow_home"]

Servers = Callable[..., DevServer]

# no test depends on how busy the machine is
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="also the tests and versions that `make test` leaves out")
    parser.addoption("--pachd-address", help="run the contract suite on this server instead of on dev servers")
    parser.addoption("--pachd-mine", action="store_true", help="all that is on that server may be deleted")
    parser.addoption("--pachd-local", action="store_true", help="that server can fetch URLs from this machine")


def pytest_configure(config: pytest.Config) -> None:
    if address := config.getoption("--pachd-address"):
        config.pluginmanager.register(outside.OutsideRun(config, address))
    if config.getoption("dist", "no") == "loadgroup" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SharedGroups(config))


class SharedGroups:
    """Keeps groups of tests together, in the process that starts the others; see :mod:`tests.support.groups`."""

    def __init__(self, config: pytest.Config) -> None:
        folder = TemporaryDirectory(prefix="pachyderm-groups-")
        config.add_cleanup(folder.cleanup)
        self._file = Path(folder.name) / "groups.json"

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[groups.INPUT] = str(self._file)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> groups.GroupScheduling:
        return groups.GroupScheduling(config, log, self._file)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is only for a thorough run, and begin with what takes long.

    Of several processes, one runs whole DAGs, and one all tests of a module that share what is made once for it.
    """
    if not config.getoption("--thorough"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("thorough")])
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
    for item in items:
        if "airflow_runs" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("airflow_runs"))
        elif groups.group_of(item) is None and _shares_within_its_module(item):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(config.rootpath))))
    items.sort(key=_turn)
    groups.tell(config, items)


def _turn(item: pytest.Item) -> int:
    """Begin with whole DAGs, then what takes long alone, then other groups; what is short fills the gaps at the end."""
    group = groups.group_of(item)
    if group == "airflow_runs":
        return 0
    if item.get_closest_marker("long") is not None:
        return 1
    return 2 if group is not None else 3


def _shares_within_its_module(item: pytest.Item) -> bool:
    definitions = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(each[-1].scope == "module" for each in definitions.values())


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Start a server when it is first asked for; it runs to the end, however tests are ordered.

    ``of`` keeps apart who would be in each other's way.
    """
    with ExitStack() as running:

        @cache
        def server(version: str, *options: str, of: str = "") -> DevServer:
            return running.enter_context(DevServer(version, tmp_path_factory.mktemp("pachyderm"), *options))

        yield server


@pytest.fixture(scope="session", params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def server(request: pytest.FixtureRequest, servers: Servers) -> DevServer:
    """A server for what knows Airflow, and for the pages, which empty it."""
    return servers(request.param, of="Airflow")


@pytest.fixture(scope="session")
def airflow_runs() -> Iterator[AirflowRuns]:
    """An Airflow with a database, which runs whole DAGs."""
    with AirflowRuns() as runs:
        yield runs
