"""The datums whose commands are running now."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.jobs.model import JobKey


@dataclass(frozen=True)
class RunningDatum:
    """A datum whose command runs.

    :param names: paths and hashes of its files, which RestartDatum is given to find it.
    :param restart: ends the command, which is then tried again.
    """

    job: JobKey
    id: str
    names: frozenset[str]
    restart: Callable[[], None]


class RunningDatums:
    """The datums that the worker is processing; kept in memory only, as commands end with the server."""

    def __init__(self) -> None:
        self._running: dict[tuple[JobKey, str], RunningDatum] = {}

    def begin(self, datum: RunningDatum) -> None:
        """Note that the command of a datum has begun."""
        self._running[datum.job, datum.id] = datum

    def end(self, job: JobKey, id: str) -> None:
        """Note that the command of a datum has ended."""
        self._running.pop((job, id), None)

    def restart(self, job: JobKey, filters: Collection[str]) -> bool:
        """RestartDatum: restart the datum of a job that has all of these files; False if no such datum is running."""
        found = [one for one in self._running.values() if one.job == job and one.names.issuperset(filters)]
        for datum in found[:1]:
            datum.restart()
        return bool(found)
