"""Who writes a commit: the names of a task, and its tries, as a commit's description has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import running_task

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import CommitInfo


def names_of(ti: Any) -> str:
    """Return dag, run, task and map index of a task instance, as one line."""
    names = {"dag": ti.dag_id, "run": ti.run_id, "task": ti.task_id, "map": ti.map_index}
    return json.dumps(names, separators=(",", ":"))


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
        return number != last and number.isdecimal() and int(number) < self.number

    @property
    def _start(self) -> str:
        return f"airflow {self.task} try "
