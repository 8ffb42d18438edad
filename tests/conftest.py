"""What all tests share.

Airflow reads its home when it is first imported, so that must be set before any test module is.
"""

from collections.abc import Iterator

import pytest

from tests.support import airflow_home, outside
from tests.support.airflow_runs import AirflowRuns

__all__ = ["airflow_home"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="also the tests and versions that `make test` leaves out")
    parser.addoption("--pachd-address", help="run the contract suite on this server instead of on dev servers")
    parser.addoption("--pachd-mine", action="store_true", help="all that is on that server may be deleted")
    parser.addoption("--pachd-local", action="store_true", help="that server can fetch URLs from this machine")


def pytest_configure(config: pytest.Config) -> None:
    if address := config.getoption("--pachd-address"):
        config.pluginmanager.register(outside.OutsideRun(config, address))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is only for a thorough run, and keep whole DAG runs together in one of several processes."""
    if not config.getoption("--thorough"):
        thorough = [item for item in items if item.get_closest_marker("thorough")]
        items[:] = [item for item in items if item not in thorough]
        config.hook.pytest_deselected(items=thorough)
    for item in items:
        if "airflow_runs" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("airflow_runs"))


@pytest.fixture(scope="session")
def airflow_runs() -> Iterator[AirflowRuns]:
    """An Airflow with a database, which runs whole DAGs."""
    with AirflowRuns() as runs:
        yield runs
