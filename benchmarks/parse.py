"""What the provider costs a DAG processor: 200 files that use it, beside the same files with an empty operator.

Each is parsed in a process that has imported Airflow already. The first file is told apart, as it imports what all of
them share. Rounds are interleaved; the medians are compared. The last line says whether we loaded gRPC or protobuf.
"""

from __future__ import annotations

import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "airflow_provider_pachyderm"
FILES = 200
ROUNDS = 3
HEAD = """
from datetime import datetime
from airflow.providers.common.compat.sdk import DAG
"""
OURS = """
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateRepoOperator, PachydermGetFilesOperator, PachydermPutFileOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor

with DAG("dag_{number}", schedule=None, start_date=datetime(2024, 1, 1)):
    create = PachydermCreateRepoOperator(task_id="create", repo="repo")
    put = PachydermPutFileOperator(task_id="put", repo="repo", path="/", source="/data")
    text = PachydermPutFileOperator(task_id="text", repo="repo", path="/a", content="text")
    seen = PachydermCommitSensor(task_id="seen", repo="repo", deferrable=True)
    get = PachydermGetFilesOperator(task_id="get", commit=seen.output, destination="/fetched")
    again = PachydermGetFilesOperator(task_id="again", repo="repo", destination="/again")
    create >> put >> text >> seen >> get >> again
"""
EMPTY = """
from airflow.providers.common.compat.sdk import BaseOperator, BaseSensorOperator

class Nothing(BaseOperator):
    template_fields = ("commit",)

    def __init__(self, commit=None, **kwargs):
        super().__init__(**kwargs)
        self.commit = commit

    def execute(self, context): ...

class Never(BaseSensorOperator):
    def poke(self, context): ...

with DAG("dag_{number}", schedule=None, start_date=datetime(2024, 1, 1)):
    create = Nothing(task_id="create")
    put = Nothing(task_id="put")
    text = Nothing(task_id="text")
    seen = Never(task_id="seen")
    get = Nothing(task_id="get", commit=seen.output)
    again = Nothing(task_id="again")
    create >> put >> text >> seen >> get >> again
"""
PARSER = """
import gc, json, runpy, sys, time
from pathlib import Path
from airflow.providers.common.compat.sdk import DAG, BaseOperator, BaseSensorOperator, conf
import airflow.triggers.base
import airflow.providers.common.compat.connection

def heavy():
    return {name for name in sys.modules if name == "grpc" or name.startswith("google.protobuf")}

before = heavy()
first, *others = sorted(Path(sys.argv[1]).glob("*.py"))
figures = {}
gc.freeze()  # a collection would look at all that Airflow has made, and be counted for whoever comes to start it
for name, files in (("import", [first]), ("parse", others)):
    cpu, wall = time.process_time(), time.perf_counter()
    for file in files:
        runpy.run_path(str(file))
    figures[name] = [time.process_time() - cpu, time.perf_counter() - wall]
print(json.dumps({**figures, "heavy": sorted(heavy() - before)}))
"""


def write(folder: Path, body: str) -> Path:
    """Write the files, one DAG each."""
    folder.mkdir()
    for number in range(FILES + 1):
        (folder / f"dag_{number:03}.py").write_text((HEAD + body).format(number=number))
    return folder


def parse(folder: Path) -> dict[str, list[float]]:
    """Parse them in a new process; the first file alone, as it imports what the others share."""
    output = subprocess.run([sys.executable, "-c", PARSER, str(folder)], stdout=subprocess.PIPE, check=True, text=True)
    figures: dict[str, list[float]] = json.loads(output.stdout.splitlines()[-1])
    return figures


def median(rounds: list[dict[str, list[float]]], what: str, clock: int) -> float:
    """Give the median of a figure, in milliseconds."""
    return 1000 * statistics.median(figures[what][clock] for figures in rounds)


def main() -> None:
    compileall.compile_dir(PACKAGE, quiet=1)  # as pip does when it installs
    with tempfile.TemporaryDirectory() as home:
        os.environ["AIRFLOW_HOME"] = home
        folders = {"provider": write(Path(home, "ours"), OURS), "empty": write(Path(home, "empty"), EMPTY)}
        rounds: dict[str, list[dict[str, list[float]]]] = {name: [] for name in folders}
        for _ in range(ROUNDS):
            for name, folder in folders.items():
                rounds[name].append(parse(folder))
    print(f"{'milliseconds':34}{'provider':>10}{'empty':>10}{'ratio':>8}")
    for what, label in (("import", "first file, with imports"), ("parse", f"{FILES} files of 6 tasks")):
        for clock, unit in enumerate(("CPU", "wall")):
            ours, empty = (median(rounds[name], what, clock) for name in ("provider", "empty"))
            print(f"{label + ', ' + unit:34}{ours:10.0f}{empty:10.0f}{ours / empty:8.2f}")
    heavy = {module for figures in rounds["provider"] for module in figures["heavy"]}
    print("loaded by parsing, of gRPC and protobuf:", ", ".join(sorted(map(str, heavy))) or "nothing")


if __name__ == "__main__":
    main()
