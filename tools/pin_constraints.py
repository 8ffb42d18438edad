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
HEADER = "# Made by `make constraints`. What `make` installs for Airflow {airflow}; Python 3.10 and later.\n"


def pin(airflow: str) -> None:
    """Write one constraint file."""
    options = [
        "--quiet",
        "--universal",
        "--python-version",
        "3.10",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
    ]
    command = [str(UV), "pip", "compile", *options, "pyproject.toml", "--group", "dev", "-"]
    requirements = f"apache-airflow=={airflow}\nuv\n"
    result = subprocess.run(command, input=requirements, capture_output=True, text=True, check=True, cwd=ROOT)
    (ROOT / "constraints" / f"airflow-{airflow}.txt").write_text(HEADER.format(airflow=airflow) + result.stdout)


if __name__ == "__main__":
    for version in AIRFLOWS:
        pin(version)
