"""Resolve ``constraints/*.txt`` anew: what ``make`` installs for each supported Airflow, for the pages and for types.

Names and versions only; no file here names a package index.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
AIRFLOWS = ("3.3.2", "2.11.2")
# What many have beside ours: the pins leave room for the newest of each that runs on that Airflow.
NEIGHBOURS = ("apache-airflow-providers-amazon", "apache-airflow-providers-google")
# The older end of what the provider runs on, as constraint files of Airflow itself have long held it.
OLD_PROTOBUF = "protobuf==4.25.8"
# What only `make smoke` installs: an Airflow that its maintainers left behind does not run on the libraries of today
# (pydantic, fastapi, sqlalchemy), so it gets those of its day, and with them an older common-compat. With
# universal-pathlib 0.3, ObjectStoragePath of 3.0 knows no scheme at all.
OLDER_AIRFLOWS = {"3.2.2": ["2026-07-01"], "3.1.8": ["2026-04-15"], "3.0.6": ["2026-02-15", "universal-pathlib<0.3"]}
# Groups with an environment of their own, which holds the newest Airflow and nothing that differs from the main one.
# What makes pages needs another markdown-it-py than Airflow there, as long as Python is 3.10.
GROUPS = ("docs", "types")
HEADER = "# Made by `make constraints`. What `make` installs for {purpose}; Python {python} and later.\n"


def pin_airflow(airflow: str, *more: str, suffix: str = "", day: str | None = None) -> None:
    """Write the constraint file of an Airflow.

    :param airflow: version of Airflow
    :param more: further requirements
    :param suffix: end of the file's name
    :param day: take only what was released before it, as YYYY-MM-DD
    """
    options = ("--python-version", "3.10", *(("--exclude-newer", day) if day else ()))
    _pin(
        f"airflow-{airflow}{suffix}", f"Airflow {airflow}", "dev", [f"apache-airflow=={airflow}", "uv", *more], options
    )


def pin_group(group: str) -> None:
    """Write the constraint file of a group of ``pyproject.toml``."""
    newest = AIRFLOWS[0]
    options = ("--python-version", "3.11", "--constraint", f"constraints/airflow-{newest}.txt")
    _pin(group, f"`make {group}`", group, [f"apache-airflow=={newest}"], options)


def pin_airflow_beside_neighbours(airflow: str) -> None:
    """Write the constraint file that users take: what it pins can be installed beside the other providers, too."""
    options = ("--python-version", "3.10")
    requirements = [f"apache-airflow=={airflow}", "uv"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as shared:
        shared.write(_resolve("dev", [*requirements, *NEIGHBOURS], options))
        shared.flush()
        _pin(f"airflow-{airflow}", f"Airflow {airflow}", "dev", requirements, (*options, "--constraint", shared.name))


def _pin(name: str, purpose: str, group: str, requirements: list[str], options: tuple[str, ...]) -> None:
    header = HEADER.format(purpose=purpose, python=options[1])
    (ROOT / "constraints" / f"{name}.txt").write_text(header + _resolve(group, requirements, options))


def _resolve(group: str, requirements: list[str], options: tuple[str, ...]) -> str:
    fixed = ("--quiet", "--universal", "--no-header", "--no-annotate", "--no-emit-index-url")
    command = [str(UV), "pip", "compile", *fixed, *options, "pyproject.toml", "--group", group, "-"]
    asked = "\n".join(requirements)
    return subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout


if __name__ == "__main__":
    for version in AIRFLOWS:
        pin_airflow_beside_neighbours(version)
        pin_airflow(version, OLD_PROTOBUF, suffix="-protobuf-4")
    for version, (day, *more) in OLDER_AIRFLOWS.items():
        pin_airflow(version, *more, day=day)
    for group in GROUPS:
        pin_group(group)
