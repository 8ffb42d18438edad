"""Logs of pipelines, their jobs and datums."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration

from airflow_provider_pachyderm._wire.v1 import methods as methods_v1
from airflow_provider_pachyderm._wire.v1 import pps_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as methods_v2
from airflow_provider_pachyderm._wire.v2 import pps_pb2 as v2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import pps_replies_v1 as read_v1
from airflow_provider_pachyderm.client._dialects import pps_replies_v2 as read_v2
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, one
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._pps_models import Datum, Job, LogMessage, Pipeline


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which lines of the log are wanted.

    :param data_filters: paths or hashes of input files; a line has to be about all of them.
    :param master: those of the worker that plans the work, instead of the others.
    :param tail: the last ones of each worker; 0 for all.
    :param since: how far back; None for the server's own limit.
    """

    pipeline: Pipeline | None = None
    job: Job | None = None
    datum: Datum | None = None
    data_filters: Sequence[str] = ()
    master: bool = False
    follow: bool = False
    tail: int = 0
    since: timedelta | None = None
    loki: bool = False

    @property
    def about(self) -> object:
        """What the log is of."""
        return self.datum or self.job or self.pipeline or "the server"

    def plain(self) -> dict[str, Any]:
        """Give the fields that have the same name in both worlds."""
        return {
            "data_filters": self.data_filters,
            "master": self.master,
            "follow": self.follow,
            "tail": self.tail,
            "use_loki_backend": self.loki,
            "since": None if self.since is None else _duration(self.since),
        }


def _duration(value: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(value)
    return duration


class Logs(ABC):
    """The call for logs."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def get(self, wanted: LogFilter) -> Listing[LogMessage]:
        """Give lines of the log."""


class LogsV1(Logs):
    """The call of ``pps.API`` for logs."""

    def __init__(self, names: NamesV1) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def get(self, wanted: LogFilter) -> Listing[LogMessage]:
        if wanted.since is not None:
            self.capabilities.require(Feature.LOGS_SINCE)
        if wanted.loki:
            self.capabilities.require(Feature.LOKI)
        request = v1.GetLogsRequest(
            pipeline=self._names.given_pipeline(wanted.pipeline),
            job=None if wanted.job is None else self._names.job(wanted.job),
            datum=None if wanted.datum is None else self._names.datum_of(wanted.datum),
            **wanted.plain(),
        )
        call = Call(methods_v1.Pps.GetLogs, request, one(read_v1.log_message), wanted.about, waits=wanted.follow)
        return Listing(call)


class LogsV2(Logs):
    """The call of ``pps_v2.API`` for logs."""

    def __init__(self, names: NamesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def get(self, wanted: LogFilter) -> Listing[LogMessage]:
        request = v2.GetLogsRequest(
            pipeline=self._names.given_pipeline(wanted.pipeline),
            job=None if wanted.job is None else self._names.job(wanted.job),
            datum=None if wanted.datum is None else self._names.datum_of(wanted.datum),
            **wanted.plain(),
        )
        call = Call(methods_v2.Pps.GetLogs, request, one(read_v2.log_message), wanted.about, waits=wanted.follow)
        return Listing(call)
