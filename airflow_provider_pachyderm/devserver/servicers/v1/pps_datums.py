"""Calls of pps of 1.x about datums."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import cast

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import pps_pb2 as pb
from airflow_provider_pachyderm.devserver.engine.datums import ids
from airflow_provider_pachyderm.devserver.engine.datums.enumeration import datums
from airflow_provider_pachyderm.devserver.engine.datums.inputs import CronInput, PfsInput, leaves
from airflow_provider_pachyderm.devserver.engine.datums.specs import input_tree
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.files.globs import BadGlob
from airflow_provider_pachyderm.devserver.engine.files.views import TreeView
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitRef, FileInfo
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer
from airflow_provider_pachyderm.devserver.servicers.v1 import pps_messages as messages

_CRON = "can't list datums with a cron input, there will be no datums until the pipeline is created"


class Datums(Servicer):
    """RPCs in the order of the proto file. No statistics are kept, and so nobody is told what became of a datum."""

    async def InspectDatum(self, request: pb.InspectDatumRequest, context: Context) -> pb.DatumInfo:
        key = self.engine.jobs.by_id(request.datum.job.id)
        raise refused(f"stats not enabled on {key.pipeline.name}")

    async def ListDatum(self, request: pb.ListDatumRequest, context: Context) -> pb.ListDatumResponse:
        infos = self._enumerated(request)
        if not request.page_size:
            return pb.ListDatumResponse(datum_infos=infos)
        pages = -(-len(infos) // request.page_size)
        first = request.page * request.page_size
        if request.page and request.page >= pages:
            raise refused("EOF")
        page = infos[first : first + request.page_size]
        return pb.ListDatumResponse(datum_infos=page, total_pages=pages, page=request.page)

    async def ListDatumStream(
        self, request: pb.ListDatumRequest, context: Context
    ) -> AsyncIterator[pb.ListDatumStreamResponse]:
        listed = await self.ListDatum(request, context)
        pages, page = listed.total_pages, listed.page
        for info in listed.datum_infos:
            yield pb.ListDatumStreamResponse(datum_info=info, total_pages=pages, page=page)
            pages = page = 0

    def _enumerated(self, request: pb.ListDatumRequest) -> list[pb.DatumInfo]:
        if request.HasField("input"):
            return self._of_input(request.input)
        if not request.HasField("job"):
            raise refused("must specify either job or input to list datums from")
        key = self.engine.jobs.by_id(request.job.id)
        work = self.engine.work.work(key)
        if work.tree is None:
            return []
        found = datums(work.tree, self._files, self.engine.profile)
        salt = work.spec.get("salt", "")
        hashes = [ids.datum_hash_v1(datum.files, key.pipeline.name, salt) for datum in found]
        return [messages.datum_info(datum, id, key.id) for datum, id in zip(found, hashes, strict=True)]

    def _of_input(self, message: pb.Input) -> list[pb.DatumInfo]:
        try:
            tree = input_tree(messages.spec_of(message))
        except ValueError as error:
            raise refused(str(error)) from None
        if any(isinstance(leaf, CronInput) for leaf in leaves(tree)):
            raise refused(_CRON)
        try:
            found = datums(tree, self._files, self.engine.profile)
        except BadGlob as error:
            raise refused(str(error)) from None
        return [messages.datum_info(datum, "", "") for datum in found]

    def _files(self, leaf: PfsInput) -> Iterable[FileInfo]:
        branch = None if leaf.commit else self.engine.branches.inspect(BranchKey(leaf.repo, leaf.branch))
        if branch is not None and branch.head is None:
            return ()
        view = cast(TreeView, self.engine.files.open(CommitRef(leaf.repo, leaf.commit or leaf.branch)))
        return view.glob(leaf.glob)

    async def RestartDatum(self, request: pb.RestartDatumRequest, context: Context) -> Empty:
        key = self.engine.jobs.by_id(request.job.id)
        filters = list(request.data_filters)
        if not self.engine.running_datums.restart(key, filters):
            shown = " ".join(filters)
            raise refused(f"datum matching filter [{shown}] could not be found for jobID {key.id}")
        return Empty()
