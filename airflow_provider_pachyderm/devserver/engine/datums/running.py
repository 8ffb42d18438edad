"""Datums that are being done now."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.jobs.model import JobKey


@dataclass(frozen=True)
class RunningDatum:
    """A datum whose command runs.

    :param names: paths and hashes of its files, by which it is found.
    :param restart: ends the command, which is then tried again.
    """

    job: JobKey
    id: str
    names: frozenset[str]
    restart: Callable[[], None]


class RunningDatums:
    """What whoever does jobs is at; kept in memory, as the commands are."""

    def __init__(self) -> None:
        self._running: dict[tuple[JobKey, str], RunningDatum] = {}

    def begin(self, datum: RunningDatum) -> None:
        """A command runs."""
        self._running[datum.job, datum.id] = datum

    def end(self, job: JobKey, id: str) -> None:
        """A command has ended."""
        self._running.pop((job, id), None)

    def restart(self, job: JobKey, filters: Collection[str]) -> bool:
        """RestartDatum: end a command that runs for a datum with all of these files; False if there is none."""
        found = [one for one in self._running.values() if one.job == job and one.names.issuperset(filters)]
        for datum in found[:1]:
            datum.restart()
        return bool(found)
