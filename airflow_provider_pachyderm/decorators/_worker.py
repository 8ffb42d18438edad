"""``@task.pachyderm_worker``: a function fills the commits of an output branch, as the workers of a pipeline do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, overload

from airflow.providers.common.compat.sdk import DecoratedOperator, task_decorator_factory

from airflow_provider_pachyderm._compat import (
    DEFERRABLE,
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    DecoratorArguments,
    Unpack,
    require_partition_keys,
    task_timeout_error,
)
from airflow_provider_pachyderm.client import parse_branch
from airflow_provider_pachyderm.decorators._task import _by_name, _check_names
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermBranchLink, PachydermCommitLink
from airflow_provider_pachyderm.operators._base import PachydermOperator
from airflow_provider_pachyderm.tasks.blocks import CommitToRead, CommitToWrite
from airflow_provider_pachyderm.tasks.commits import Written
from airflow_provider_pachyderm.tasks.lineage import report_input
from airflow_provider_pachyderm.tasks.worker import OutputWorker, failed_input
from airflow_provider_pachyderm.waiting._sync.looks import look_for_work
from airflow_provider_pachyderm.waiting.events import commit_of_event
from airflow_provider_pachyderm.waiting.work import WITHOUT_INPUT, WorkCondition, WorkState

if TYPE_CHECKING:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk.bases.decorator import Task

    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import Commit, CommitInfo, PfsClient
else:
    from airflow.providers.common.compat.standard.operators import PythonOperator

Inputs: TypeAlias = Mapping[str, str] | Sequence[str]
"""Branches as ``repo@branch``, by the names of the parameters that get their commits or in a list."""

ReturnT = TypeVar("ReturnT")
WORK_TIMEOUT = 7 * 24 * 3600.0
_LIST, _OUTPUT = "inputs", "output"


class _PachydermWorkerTask(DecoratedOperator, PythonOperator, PachydermOperator):
    """Calls a function with the commits of one change of the inputs, and the output commit that belongs to it."""

    template_fields: Sequence[str] = (
        "repo", "branch", "inputs", "description", "templates_dict", "op_args", "op_kwargs", "project",
        "pachyderm_conn_id",
    )  # fmt: skip
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "inputs": "json", "description": "md", "templates_dict": "json", "op_args": "py", "op_kwargs": "py",
    }  # fmt: skip
    operator_extra_links = (PachydermCommitLink(), PachydermBranchLink())
    custom_operator_name = "@task.pachyderm_worker"

    _killed = False

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        repo: str,
        inputs: Inputs,
        branch: str = "master",
        op_args: Sequence[Any] = (),
        op_kwargs: Mapping[str, Any] | None = None,
        description: str | None = None,
        wait_timeout: float = WORK_TIMEOUT,
        poll_interval: float = 10.0,
        deferrable: bool = DEFERRABLE,
        partition_by_commit: bool = False,
        **kwargs: Any,
    ) -> None:
        if isinstance(inputs, str) or not inputs:
            raise ValueError('inputs names one branch or several: inputs=["images@master"]')
        given: dict[str, None] = dict.fromkeys(inputs if isinstance(inputs, Mapping) else [_LIST])
        if _OUTPUT in given:
            raise ValueError(f"The parameter {_OUTPUT!r} gets the commit to write to: name the input otherwise")
        _check_names(python_callable, given, {_OUTPUT: None})
        if partition_by_commit:
            require_partition_keys("partition_by_commit")
        commits = {**given, _OUTPUT: None}
        op_args, named = _by_name(python_callable, commits, op_args, op_kwargs or {})
        if both := sorted(commits.keys() & named.keys()):
            raise ValueError(f"The parameter {both[0]!r} gets a commit: a call cannot give it")
        # Another run that waits is deferred, or has none to fill before this one has filled its own.
        kwargs.setdefault("max_active_tis_per_dag", 1)
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs={**commits, **named},
            kwargs_to_upstream={
                "python_callable": python_callable, "op_args": op_args, "op_kwargs": {**commits, **named},
            },
            **kwargs,
        )  # fmt: skip
        self.op_kwargs = dict(named)
        self.repo = repo
        self.branch = branch
        self.inputs = inputs
        self.description = description
        self.wait_timeout = wait_timeout
        self.poll_interval = poll_interval
        self.deferrable = deferrable
        self.partition_by_commit = partition_by_commit

    def execute(self, context: Context) -> str:
        """Fill the oldest commit that is to be filled; wait for one if there is none."""
        return self._work(context, datetime.now(timezone.utc) + timedelta(seconds=self.wait_timeout))

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None, until: str | None = None) -> str:
        """Take over from the trigger; if another run has filled the commit meanwhile, wait on."""
        commit_of_event(event)
        left = datetime.fromisoformat(until) if until else datetime.now(timezone.utc)
        return self._work(context, left)

    def on_kill(self) -> None:
        """Break off the running call. The commit stays open for the next try, which begins it anew."""
        self._killed = True
        super().on_kill()

    def _work(self, context: Context, until: datetime) -> str:
        with self._client() as client:
            worker = OutputWorker(self.hook, client, self.repo, self.branch, context)
            worker.make_branch(self._condition.inputs)
            if (done := worker.done()) is not None:
                self._log_result(f"Nothing to do: an earlier try of this task has filled commit {done.commit},")
                return self._report(context, done)
            while True:
                state = look_for_work(client, self._condition)
                if state.commit is None or not state.is_ready:
                    self._wait(until)
                elif state.is_empty:
                    passed = worker.pass_by(state.commit, WITHOUT_INPUT)
                    self.log.info("Finished commit %s as it was: nobody has written to an input yet", passed.commit)
                else:
                    done = self._fill(context, client, worker, state, state.commit)
                    self._log_result(f"Filled commit {done.commit}")
                    return self._report(context, done)

    def _fill(
        self, context: Context, client: PfsClient, worker: OutputWorker, state: WorkState, info: CommitInfo
    ) -> CommitInfo:
        self.log.info("Filling commit %s", info.commit)
        try:
            if error := failed_input(state.inputs):
                raise error
            read = self._readers(client, state)

            def write(commit: Commit) -> None:
                self._call(context, client, read, commit)

            return worker.fill(info, self.description, write)
        except AirflowSkipException:
            worker.pass_by(info, "Skipped in Airflow")
            raise
        except (Exception, task_timeout_error()) as error:
            if not self._killed and _is_final(context, error):
                worker.give_up(info, error)
            raise

    def _call(self, context: Context, client: PfsClient, read: Mapping[str, Any], commit: Commit) -> None:
        """Call the function as ``@task`` does."""
        own = self.op_kwargs
        output = CommitToWrite(self.hook, client, Written(replace(commit, branch=commit.branch or self.branch), _keep))
        self.op_kwargs = {**own, **read, _OUTPUT: output}
        try:
            super().execute(context)
        finally:
            self.op_kwargs = own

    def _readers(self, client: PfsClient, state: WorkState) -> dict[str, Any]:
        readers: list[CommitToRead | None] = []
        for text, info in zip(self._condition.inputs, state.inputs, strict=True):
            if info is None:
                readers.append(None)
                continue
            pinned = replace(info.commit, branch=parse_branch(text, client.config.project).name)
            self.log.info("Reading commit %s", pinned)
            report_input(self.hook, pinned)
            readers.append(CommitToRead(self.hook, client, replace(info, commit=pinned)))
        if isinstance(self.inputs, Mapping):
            return dict(zip(self.inputs, readers, strict=True))
        return {_LIST: readers}

    @property
    def _condition(self) -> WorkCondition:
        inputs = self.inputs.values() if isinstance(self.inputs, Mapping) else self.inputs
        return WorkCondition(self.repo, self.branch, tuple(inputs))

    def _wait(self, until: datetime) -> None:
        """Leave the waiting to the triggerer, or wait a moment.

        :raises AirflowSensorTimeout: it is too late
        """
        left = (until - datetime.now(timezone.utc)).total_seconds()
        if left <= 0:
            raise AirflowSensorTimeout(f"Timed out waiting for {self._condition}")
        if self.deferrable:
            from airflow_provider_pachyderm.triggers.pachyderm import PachydermWorkTrigger

            self.log.info("Waiting for %s", self._condition)
            self._defer_to(PachydermWorkTrigger, self._condition, timeout=left, kwargs={"until": until.isoformat()})
        time.sleep(min(self.poll_interval, left))

    def _is_text(self, name: str, template: object, rendered: object) -> bool:
        # Arguments of the function are what a DAG with native objects makes of them.
        return name in ("op_args", "op_kwargs", "templates_dict") or super()._is_text(name, template, rendered)


@overload
def pachyderm_worker_task(
    *,
    repo: str,
    inputs: Inputs,
    branch: str = "master",
    description: str | None = None,
    wait_timeout: float = WORK_TIMEOUT,
    poll_interval: float = 10.0,
    deferrable: bool = DEFERRABLE,
    partition_by_commit: bool = False,
    project: str | None = None,
    pachyderm_conn_id: str = PachydermHook.default_conn_name,
    templates_dict: dict[str, Any] | None = None,
    show_return_value_in_logs: bool = True,
    **kwargs: Unpack[DecoratorArguments],
) -> Callable[[Callable[..., ReturnT]], Task[..., str]]: ...


@overload
def pachyderm_worker_task(python_callable: Callable[..., Any], /, **kwargs: Any) -> Task[..., str]: ...


def pachyderm_worker_task(python_callable: Callable[..., Any] | None = None, /, **kwargs: Any) -> Any:
    """Make a task of a function that computes the commits of a branch from those of others, as a pipeline does.

    In DAGs it is ``@task.pachyderm_worker``; to type checkers, which know only Airflow's own decorators by such a name,
    it is this function.

    The output branch is made once, with the inputs as its provenance: whenever one of these gets a commit, the server
    opens one on it. Each run of the task fills one, the oldest whose inputs are finished, and waits until there is one.
    On 2.x it has the ID of the commit in the input, so that Pachyderm's provenance leads through Airflow's tasks.

    The function gets the commits of the inputs as ``CommitToRead``, and the open one as ``CommitToWrite`` in its
    parameter ``output``. That begins with the files of the commit before it. When the function returns, it is finished;
    what the function returns is not kept. The XCom is the reference of the output commit: ``project/repo@branch=id``.

    A retry begins with the commit as the server opened it: what a try wrote that failed or was killed is gone. If an
    earlier try has finished a commit, the function is not called again, also if the task is cleared. When the last try
    fails, the commit is finished with the error (2.x); on 1.x, which has no failed commits, with the files of the one
    before and the error as its description. A commit of which an input has failed fails likewise. If the function
    raises ``AirflowSkipException``, it is finished as it began. When a task is told to end, by a user or by Airflow,
    and has no more tries, its commit stays open: the next run takes it.

    One task of a DAG fills one commit at a time (``max_active_tis_per_dag=1``). No two tasks may fill one branch.

    Pachyderm calls: CreateRepo, CreateBranch, InspectBranch, ListCommit, InspectCommit, FinishCommit; ClearCommit
    (2.x); StartCommit, DiffFile, CopyFile, DeleteFile, DeleteBranch, DeleteCommit (1.x); when deferred also
    SubscribeCommit. Pachyderm 1.7, 1.10 and later.

    :param repo: the repo of the output branch, which is created if missing
    :param inputs: the branches that it is made from, as ``repo@branch``: by parameter, or a list, which the parameter
        ``inputs`` gets. On 1.x one that has no commit yet is None
    :param branch: the output branch, which is made if missing; one that is there must be made from all inputs
    :param description: text of the output commit's description
    :param wait_timeout: seconds to wait for a commit to fill; then the task fails, without another try
    :param poll_interval: seconds between two looks while it waits in a worker
    :param deferrable: wait in the triggerer. Default: ``[operators] default_deferrable``
    :param partition_by_commit: give the events of the task's outlets the ID of the output commit as their partition key
        (Airflow 3.3 and later)
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param templates_dict: as of ``@task``
    :param show_return_value_in_logs: as of ``@task``
    :raises ValueError: if the function has no such parameter
    """
    return task_decorator_factory(python_callable, decorated_operator_class=_PachydermWorkerTask, **kwargs)


def _keep() -> None:
    """Keep an output commit: only the server drops one."""


def _is_final(context: Context, error: BaseException) -> bool:
    ti: Any = context["ti"]
    return isinstance(error, AirflowFailException) or ti.try_number > (ti.max_tries or 0)
