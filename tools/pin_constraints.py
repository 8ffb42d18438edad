"""Resolve ``constraints/airflow-*.txt`` anew: what ``make`` installs for each supported Airflow.

Names and versions only; no file here names a package index.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
AIRFLOWS = ("3.3.2", "2.11.2")
# The older end of what the provider runs on, as constraint files of Airflow itself have long held it.
OLD_PROTOBUF = "protobuf==4.25.8"
# What only `make smoke` installs: an Airflow that its maintainers left behind does not run on the libraries of today
# (pydantic, fastapi, sqlalchemy), so it gets those of its day, and with them an older common-compat.
OLDER_AIRFLOWS = {"3.2.2": "2026-07-01", "3.1.8": "2026-04-15", "3.0.6": "2026-02-15"}
HEADER = "# Made by `make constraints`. What `make` installs for Airflow {airflow}; Python 3.10 and later.\n"


def pin(airflow: str, *more: str, suffix: str = "", day: str | None = None) -> None:
    """Write one constraint file.

    :param airflow: version of Airflow
    :param more: further requirements
    :param suffix: end of the file's name
    :param day: take only what was released before it, as YYYY-MM-DD
    """
    options = [
        "--quiet",
        "--universal",
        "--python-version",
        "3.10",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        *(["--exclude-newer", day] if day else []),
    ]
    command = [str(UV), "pip", "compile", *options, "pyproject.toml", "--group", "dev", "-"]
    requirements = "\n".join([f"apache-airflow=={airflow}", "uv", *more])
    result = subprocess.run(command, input=requirements, capture_output=True, text=True, check=True, cwd=ROOT)
    (ROOT / "constraints" / f"airflow-{airflow}{suffix}.txt").write_text(HEADER.format(airflow=airflow) + result.stdout)


if __name__ == "__main__":
    for version in AIRFLOWS:
        pin(version)
        pin(version, OLD_PROTOBUF, suffix="-protobuf-4")
    for version, day in OLDER_AIRFLOWS.items():
        pin(version, day=day)
