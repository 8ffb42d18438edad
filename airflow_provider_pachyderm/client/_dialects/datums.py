"""Datums: of a job, or of an input that has no pipeline yet."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import ParseDict

from airflow_provider_pachyderm._wire.v1 import methods as methods_v1
from airflow_provider_pachyderm._wire.v1 import pps_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as methods_v2
from airflow_provider_pachyderm._wire.v2 import pps_pb2 as v2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import pps_replies_v1 as read_v1
from airflow_provider_pachyderm.client._dialects import pps_replies_v2 as read_v2
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._pps_models import Datum, DatumInfo, DatumState, Job


@dataclass(frozen=True, kw_only=True)
class DatumFilter:
    """Which datums a list has, in the order of their IDs.

    :param states: in which state they are; none for all.
    :param number: how many at most; 0 for all.
    :param reverse: the last ID first.
    :param after: only those behind that ID, with ``reverse`` before it.
    """

    states: Collection[DatumState] = ()
    number: int = 0
    reverse: bool = False
    after: str = ""

    def wants(self, info: DatumInfo) -> bool:
        """Say whether a datum is in one of the states."""
        return not self.states or info.state in self.states


class Datums(ABC):
    """The calls for datums."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def list(self, job: Job, wanted: DatumFilter) -> Listing[DatumInfo]:
        """List the datums of a job."""

    @abstractmethod
    def of_input(self, tree: Mapping[str, Any], wanted: DatumFilter) -> Listing[DatumInfo]:
        """List the datums that an input would have."""

    @abstractmethod
    def create(self, tree: Mapping[str, Any], batch: int) -> Listing[DatumInfo]:
        """List the datums that an input would have, so many at a time."""

    @abstractmethod
    def inspect(self, datum: Datum) -> Plan[DatumInfo]:
        """Describe a datum."""

    @abstractmethod
    def restart(self, job: Job, filters: Sequence[str]) -> Plan[None]:
        """Begin again with the datum that is being processed."""


class DatumsV1(Datums):
    """The calls of ``pps.API`` for datums."""

    def __init__(self, names: NamesV1) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def list(self, job: Job, wanted: DatumFilter) -> Listing[DatumInfo]:
        return self._list(v1.ListDatumRequest(job=self._names.job(job)), job, wanted)

    def of_input(self, tree: Mapping[str, Any], wanted: DatumFilter) -> Listing[DatumInfo]:
        self.capabilities.require(Feature.INPUT_DATUMS)
        return self._list(v1.ListDatumRequest(input=ParseDict(dict(tree), v1.Input())), None, wanted)

    def _list(self, request: v1.ListDatumRequest, job: Job | None, wanted: DatumFilter) -> Listing[DatumInfo]:
        if wanted.reverse or wanted.after:
            self.capabilities.require(Feature.DATUM_PAGES)

        def datum(reply: v1.ListDatumStreamResponse) -> Sequence[DatumInfo]:
            # the first reply may have only the number of pages
            return (read_v1.datum_info(reply.datum_info, job),) if reply.HasField("datum_info") else ()

        call = Call(methods_v1.Pps.ListDatumStream, request, datum, job or "an input")
        return Listing(call, wanted=wanted.wants, limit=wanted.number or None)

    def create(self, tree: Mapping[str, Any], batch: int) -> Listing[DatumInfo]:
        raise self.capabilities.unsupported(Feature.CREATE_DATUM)

    def inspect(self, datum: Datum) -> Plan[DatumInfo]:
        request = v1.InspectDatumRequest(datum=self._names.datum_of(datum))
        read = lambda reply: read_v1.datum_info(reply, datum.job)  # noqa: E731
        return once(Call(methods_v1.Pps.InspectDatum, request, read, datum))

    def restart(self, job: Job, filters: Sequence[str]) -> Plan[None]:
        request = v1.RestartDatumRequest(job=self._names.job(job), data_filters=filters)
        return once(Call(methods_v1.Pps.RestartDatum, request, nothing, job))


class DatumsV2(Datums):
    """The calls of ``pps_v2.API`` for datums."""

    def __init__(self, names: NamesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def list(self, job: Job, wanted: DatumFilter) -> Listing[DatumInfo]:
        return self._list(v2.ListDatumRequest(job=self._names.job(job)), job, wanted)

    def of_input(self, tree: Mapping[str, Any], wanted: DatumFilter) -> Listing[DatumInfo]:
        return self._list(v2.ListDatumRequest(input=ParseDict(dict(tree), v2.Input())), "an input", wanted)

    def _list(self, request: v2.ListDatumRequest, about: object, wanted: DatumFilter) -> Listing[DatumInfo]:
        filters, pages = Feature.DATUM_FILTER in self.capabilities, Feature.DATUM_PAGES in self.capabilities
        if wanted.states and filters:
            request.filter.state.extend(map(_number, wanted.states))
        if wanted.reverse or wanted.after:
            self.capabilities.require(Feature.DATUM_PAGES)
        if pages:
            request.paginationMarker, request.number, request.reverse = wanted.after, wanted.number, wanted.reverse
        call = Call(methods_v2.Pps.ListDatum, request, one(read_v2.datum_info), about)
        return Listing(call, wanted=None if filters else wanted.wants, limit=None if pages else wanted.number or None)

    def create(self, tree: Mapping[str, Any], batch: int) -> Listing[DatumInfo]:
        self.capabilities.require(Feature.CREATE_DATUM)
        start = v2.StartCreateDatumRequest(input=ParseDict(dict(tree), v2.Input()), number=batch)
        more = v2.CreateDatumRequest(more=v2.ContinueCreateDatumRequest(number=batch))
        read = one(read_v2.datum_info)
        first = v2.CreateDatumRequest(start=start)
        return Listing(Call(methods_v2.Pps.CreateDatum, first, read, "an input", more=more, batch=batch))

    def inspect(self, datum: Datum) -> Plan[DatumInfo]:
        request = v2.InspectDatumRequest(datum=self._names.datum_of(datum))
        return once(Call(methods_v2.Pps.InspectDatum, request, read_v2.datum_info, datum))

    def restart(self, job: Job, filters: Sequence[str]) -> Plan[None]:
        request = v2.RestartDatumRequest(job=self._names.job(job), data_filters=filters)
        return once(Call(methods_v2.Pps.RestartDatum, request, nothing, job))


def _number(state: DatumState) -> Any:
    return read_v2.STATES.datum_number(state)
