"""Calls of pps_v2 about datums and logs."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import cast

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine.datums.enumeration import Datum, datums
from airflow_provider_pachyderm.devserver.engine.datums.inputs import CronInput, PfsInput, leaves
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumState
from airflow_provider_pachyderm.devserver.engine.datums.specs import input_tree
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.files.globs import BadGlob
from airflow_provider_pachyderm.devserver.engine.files.scans import ScanView
from airflow_provider_pachyderm.devserver.engine.jobs.model import JobState
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, FileInfo
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer
from airflow_provider_pachyderm.devserver.servicers.v2 import pps_messages as messages
from airflow_provider_pachyderm.devserver.servicers.v2.pps_specs import spec_of

_BATCH = 100
_SECOND = 1_000_000_000
_CRON = "can't {verb} datums with a cron input, there will be no datums until the pipeline is created"


class Datums(Servicer):
    """RPCs in the order of the proto file."""

    async def InspectDatum(self, request: pb.InspectDatumRequest, context: Context) -> pb.DatumInfo:
        if not request.datum.id:
            raise refused("must specify a datum")
        if not request.datum.HasField("job"):
            raise refused("must specify a job")
        key = messages.job_key(request.datum.job)
        job = self.engine.jobs.inspect(key)
        record = self.engine.datums.find(job.num, request.datum.id)
        if record is None:
            raise refused(f"datum {request.datum.id} not found in job {self.engine.words.job(key)}")
        return messages.datum_info(record, job, inspected=True)

    async def ListDatum(self, request: pb.ListDatumRequest, context: Context) -> AsyncIterator[pb.DatumInfo]:
        if request.HasField("job") and request.HasField("input"):
            raise refused("cannot specify both job and input")
        if not request.HasField("job") and not request.HasField("input"):
            raise refused("must specify a job")
        if request.reverse and request.number <= 0:
            raise refused("number must be > 0 when reverse is set")
        for info in islice(self._page(request), request.number or None):
            yield info

    def _page(self, request: pb.ListDatumRequest) -> Iterator[pb.DatumInfo]:
        infos = list(self._of_input(request.input) if request.HasField("input") else self._of_job(request.job))
        ids = [info.datum.id for info in infos]
        if request.reverse:
            infos.reverse()
            ids.reverse()
        marker = request.paginationMarker
        if marker:
            infos = infos[ids.index(marker) + 1 :] if marker in ids else []
        wanted = set(request.filter.state)
        return (info for info in infos if not wanted or info.state in wanted)

    def _of_job(self, message: pb.Job) -> Iterator[pb.DatumInfo]:
        job = self.engine.jobs.inspect(messages.job_key(message))
        if job.state is JobState.UNRUNNABLE:
            # its commit of what is known of datums grows from that of the job before
            for record in self.engine.work.base_datums(job.key).values():
                yield messages.datum_info(replace(record, state=DatumState.SKIPPED), job)
            return
        for record in self.engine.datums.of(job.num):
            if record.state is not DatumState.STARTING:
                yield messages.datum_info(record, job)

    def _of_input(self, message: pb.Input) -> Iterator[pb.DatumInfo]:
        return map(messages.datum_of_input, self._enumerated(message, "list"))

    def _enumerated(self, message: pb.Input, verb: str) -> list[Datum]:
        """The datums of an input, of the commits that it names or of heads."""
        try:
            tree = input_tree(spec_of(message))
        except ValueError as error:
            raise refused(str(error)) from None
        if any(isinstance(leaf, CronInput) for leaf in leaves(tree)):
            raise refused(_CRON.format(verb=verb))
        try:
            return datums(tree, self._files, self.engine.profile)
        except BadGlob as error:
            raise refused(f"rpc error: code = Unknown desc = {error}") from None

    def _files(self, leaf: PfsInput) -> Iterable[FileInfo]:
        with during("inspect commitHandle"):
            try:
                ref = CommitRef(leaf.repo, leaf.commit, "" if leaf.commit else leaf.branch)
                view = cast(ScanView, self.engine.files.open(ref))
            except EngineError as error:
                raise refused(error.text) from None
        return view.glob(leaf.glob or "/")

    async def CreateDatum(
        self, requests: AsyncIterator[pb.CreateDatumRequest], context: Context
    ) -> AsyncIterator[pb.DatumInfo]:
        """Each request asks for so many more; it ends where there are none."""
        rest: Iterator[Datum] | None = None
        async for request in requests:
            if rest is None:
                if not request.HasField("start"):
                    raise refused("first message must be a StartCreateDatumRequest message")
                if not request.start.HasField("input"):
                    raise refused("first message must specify an input")
                with during("getting streaming iterator"):
                    rest = iter(self._enumerated(request.start.input, "create"))
            number = request.start.number or request.more.number or _BATCH
            sent = 0
            for datum in islice(rest, number):
                yield messages.datum_of_input(datum)
                sent += 1
            if sent < number:
                return

    async def RestartDatum(self, request: pb.RestartDatumRequest, context: Context) -> Empty:
        if not request.HasField("job"):
            raise refused("must specify a job")
        key = messages.job_key(request.job)
        self.engine.jobs.inspect(key)
        filters = list(request.data_filters)
        if not self.engine.running_datums.restart(key, filters):
            shown = " ".join(filters)
            raise refused(f"datum matching filter [{shown}] could not be found for job ID {key.id}")
        return Empty()

    async def GetLogs(self, request: pb.GetLogsRequest, context: Context) -> AsyncIterator[pb.LogMessage]:
        if request.use_loki_backend:
            raise refused("no loki")
        by_job, by_pipeline = request.HasField("job"), request.HasField("pipeline")
        if not by_job and not by_pipeline:
            if request.HasField("datum") or request.data_filters:
                raise refused("must specify the Job or Pipeline that the datum is from to get logs for it")
            return
        if by_job and not request.job.HasField("pipeline"):
            raise refused("pipeline must be specified for the given job")
        job = messages.job_key(request.job)
        pipeline = messages.pipeline_key(request.pipeline if by_pipeline else request.job.pipeline)
        if by_job:
            with during(f'could not get job information for "{job.id}"'):
                self.engine.jobs.inspect(job)
            if pipeline != job.pipeline:
                raise refused("job is from the wrong pipeline")
        with during(f"could not get pipeline information for {self.engine.words.pipeline(pipeline)}"):
            info = self.engine.pipelines.inspect(pipeline)
        lines = self.engine.logs.get(
            info.key,
            job.id,
            request.datum.id,
            list(request.data_filters),
            request.master,
            self._since(request),
            request.tail,
            request.follow,
        )
        async for line in lines:
            yield messages.log_message(line)

    def _since(self, request: pb.GetLogsRequest) -> int:
        """The time from which lines are told."""
        asked = request.since.ToNanoseconds() if request.HasField("since") else 0
        return self.engine.now() - asked if asked else 0
