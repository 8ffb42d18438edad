"""Functions whose first try is a process that is killed: while it writes, or when its commits are finished."""

from __future__ import annotations

import os
import signal
from typing import Any

from airflow.providers.common.compat.sdk import DAG, task, task_decorator_factory

from airflow_provider_pachyderm.client import CommitState
from airflow_provider_pachyderm.decorators._task import _PachydermTask
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook

REPO = "{{ params.repo }}"


class KilledOnce(_PachydermTask):
    """Its first try is a process of its own, so that it can be killed."""

    killed = False

    def execute(self, context: Any) -> Any:
        if context["ti"].try_number > 1:
            return super().execute(context)
        process = os.fork()
        if not process:
            self.killed = True
            try:
                super().execute(context)
            finally:
                os._exit(1)
        _, status = os.waitpid(process, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        raise RuntimeError("This try was killed")

    def _push(self, context: Any, written: Any) -> None:
        if self.killed:
            assert all(commit.info.state is CommitState.FINISHED for commit in written.values())
            os.kill(os.getpid(), signal.SIGKILL)
        super()._push(context, written)


def killed_once(**arguments: Any) -> Any:
    return task_decorator_factory(decorated_operator_class=KilledOnce, **arguments)


with DAG(dag_id="killed_functions", schedule=None, params={"repo": ""}, default_args={"retries": 1}):

    @killed_once(writes={"out": f"{REPO}@inside"})
    def inside(out, ti=None):
        out.client.put_file_bytes(out, f"/try-{ti.try_number}", b"x")
        if ti.try_number == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    @killed_once(reads={"source": f"{REPO}@inside"}, writes={"one": f"{REPO}@one", "two": f"{REPO}@two"})
    def behind(source, one, two, ti=None):
        for out in (one, two):
            out.path(f"/try-{ti.try_number}").write_bytes(b"x")

    @task
    def plain(repo, ti=None):
        with PachydermHook().write(f"{repo}@plain") as out:
            out.client.put_file_bytes(out, f"/try-{ti.try_number}", b"x")
        if ti.try_number == 1:
            raise RuntimeError("This try failed behind its block")
        return str(out)

    inside() >> behind() >> plain(REPO)
