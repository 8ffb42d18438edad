"""Cron inputs of pipelines: each is a clock that commits a file to a repo of its own whenever it ticks."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow_provider_pachyderm.devserver.engine.branches.cron import Cron
from airflow_provider_pachyderm.devserver.engine.clock import utc
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.datums.inputs import CronInput
from airflow_provider_pachyderm.devserver.engine.files.files import Files
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, Change, CommitRef, Delete, Put
from airflow_provider_pachyderm.devserver.engine.pipelines.model import MASTER, PipelineKey
from airflow_provider_pachyderm.devserver.engine.pipelines.pipelines import Pipelines
from airflow_provider_pachyderm.devserver.engine.pipelines.rules import NO_CRON_INPUT
from airflow_provider_pachyderm.devserver.engine.pipelines.wiring import Wiring
from airflow_provider_pachyderm.devserver.engine.snapshots.snapshots import Snapshots
from airflow_provider_pachyderm.devserver.engine.store.blobs import NOTHING
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups

_DATUM = "default"


class Ticks:
    """Commits the ticks of cron inputs: each is an empty file that is named by its time."""

    def __init__(
        self, core: Core, lookups: Lookups, pipelines: Pipelines, wiring: Wiring, files: Files, snapshots: Snapshots
    ) -> None:
        self._core = core
        self._lookups = lookups
        self._pipelines = pipelines
        self._wiring = wiring
        self._files = files
        self._snapshots = snapshots

    def run_cron(self, key: PipelineKey) -> None:
        """RunCron: let every cron input of a pipeline tick now."""
        info = self._pipelines.inspect(key)
        clocks = self._clocks(info.key)
        if not clocks:
            raise self._core.refusal(NO_CRON_INPUT)
        with self._core.unit():
            for clock in clocks:
                self._tick(clock, utc(self._core.time()).replace(microsecond=0))

    def _clocks(self, key: PipelineKey) -> list[CronInput]:
        inputs = self._wiring.inputs_of(key, self._pipelines.inspect(key).spec)
        return [leaf for leaf in inputs if isinstance(leaf, CronInput)]

    def step(self) -> bool:
        """Let each cron input that is due tick once; False if no pipeline that runs has a cron input."""
        clocks = [clock for info in self._pipelines.list() if not info.stopped for clock in self._clocks(info.key)]
        for clock in clocks:
            now = utc(self._core.time())
            if (due := self._due(clock)) is not None and due <= now:
                self._tick(clock, due)
        return bool(clocks)

    def _due(self, clock: CronInput) -> datetime | None:
        """The next tick: after the last one, else after the clock's start; None, too, until that is stored."""
        head = self._lookups.head(BranchKey(clock.repo, MASTER))
        if head is not None and head.finished is None:
            return None
        last = max(self._times(clock), default=utc(clock.start))
        return Cron.parse(clock.spec).after(last)

    def _times(self, clock: CronInput) -> list[datetime]:
        head = self._lookups.head(BranchKey(clock.repo, MASTER))
        paths = () if head is None else {path for path, _ in self._snapshots.index(head).files}
        return [time for path in paths if (time := _time_of(path)) is not None]

    def _tick(self, clock: CronInput, time: datetime) -> None:
        path = "/" + time.strftime("%Y-%m-%dT%H:%M:%SZ")
        first = self._core.profile.world == "v1"
        branch = CommitRef(clock.repo, MASTER) if first else CommitRef(clock.repo, branch=MASTER)
        empty = Put(path, (NOTHING,)) if first else Put(path, datum=_DATUM)
        changes: list[Change] = [Delete("/", empty.datum)] if clock.overwrite else []
        self._files.modify(branch, [*changes, empty])


def _time_of(path: str) -> datetime | None:
    try:
        return datetime.strptime(path, "/%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
