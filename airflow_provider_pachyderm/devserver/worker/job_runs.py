"""One job: which of its datums have to be done, and doing them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.branches.durations import nanoseconds
from airflow_provider_pachyderm.devserver.engine.datums.enumeration import Datum, DatumFile, datums
from airflow_provider_pachyderm.devserver.engine.datums.ids import datum_hash, datum_hash_v1
from airflow_provider_pachyderm.devserver.engine.datums.inputs import PfsInput
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumRecord, DatumState, InputFileRecord
from airflow_provider_pachyderm.devserver.engine.datums.running import RunningDatum
from airflow_provider_pachyderm.devserver.engine.jobs.model import Stats
from airflow_provider_pachyderm.devserver.engine.jobs.work import JobWork
from airflow_provider_pachyderm.devserver.engine.logs.logs import LogFile
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, FileInfo
from airflow_provider_pachyderm.devserver.worker.datum_runs import FAILED, Command, Result
from airflow_provider_pachyderm.devserver.worker.environment import Place
from airflow_provider_pachyderm.devserver.worker.secrets import Given, given
from airflow_provider_pachyderm.devserver.worker.slots import Slots

_DONE = (DatumState.SUCCESS, DatumState.SKIPPED)
_SECOND = 1_000_000_000
_TRIES = 3
_UNCOUNTED = 1.0
"""Seconds for which nothing is told of the datums of a job of 2.x, unless the first of them was done."""


class JobRun:
    """A job that is being done.

    :param instead: is run in place of the pipeline's command; none: that is.
    """

    def __init__(self, engine: Engine, work: JobWork, slots: Slots, instead: Sequence[str] = ()) -> None:
        self._engine = engine
        self._work = work
        self._slots = slots
        self._instead = instead
        self._salt = str(work.spec.get("salt", ""))
        self._failed = False
        self._known: tuple[int, Collection[DatumRecord]] | None = None

    async def run(self) -> None:
        """Do all of its datums, and end it.

        Those that no job did before come first. If one of them fails, nothing is done anew or removed.

        :raises EndlessOutput: if it has to begin again.
        """
        work, key = self._engine.work, self._work.key
        work.begin(key)
        if work.is_stuck(key):
            await work.closed(key)
            return
        found = self._datums()
        base = work.base_datums(key)
        self._known = len(found), base.values()
        transform = self._work.spec["transform"]
        # jobs of other pipelines have the same id
        folder = self._slots.folder / f"secrets-{key.pipeline.project}.{key.pipeline.name}@{key.id}"
        with given(self._engine.secrets, transform, folder) as secrets, self._counting():
            command = self._command(transform, secrets)
            await self._each([datum for datum in found if datum.id not in base], command)
            self._tell_counts()
            if not self._failed:
                changed = [datum for datum in found if datum.id in base and not self._is_done(datum, base[datum.id])]
                present = {datum.id for datum in found}
                work.gone(key, [*(datum.id for datum in changed), *(id for id in base if id not in present)])
                await self._each(changed, command)
        # those of the base that went, or would have gone, were counted until now
        work.expect(key, len(found))
        if self._failed:
            work.fail(key)
        else:
            work.finish(key)

    @contextmanager
    def _counting(self) -> Iterator[None]:
        """Tell how many datums there are: at once on 1.x, a little later than that the job is running on 2.x."""
        if self._engine.profile.world == "v1":
            self._tell_counts()
            yield
            return
        later = asyncio.get_running_loop().call_later(_UNCOUNTED, self._tell_counts)
        try:
            yield
        finally:
            later.cancel()

    def _tell_counts(self) -> None:
        """Tell how many datums there are, and which were done before; once."""
        work, key = self._engine.work, self._work.key
        if self._known is not None and work.is_open(key):
            (total, base), self._known = self._known, None
            work.expect(key, total)
            work.keep(key, base)

    def _datums(self) -> list[Datum]:
        if self._work.tree is None:
            return []
        return datums(self._work.tree, self._files, self._engine.profile)

    def _files(self, leaf: PfsInput) -> Iterable[FileInfo]:
        if not leaf.commit:
            return ()
        return self._engine.files.open(CommitRef(leaf.repo, leaf.commit)).glob(leaf.glob)

    def _is_done(self, datum: Datum, known: DatumRecord) -> bool:
        if self._work.every_job or known.state not in _DONE:
            return False
        return known.hash == self._hash(datum)

    def _hash(self, datum: Datum) -> str:
        if self._engine.profile.world == "v1":
            return datum_hash_v1(datum.files, self._work.key.pipeline.name, self._salt)
        return datum_hash(datum.id, datum.files, self._salt)

    def _command(self, transform: Mapping[str, Any], secrets: Given) -> Command:
        spec = self._work.spec
        timeout = nanoseconds(spec.get("datum_timeout") or "0") / _SECOND
        tries = int(spec.get("datum_tries") or _TRIES)
        if self._instead:
            transform, tries = {"cmd": self._instead, "env": transform.get("env", {})}, 1
        return Command(transform, tries, timeout if timeout > 0 else None, secrets.env, secrets.mounts)

    async def _each(self, todo: Sequence[Datum], command: Command) -> None:
        pending = iter(todo)
        await _all([self._some(pending, command) for _ in range(min(self._slots.number, len(todo)))])

    async def _some(self, pending: Iterable[Datum], command: Command) -> None:
        """Do datums until there are none left."""
        key, running = self._work.key, self._engine.running_datums
        for datum in pending:
            if not self._work.every_job and self._engine.work.reuse(key, self._record(datum, Result())):
                # for many of them others have to get their turn
                await asyncio.sleep(0)
                continue
            async with self._slots.taken(f"{key.pipeline} {self._work.version}") as runs:
                begin = partial(running.begin, RunningDatum(key, datum.id, _names(datum), runs.restart))
                try:
                    result = await runs.run(datum, command, self._place(), partial(self._say, datum), begin)
                finally:
                    running.end(key, datum.id)
            self._failed |= result.state == FAILED
            self._tell_counts()
            self._engine.work.datum_done(key, self._record(datum, result), result.puts)

    def _place(self) -> Place:
        key, work = self._work.key, self._work
        return Place(key.pipeline.project, key.pipeline.name, work.version, key.id, work.spec_commit, work.output.id)

    def _say(self, datum: Datum, lines: Sequence[str], of_user: bool) -> None:
        key = self._work.key
        files = [LogFile(file.path, file.info.hash.hex()) for file in datum.files]
        with self._engine.unit():
            for line in lines:
                self._engine.logs.add(key.pipeline, line, key.id, datum.id, files, of_user)

    def _record(self, datum: Datum, result: Result) -> DatumRecord:
        times = [int(one * _SECOND) for one in result.seconds]
        stats = Stats(times[0], times[1], times[2], *result.sizes)
        files = tuple(_file_record(file) for file in datum.files)
        state = DatumState(result.state)
        return DatumRecord(datum.id, self._hash(datum), state, self._work.key.id, result.reason, stats, files)


def _names(datum: Datum) -> frozenset[str]:
    """What a datum is found by while it runs: paths, and hashes in both spellings."""
    hashes = [file.info.hash for file in datum.files]
    spelled = (spelling for one in hashes for spelling in (one.hex(), base64.b64encode(one).decode()))
    return frozenset((*(file.path for file in datum.files), *spelled))


def _file_record(file: DatumFile) -> InputFileRecord:
    leaf, info = file.leaf, file.info
    return InputFileRecord(
        leaf.name,
        leaf.repo.path,
        leaf.branch,
        leaf.commit,
        info.path,
        info.is_dir,
        info.size,
        info.hash.hex(),
        info.committed,
        info.datum,
    )


async def _all(work: Iterable[Coroutine[None, None, None]]) -> None:
    """Wait for all; if one fails, or this is cancelled, the others are."""
    tasks = [asyncio.create_task(one) for one in work]
    if not tasks:
        return
    try:
        # gather would cancel them a first time, and so break off how they end their processes at the second
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        failed = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in failed:
        task.result()
