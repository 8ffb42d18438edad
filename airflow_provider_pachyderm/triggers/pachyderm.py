"""Triggers: the waiting half of deferrable sensors, and the source of asset events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import TriggerEvent

from airflow_provider_pachyderm._compat import BaseEventTrigger
from airflow_provider_pachyderm.client import parse_commit
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.triggers._base import WaitingTrigger
from airflow_provider_pachyderm.waiting._async.looks import resolve_start
from airflow_provider_pachyderm.waiting.commit import CommitCondition, NewCommits, OnFailed
from airflow_provider_pachyderm.waiting.commit_set import CommitSetCondition
from airflow_provider_pachyderm.waiting.cursor import CursorProducer
from airflow_provider_pachyderm.waiting.events import JOBS
from airflow_provider_pachyderm.waiting.feed import CommitFeed, payload
from airflow_provider_pachyderm.waiting.file import FileCondition
from airflow_provider_pachyderm.waiting.job import JobCondition, JobsState, JobWatch
from airflow_provider_pachyderm.waiting.shared_looks import (
    look_for_commit_sets,
    look_for_commits,
    look_for_files,
    look_for_jobs_of_pipeline,
    look_for_works,
)
from airflow_provider_pachyderm.waiting.work import WorkCondition

if TYPE_CHECKING:
    from airflow_provider_pachyderm.waiting.shared_looks import SharedClient


class PachydermCommitTrigger(WaitingTrigger[CommitCondition]):
    """Wait for what a ``PachydermCommitSensor`` waits for, and fire exactly one event.

    :param repo: as of the sensor, like the next five
    :param branch: branch to watch
    :param commit: the one commit to wait for
    :param after: ISO time
    :param from_commit: only consider newer commits
    :param on_failed: ``skip`` or ``raise``
    :param deadline: ISO time at which to give up
    :param project: default project, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param poll_interval: seconds between polls while no stream reports a commit
    :param silent_fail: log errors and continue waiting
    """

    _look = staticmethod(look_for_commits)

    def __init__(
        self,
        *,
        repo: str = "",
        branch: str = "",
        commit: str | None = None,
        after: str | None = None,
        from_commit: str | None = None,
        on_failed: OnFailed = "skip",
        deadline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        poll_interval: float = 60.0,
        silent_fail: bool = False,
    ) -> None:
        super().__init__(
            CommitCondition(repo, branch, after, from_commit, commit, on_failed),
            deadline=deadline,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            poll_interval=poll_interval,
            silent_fail=silent_fail,
        )

    async def _resolved(self, shared: SharedClient) -> CommitCondition:
        async with shared.limit:
            return await resolve_start(shared.client, self.condition)


class PachydermFileTrigger(WaitingTrigger[FileCondition]):
    """Wait for what a ``PachydermFileSensor`` waits for, and fire exactly one event.

    :param repo: as of the sensor, like the next three
    :param branch: branch to watch
    :param path: file or directory
    :param pattern: instead of ``path``
    :param deadline: ISO time at which to give up
    :param project: default project, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param poll_interval: seconds between polls while no stream reports a commit
    :param silent_fail: log errors and continue waiting
    """

    _look = staticmethod(look_for_files)

    def __init__(
        self,
        *,
        repo: str,
        branch: str,
        path: str | None = None,
        pattern: str | None = None,
        deadline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        poll_interval: float = 60.0,
        silent_fail: bool = False,
    ) -> None:
        super().__init__(
            FileCondition(repo, branch, path, pattern),
            deadline=deadline,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            poll_interval=poll_interval,
            silent_fail=silent_fail,
        )


class PachydermCommitSetTrigger(WaitingTrigger[CommitSetCondition]):
    """Wait for what a ``PachydermCommitSetSensor`` waits for, and fire exactly one event.

    :param commit: as of the sensor, like the next one
    :param commit_set: id of a commit set
    :param deadline: ISO time at which to give up
    :param project: default project, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param poll_interval: seconds between polls while no stream reports a commit
    :param silent_fail: log errors and continue waiting
    """

    _look = staticmethod(look_for_commit_sets)

    def __init__(
        self,
        *,
        commit: str | None = None,
        commit_set: str | None = None,
        deadline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        poll_interval: float = 60.0,
        silent_fail: bool = False,
    ) -> None:
        super().__init__(
            CommitSetCondition(commit, commit_set),
            deadline=deadline,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            poll_interval=poll_interval,
            silent_fail=silent_fail,
        )


class PachydermJobTrigger(WaitingTrigger[JobCondition]):
    """Wait for what a ``PachydermJobSensor`` waits for, and fire exactly one event; how far jobs are goes to the log.

    Its event has the names of jobs that are done, well or not: ``{"status": "success", "jobs": […]}``.

    :param pipeline: as of the sensor, like the next two
    :param commit: the commit that leads to the job, or to all jobs
    :param job: the job itself
    :param deadline: ISO time at which to give up
    :param project: default project, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param poll_interval: seconds between polls while no stream reports a commit
    :param silent_fail: log errors and continue waiting
    """

    _look = staticmethod(look_for_jobs_of_pipeline)
    _kind = JOBS

    def __init__(
        self,
        *,
        pipeline: str | None = None,
        commit: str | None = None,
        job: str | None = None,
        deadline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        poll_interval: float = 60.0,
        silent_fail: bool = False,
    ) -> None:
        super().__init__(
            JobCondition(pipeline, commit, job),
            deadline=deadline,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            poll_interval=poll_interval,
            silent_fail=silent_fail,
        )

    def _found(self, condition: JobCondition) -> Callable[[JobsState], list[str] | None]:
        return JobWatch(condition).found


class PachydermWorkTrigger(WaitingTrigger[WorkCondition]):
    """Wait for what a ``@task.pachyderm_worker`` waits for, and fire exactly one event.

    :param repo: repo of the output branch
    :param branch: the output branch
    :param inputs: the branches that it is made from, as ``repo@branch``
    :param deadline: ISO time at which to give up
    :param project: default project, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param poll_interval: seconds between polls while no stream reports a commit
    :param silent_fail: log errors and continue waiting
    """

    _look = staticmethod(look_for_works)

    def __init__(
        self,
        *,
        repo: str,
        branch: str,
        inputs: Sequence[str],
        deadline: str,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        poll_interval: float = 60.0,
        silent_fail: bool = False,
    ) -> None:
        super().__init__(
            WorkCondition(repo, branch, tuple(inputs)),
            deadline=deadline,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            poll_interval=poll_interval,
            silent_fail=silent_fail,
        )


class PachydermCommitEventTrigger(BaseEventTrigger):
    """Fire an event for each new finished commit on a branch, for an ``AssetWatcher`` (Airflow 3).

    .. code-block:: python

        trigger = PachydermCommitEventTrigger(repo="images")
        images = Asset(name="images", uri="pachyderm://localhost/default/images/master",
                       watchers=[AssetWatcher(name="images", trigger=trigger)])

        with DAG("on_commit", schedule=[images]):
            ...

    The payload has ``project``, ``repo``, ``branch``, ``commit`` (which every ``commit`` argument takes),
    ``size_bytes`` (2.x: an upper bound) and ``finished`` (ISO time). Commits that finished with an error do not fire,
    nor does moving the branch back to a commit older than the last one.

    Airflow creates one run for events that come within one loop of its scheduler, and only the first of them is in that
    run; the others wait for the next event (seen with 3.3.2). So commits that come close together fire one by one.

    Airflow 3.3 and later: at least once. The last commit whose event Airflow has stored is kept in the state store of
    the asset, under a name made from these arguments. Commits made while no triggerer runs fire when one does.
    A triggerer that stops within a second or two of an event, before it learns that the event is stored, fires it again
    after its restart, with the same commit. An asset must not share its trigger with another asset.

    Airflow 3.0 to 3.2 has no such store: commits made while no triggerer runs do not fire.

    Pachyderm calls: SubscribeCommit, ListCommit, InspectCommit.

    :param repo: repo to follow; it does not have to exist yet
    :param branch: branch to follow; it does not have to exist yet
    :param from_commit: begin after this commit, instead of the head of the branch
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param event_interval: smallest number of seconds between two events; more than one loop of the scheduler
    :param poll_interval: seconds between polls while the stream of the server reports nothing
    """

    def __init__(
        self,
        *,
        repo: str,
        branch: str = "master",
        from_commit: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        event_interval: float = 5.0,
        poll_interval: float = 60.0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.repo = repo
        self.branch = branch
        self.from_commit = str(parse_commit(from_commit)) if from_commit else None
        self.project = project
        self.pachyderm_conn_id = pachyderm_conn_id
        self.event_interval = event_interval
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what another triggerer needs to restart this trigger, without secrets."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {
            "repo": self.repo,
            "branch": self.branch,
            "from_commit": self.from_commit,
            "project": self.project,
            "pachyderm_conn_id": self.pachyderm_conn_id,
            "event_interval": self.event_interval,
            "poll_interval": self.poll_interval,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire events forever. Airflow 3.3 and later calls ``filter_shared_stream`` instead."""
        self.log.warning("This Airflow cannot store a cursor: commits made while no triggerer runs are missed")
        async with aclosing(self._feed().arrivals()) as arrivals:
            async for info in arrivals:
                if info is not None:
                    yield TriggerEvent(payload(self.branch, info))  # type: ignore[no-untyped-call]

    def shared_stream_key(self) -> Hashable:
        """Name this trigger's stream. It is not shared, as each has its cursor; SubscribeCommit is, in the hub."""
        return (type(self).__qualname__, self.trigger_id)

    @classmethod
    def create_shared_stream_producer(cls, kwargs: dict[str, Any]) -> CursorProducer:
        """Make the producer, which follows the branch and keeps the cursor."""
        trigger = cls(**kwargs)
        return CursorProducer(trigger._feed(), trigger._cursor_key())

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Any]) -> AsyncIterator[TriggerEvent]:
        """Fire an event for each commit in the stream of the producer."""
        async for item in shared_stream:
            if isinstance(item, asyncio.Future):
                item.set_result(self.asset_state_store)
            elif item is not None:
                yield TriggerEvent(payload(self.branch, item))  # type: ignore[no-untyped-call]

    def _feed(self) -> CommitFeed:
        hook = PachydermHook(self.pachyderm_conn_id, project=self.project)
        since = NewCommits(self.repo, self.branch, from_commit=self.from_commit)
        return CommitFeed(
            since, hook.async_config, event_interval=self.event_interval, poll_interval=self.poll_interval
        )

    def _cursor_key(self) -> str:
        place = f"{self.project}/{self.repo}" if self.project else self.repo
        begin = f" from {self.from_commit}" if self.from_commit else ""
        return f"{self.pachyderm_conn_id}: {place}@{self.branch}{begin}"
