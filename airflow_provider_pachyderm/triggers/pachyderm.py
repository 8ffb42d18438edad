"""Triggers: the waiting half of deferrable sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm.triggers._arrival import Awaited, Seen, look_async
from airflow_provider_pachyderm.triggers._hints import Followed
from airflow_provider_pachyderm.triggers._presence import AwaitedFile, look_for_file_async
from airflow_provider_pachyderm.triggers._waiting import WaitingTrigger

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient


class PachydermCommitTrigger(WaitingTrigger[Awaited]):
    """Wait for what a ``PachydermCommitSensor`` waits for, and fire exactly one event.

    :param repo: as of the sensor, like the next five
    :param branch: branch to watch
    :param commit: the one commit to wait for
    :param after: ISO time
    :param from_commit: only newer commits count
    :param on_failed: ``skip`` or ``raise``
    :param deadline: ISO time at which to give up
    :param project: default project, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param poll_interval: seconds between looks when no hint comes
    """

    def __init__(
        self,
        *,
        repo: str = "",
        branch: str = "",
        commit: str | None = None,
        after: str | None = None,
        from_commit: str | None = None,
        on_failed: str = "skip",
        **kwargs: Any,
    ) -> None:
        super().__init__(Awaited(repo, branch, commit, after, from_commit, on_failed), **kwargs)

    async def _look(self, client: AsyncPfsClient) -> Seen:
        return await look_async(client, self.awaited)

    def _followed(self) -> Followed:
        return Followed(self.awaited.repo, self.awaited.branch, self.awaited.commit)


class PachydermFileTrigger(WaitingTrigger[AwaitedFile]):
    """Wait for what a ``PachydermFileSensor`` waits for, and fire exactly one event.

    :param repo: as of the sensor, like the next three
    :param branch: branch to watch
    :param path: file or directory
    :param pattern: instead of ``path``
    :param deadline: ISO time at which to give up
    :param project: default project, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param poll_interval: seconds between looks when no hint comes
    """

    def __init__(
        self, *, repo: str, branch: str, path: str | None = None, pattern: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(AwaitedFile(repo, branch, path, pattern), **kwargs)

    async def _look(self, client: AsyncPfsClient) -> Seen:
        return await look_for_file_async(client, self.awaited)
