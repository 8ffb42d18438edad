"""An Airflow home that is this run's own. Import it before anything imports Airflow, which reads it then."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

EXAMPLE_DAGS = Path(__file__).parents[2] / "example_dags"

HOME = Path(tempfile.mkdtemp(prefix="airflow-home-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
SETTINGS = {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(EXAMPLE_DAGS),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
}
os.environ.update(SETTINGS)
