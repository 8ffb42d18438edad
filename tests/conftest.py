"""What all tests share.

Airflow reads its home when it is first imported, so that must be set before any test module is.
"""

from collections.abc import Iterator

import pytest

from tests.support import airflow_home
from tests.support.airflow_runs import AirflowRuns

__all__ = ["airflow_home"]


@pytest.fixture(scope="session")
def airflow_runs() -> Iterator[AirflowRuns]:
    """An Airflow with a database, which runs whole DAGs."""
    with AirflowRuns() as runs:
        yield runs
