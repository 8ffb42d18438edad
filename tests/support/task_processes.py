"""Tasks in processes of their own that can be killed: one process has loaded Airflow, and each try is a fork of it.

Run as a module it is that process: orders come as lines of JSON, and of each try it says its process and how it ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a try ended.

    :param result: what the task returned
    :param error: the traceback, if it raised; empty if it was killed, too
    """

    result: Any = None
    error: str = ""
    killed: bool = False

    def __bool__(self) -> bool:
        return not self.killed and not self.error


class TaskProcesses:
    """``with TaskProcesses(connection) as tasks: tasks.run("PachydermPutFileOperator", {…}, try_number=1)``.

    :param connection: ``pachyderm_default``, as an environment variable has it
    """

    def __init__(self, connection: str) -> None:
        self._connection = connection
        self.pid: int | None = None

    def run(self, operator: str, arguments: dict[str, Any], **context: Any) -> Ended:
        """Run one try to its end, whatever that is."""
        self.begin(operator, arguments, **context)
        return self.end()

    def run_all(self, operator: str, each: Sequence[dict[str, Any]], **context: Any) -> list[Ended]:
        """Run one try of many tasks at the same time, each in a process of its own."""
        self._order({"operator": operator, "each": list(each), "context": context})
        return [Ended(**answer) for answer in self._answer()["ended"]]

    def begin(self, operator: str, arguments: dict[str, Any], **context: Any) -> None:
        """Start a try; ``pid`` is its process then."""
        self._order({"operator": operator, "arguments": arguments, "context": context})
        self.pid = int(self._answer()["pid"])

    def end(self) -> Ended:
        """Wait for the end of the try."""
        answer = self._answer()
        self.pid = None
        return Ended(**answer)

    def __enter__(self) -> TaskProcesses:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.task_processes"],
            cwd=ROOT,
            env={**os.environ, "AIRFLOW_CONN_PACHYDERM_DEFAULT": self._connection, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def _order(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs tasks has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # Airflow prints
    from airflow_provider_pachyderm.client._sync import client  # noqa: F401  (gRPC is loaded once, and not used here)
    from airflow_provider_pachyderm.operators import pachyderm as operators
    from tests.support import airflow_home  # noqa: F401  (before Airflow)
    from tests.support.airflow_task import context_of
    from tests.support.functions import WorkingFunction, WritingFunction

    known = {**vars(operators), **{each.__name__: each for each in (WorkingFunction, WritingFunction)}}
    print(json.dumps({}), file=answers)
    for line in sys.stdin:
        order = json.loads(line)
        if "each" in order:
            begun = [_begun({**order, "arguments": arguments}, known, context_of) for arguments in order["each"]]
            print(json.dumps({"ended": [_end(pid, pipe) for pid, pipe in begun]}), file=answers)
        else:
            pid, pipe = _begun(order, known, context_of)
            print(json.dumps({"pid": pid}), file=answers)
            print(json.dumps(_end(pid, pipe)), file=answers)


def _begun(order: dict[str, Any], operators: dict[str, Any], context_of: Any) -> tuple[int, int]:
    reading, writing = os.pipe()
    if not (pid := os.fork()):
        os.close(reading)
        _child(order, operators, context_of, writing)
    os.close(writing)
    return pid, reading


def _end(pid: int, reading: int) -> Any:
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    return json.loads(said) if os.WIFEXITED(status) and said else {"killed": True}


def _child(order: dict[str, Any], operators: dict[str, Any], context_of: Any, writing: int) -> None:
    try:
        task = operators[order["operator"]](**order["arguments"])
        ended = {"result": task.execute(context_of(task, **order["context"]))}
    except BaseException:
        ended = {"error": traceback.format_exc()}
    with os.fdopen(writing, "w") as pipe:
        json.dump(ended, pipe)
    os._exit(0)


if __name__ == "__main__":
    main()
