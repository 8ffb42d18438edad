"""Who writes a commit: the names of a task, and its tries, as a commit's description has them."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_pachyderm._compat import run_start, running_task

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import CommitInfo

_NUMBER = re.compile(r"[0-9]{1,9}")
# How much the clocks of Airflow and Pachyderm may differ when commits of before the run are left out of a search.
_SKEW = timedelta(hours=1)
_SIGNED = re.compile(r"airflow (\{.*\}) (?:generation|try) [0-9]+(?: part [0-9]+)?")


class TaskNames(Protocol):
    """A task instance, or a key of one, as far as its names go."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int


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
    def of(cls, ti: TaskNames) -> Writer:
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

    @cached_property
    def names(self) -> str:
        """Dag, run, task and map index, as a signature has them."""
        names = {"dag": self.dag_id, "run": self.run_id, "task": self.task_id, "map": self.map_index}
        return json.dumps(names, separators=(",", ":"))

    def __str__(self) -> str:
        mapped = f", map index {self.map_index}" if self.map_index >= 0 else ""
        return f"task {self.task_id!r} of DAG {self.dag_id!r}, run {self.run_id!r}{mapped}"

    def is_same_task(self, other: Writer) -> bool:
        """Say whether both are one task of the DAG, in whichever runs."""
        return replace(self, run_id=other.run_id) == other


@dataclass(frozen=True)
class Marker:
    """Which task, and which try of it, a commit belongs to; the last line of its description.

    :param writer: the task
    :param generation: stays through retries and grows when a user clears the task
    :param first_try: nothing of this generation can exist yet
    :param since: no commit of the run is older than this
    :param part: counts the commits that the task makes on the branch, if it makes several
    """

    writer: Writer
    generation: int
    first_try: bool = True
    since: datetime | None = None
    part: int = 1

    @classmethod
    def of(cls, context: Context, part: int = 1) -> Marker:
        """Make the marker of the running task."""
        ti: Any = context["ti"]
        generation = (ti.max_tries or 0) - (context["task"].retries or 0)
        # Clearing another task of the run moves its start date, but not when it was due.
        started = context["dag_run"].start_date
        return cls(
            writer=Writer.of(ti),
            generation=generation,
            first_try=ti.try_number <= generation + 1,
            since=min(started, run_start(context)) - _SKEW if started else None,
            part=part,
        )

    def sign(self, description: str | None) -> str:
        """Return a description with this marker below the user's text."""
        return "\n".join(line for line in (description, self._line) if line)

    def is_task_of(self, info: CommitInfo) -> bool:
        """Say whether any try of this task made the commit, before a clear or after."""
        return any(line.startswith(self._start) for line in info.description.splitlines())

    def is_generation_of(self, info: CommitInfo) -> bool:
        """Say whether this try or an earlier one of the same generation made the commit."""
        return self._line in info.description.splitlines()

    def is_run_of(self, info: CommitInfo) -> bool:
        """Say whether a task of the same DAG run made the commit."""
        writer = Writer.signed(info)
        return writer is not None and (writer.dag_id, writer.run_id) == (self.writer.dag_id, self.writer.run_id)

    @property
    def _start(self) -> str:
        return f"airflow {self.writer.names} generation "

    @property
    def _line(self) -> str:
        return f"{self._start}{self.generation}{f' part {self.part}' if self.part > 1 else ''}"


class NoTask(Marker):
    """The marker of a script that is no task: nothing runs it again, so nothing looks for what it left."""

    def __init__(self) -> None:
        super().__init__(Writer("", "", "", -1), generation=0)

    def sign(self, description: str | None) -> str:
        """Return a description that no other commit has, by which one is known whose start was not answered."""
        return "\n".join(line for line in (description, f"outside of tasks ({secrets.token_hex(4)})") if line)

    def is_task_of(self, info: CommitInfo) -> bool:
        """Say no: no commit is known to be of the same script."""
        return False

    def is_generation_of(self, info: CommitInfo) -> bool:
        """Say no, likewise."""
        return False


@dataclass(frozen=True)
class TaskTry:
    """One try of a task. Once a later one runs, it has ended, and nobody will finish what it left open.

    :param writer: the task
    :param number: of the try, counting on through a clear
    """

    writer: Writer
    number: int

    @classmethod
    def running(cls) -> TaskTry | None:
        """Return the try that this process runs, if it runs a task."""
        ti = running_task()
        return cls(Writer.of(ti), ti.try_number) if ti else None

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
        return f"airflow {self.writer.names} try "
