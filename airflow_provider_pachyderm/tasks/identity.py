"""Who writes a commit: the names of a task, and its tries, as a commit's description has them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import running_task

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import CommitInfo

_NUMBER = re.compile(r"[0-9]{1,9}")
_SIGNED = re.compile(r"airflow (\{.*\}) (?:generation|try) [0-9]+")


def names_of(ti: Any) -> str:
    """Return dag, run, task and map index of a task instance, as one line."""
    names = {"dag": ti.dag_id, "run": ti.run_id, "task": ti.task_id, "map": ti.map_index}
    return json.dumps(names, separators=(",", ":"))


@dataclass(frozen=True)
class Writer:
    """The task instance that made a commit.

    :param map_index: -1 for one that is not mapped
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int

    @classmethod
    def of(cls, ti: Any) -> Writer:
        """Name a task instance."""
        return cls(ti.dag_id, ti.run_id, ti.task_id, ti.map_index)

    @classmethod
    def signed(cls, info: CommitInfo) -> Writer | None:
        """Read who made a commit from its description, if a task of this provider did."""
        for line in reversed(info.description.splitlines()):
            if match := _SIGNED.fullmatch(line):
                return cls._read(match[1])
        return None

    @classmethod
    def _read(cls, names: str) -> Writer | None:
        try:
            found = json.loads(names)
            return cls(str(found["dag"]), str(found["run"]), str(found["task"]), int(found["map"]))
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            return None  # somebody wrote what looks like a signature

    def __str__(self) -> str:
        mapped = f", map index {self.map_index}" if self.map_index >= 0 else ""
        return f"task {self.task_id!r} of DAG {self.dag_id!r}, run {self.run_id!r}{mapped}"

    def is_same_task(self, other: Writer) -> bool:
        """Say whether both are one task of the DAG, in whichever runs."""
        return replace(self, run_id=other.run_id) == other


@dataclass(frozen=True)
class Try:
    """One try of a task. When a later one runs, it is over, and what it left open nobody will finish.

    :param task: the names of the task
    :param number: of the try, counting on through a clear
    """

    task: str
    number: int

    @classmethod
    def running(cls) -> Try | None:
        """Return the try that this process runs, if it runs a task."""
        ti = running_task()
        return cls(names_of(ti), ti.try_number) if ti else None

    def sign(self, description: str) -> str:
        """Return a description with this try below it."""
        return f"{description}\n{self._start}{self.number}"

    def is_after(self, info: CommitInfo) -> bool:
        """Say whether an earlier try of the same task made the commit."""
        last = info.description.rpartition("\n")[2]
        number = last.removeprefix(self._start)
        return number != last and _NUMBER.fullmatch(number) is not None and int(number) < self.number

    @property
    def _start(self) -> str:
        return f"airflow {self.task} try "
