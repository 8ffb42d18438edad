"""``versionpb.API`` of 1.x and ``versionpb_v2.API`` of 2.x; they say what the real build of the version said."""

from __future__ import annotations

import platform

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import version_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import version_pb2 as v2
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer


class VersionV1(Servicer):
    """The version of 1.x."""

    calls = v1_methods.Version

    async def GetVersion(self, request: Empty, context: Context) -> v1.Version:
        """GetVersion."""
        major, minor, micro = _numbers(self.engine.profile.reported)
        return v1.Version(major=major, minor=minor, micro=micro)


class VersionV2(Servicer):
    """The version of 2.x; the server names itself where a real one tells what it was built with."""

    calls = v2_methods.Version

    async def GetVersion(self, request: Empty, context: Context) -> v2.Version:
        """GetVersion."""
        release, dash, suffix = self.engine.profile.reported.partition("-")
        major, minor, micro = _numbers(release)
        build = {"go_version": "pachyderm-devserver", "platform": platform.machine()}
        return v2.Version(major=major, minor=minor, micro=micro, additional=dash + suffix, **build)


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, micro = (int(part) for part in version.split("."))
    return major, minor, micro
