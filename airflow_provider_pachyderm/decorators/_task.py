"""``@task.pachyderm``: the commits that a function reads and writes are arguments of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, get_args, overload

from airflow.providers.common.compat.sdk import DecoratedOperator, task_decorator_factory

from airflow_provider_pachyderm._compat import DecoratorArguments, Unpack, require_partition_keys
from airflow_provider_pachyderm.client import Branch, Commit, CommitInfo, Repo
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermBranchLink, PachydermCommitLink
from airflow_provider_pachyderm.operators._base import COMMIT_INFO, PachydermOperator, commit_details
from airflow_provider_pachyderm.tasks.arguments import check_choice
from airflow_provider_pachyderm.tasks.blocks import CommitToRead, CommitToWrite, reading, writing
from airflow_provider_pachyderm.tasks.commit_starter import OPEN_COMMIT_TIMEOUT, OpenCommit
from airflow_provider_pachyderm.tasks.outlets import describe_events

if TYPE_CHECKING:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk.bases.decorator import Task

    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient
else:
    from airflow.providers.common.compat.standard.operators import PythonOperator

Commits: TypeAlias = Mapping[str, Any]
"""Commits by the names of the parameters that get them."""

ReturnT = TypeVar("ReturnT")
# Seconds for a function that is killed to come to its end by itself; Airflow 3 gives it 5 in all.
_GRACE = 2.0
_NAMED = (CommitToRead, CommitToWrite, Commit, Branch, Repo)


class _PachydermTask(DecoratedOperator, PythonOperator, PachydermOperator):
    """Calls a function with the commits that it reads and writes."""

    template_fields: Sequence[str] = (
        "reads", "writes", "description", "templates_dict", "op_args", "op_kwargs", "project", "pachyderm_conn_id",
    )  # fmt: skip
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "reads": "json", "writes": "json", "description": "md", "templates_dict": "json", "op_args": "py",
        "op_kwargs": "py",
    }  # fmt: skip
    operator_extra_links = (PachydermCommitLink(), PachydermBranchLink())
    custom_operator_name = "@task.pachyderm"

    # What :meth:`on_kill` drops, and what tells it that the function has ended by itself.
    _in_writing: Sequence[CommitToWrite] = ()
    _ended: Event | None = None

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Sequence[Any] = (),
        op_kwargs: Mapping[str, Any] | None = None,
        reads: Commits | None = None,
        writes: Commits | None = None,
        description: str | None = None,
        open_commit: OpenCommit = "wait",
        open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
        partition_by_commit: bool = False,
        **kwargs: Any,
    ) -> None:
        _check_names(python_callable, reads or {}, writes or {})
        declared = {**(reads or {}), **(writes or {})}
        check_choice("open_commit", open_commit, get_args(OpenCommit))
        if partition_by_commit:
            require_partition_keys("partition_by_commit")
        op_args, given = _by_name(python_callable, declared, op_args, op_kwargs or {})
        # The function gets them when it is called: Airflow looks now whether it has all its arguments.
        all_given = {**declared, **given}
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=all_given,
            kwargs_to_upstream={"python_callable": python_callable, "op_args": op_args, "op_kwargs": all_given},
            **kwargs,
        )
        self.op_kwargs = {name: value for name, value in given.items() if name not in declared}
        self.reads = {name: given.get(name, commit) for name, commit in (reads or {}).items()}
        self.writes = {name: given.get(name, commit) for name, commit in (writes or {}).items()}
        self.description = description
        self.open_commit: OpenCommit = open_commit
        self.open_commit_timeout = open_commit_timeout
        self.partition_by_commit = partition_by_commit

    def execute(self, context: Context) -> Any:
        """Call the function; its commits end with it. What it returns is the task's XCom."""
        for name, commit in (*self.reads.items(), *self.writes.items()):
            if commit in (None, "", "None"):
                raise ValueError(f"No commit is given for {name!r}: what should give one returned nothing")
        with self._client() as client:
            with self._blocks(context, client) as (read, written):
                self.op_kwargs = {**self.op_kwargs, **read, **written}
                result = super().execute(context)
            self._push(context, written)
        for commit in [*written.values(), *read.values()][:1]:
            self._link(context, commit.commit)
        return _plain(result) if result is not None else _references(written)

    def on_kill(self) -> None:
        """Break off the running call of the client, and drop the open commits if the function does not end by that."""
        super().on_kill()
        if self._in_writing:
            Thread(target=self._drop_open, daemon=True).start()

    @contextmanager
    def _blocks(
        self, context: Context, client: PfsClient
    ) -> Iterator[tuple[dict[str, CommitToRead], dict[str, CommitToWrite]]]:
        """Give the commits; the end finishes those that are written, an error drops them."""
        self._ended = Event()
        try:
            with ExitStack() as blocks:
                read = {
                    name: blocks.enter_context(reading(self.hook, client, commit))
                    for name, commit in self.reads.items()
                }
                written = {}
                for name, commit in self.writes.items():
                    block = writing(
                        self.hook,
                        client,
                        commit,
                        context=context,
                        description=self.description,
                        open_commit=self.open_commit,
                        open_commit_timeout=self.open_commit_timeout,
                    )
                    written[name] = blocks.enter_context(block)
                    self._in_writing = [*written.values()]
                yield read, written
        finally:
            self._in_writing = ()
            self._ended.set()

    def _drop_open(self) -> None:
        opened = self._in_writing
        if self._ended is not None and not self._ended.wait(_GRACE):
            for commit in opened:
                commit.drop()

    def _push(self, context: Context, written: Mapping[str, CommitToWrite]) -> None:
        ti = context["ti"]
        for name, commit in written.items():
            ti.xcom_push(key=name, value=str(commit))
        details = {name: commit_details(commit.info) for name, commit in written.items() if commit.info}
        if details:
            value = next(iter(details.values())) if len(written) == 1 else details
            ti.xcom_push(key=COMMIT_INFO, value=value)
            keys = [str(each["id"]) for each in details.values()] if self.partition_by_commit else []
            describe_events(context, self.outlets, {COMMIT_INFO: value}, keys)

    def _is_text(self, name: str, template: object, rendered: object) -> bool:
        # Arguments of the function are what a DAG with native objects makes of them.
        return name in ("op_args", "op_kwargs", "templates_dict") or super()._is_text(name, template, rendered)


@overload
def pachyderm_task(python_callable: Callable[..., ReturnT], /) -> Task[..., ReturnT]: ...


@overload
def pachyderm_task(
    *,
    reads: Commits | None = None,
    writes: Commits | None = None,
    description: str | None = None,
    open_commit: OpenCommit = "wait",
    open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
    partition_by_commit: bool = False,
    project: str | None = None,
    pachyderm_conn_id: str = PachydermHook.default_conn_name,
    templates_dict: dict[str, Any] | None = None,
    show_return_value_in_logs: bool = True,
    **kwargs: Unpack[DecoratorArguments],
) -> Callable[[Callable[..., ReturnT]], Task[..., ReturnT]]: ...


def pachyderm_task(
    python_callable: Callable[..., Any] | None = None,
    /,
    *,
    multiple_outputs: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Make a task of a function that gets the commits which it reads and writes as arguments.

    In DAGs it is ``@task.pachyderm``; to type checkers, which know only Airflow's own decorators by such a name, it is
    this function.

    A commit that is read is finished, and stays the same meanwhile: a ``CommitToRead``. One that is written is open: a
    ``CommitToWrite``. When the function returns, it is finished and the task waits until the server has accepted it;
    if the function raises, or the task is killed, it is dropped. Each has ``url()`` for pandas and all that fsspec
    serves, ``path()`` for Airflow's ObjectStoragePath, a ``client``, and is itself what any call of a client takes as a
    commit.

    A retry drops what a killed try left open. The function runs again in every retry; if an earlier try had finished a
    commit, that one stays, and what the function writes is dropped. A cleared task writes anew.

    A call of the decorated function gives its other arguments, and may give other commits in place of the declared
    ones: ``measure(images=put.output)``, ``measure.expand(images=[...])``. Name them all, as commits come first.

    The XCom is what the function returns, with commits as references: ``project/repo@branch=id``. If it returns None,
    it is the reference of the commit it wrote; of several, a dictionary. Each reference is also an XCom by the name of
    its parameter, for ``measure()["sizes"]``, and ``commit_info`` has the details as for operators.

    Pachyderm calls: those of ``PachydermHook.read`` and ``PachydermHook.write``.

    :param reads: by parameter: a branch, whose newest finished commit is meant, as ``repo@branch``; or a commit, as
        ``repo@id`` or as another task returns it; None if each call gives it
    :param writes: by parameter: the branch to commit on, as ``repo@branch``, created if missing; or an open commit, as
        ``PachydermStartCommitOperator`` returns it, which stays open
    :param description: text to add to the description of the written commits
    :param open_commit: what to do about another writer's open commit: ``wait`` for it; ``drop_ours`` drops one that the
        same task started in another run, if Airflow reports that it ended there; ``fail`` fails at once
    :param open_commit_timeout: seconds to wait for it before failing
    :param partition_by_commit: give the events of the task's outlets the IDs of the written commits as their partition
        keys (Airflow 3.3 and later). Such events start DAGs with a ``PartitionedAssetTimetable``, and none that is
        scheduled plainly on the asset. A commit that was given open has no key
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param multiple_outputs: push each value of a returned dictionary as an XCom of its own, as ``@task`` does
    :param templates_dict: as of ``@task``
    :param show_return_value_in_logs: as of ``@task``
    :raises ValueError: if the function has no such parameter, or one is both read and written
    """
    return task_decorator_factory(
        python_callable,
        multiple_outputs=multiple_outputs,
        decorated_operator_class=_PachydermTask,
        **kwargs,
    )


def _check_names(function: Callable[..., Any], reads: Commits, writes: Commits) -> None:
    for argument, commits in (("reads", reads), ("writes", writes)):
        if not isinstance(commits, Mapping):
            raise TypeError(f'{argument} names the parameter of each commit: {argument}={{"images": "images@master"}}')
    if both := sorted(reads.keys() & writes.keys()):
        raise ValueError(f"The parameter {both[0]!r} is in reads and in writes: a commit is one or the other")
    parameters = inspect.signature(function).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    for name in (*reads, *writes):
        if name not in parameters:
            raise ValueError(f"The function {function.__name__!r} has no parameter {name!r} for its commit")


def _by_name(
    function: Callable[..., Any], declared: Commits, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """Name the arguments of a call that are given by place if there is a commit among them."""
    by_place = dict(zip(inspect.signature(function).parameters, args, strict=False))
    if not declared.keys() & by_place.keys():
        return args, kwargs
    return (), {**by_place, **kwargs}


def _references(written: Mapping[str, CommitToWrite]) -> str | dict[str, str] | None:
    references = {name: str(commit) for name, commit in written.items()}
    return next(iter(references.values()), None) if len(references) < 2 else references


def _plain(value: Any) -> Any:
    """Return a value with commits as their references, and what is known of them as plain values."""
    if isinstance(value, _NAMED):
        return str(value)
    if isinstance(value, CommitInfo):
        return commit_details(value)
    if type(value) is dict:
        return {key: _plain(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_plain(each) for each in value)
    return value
