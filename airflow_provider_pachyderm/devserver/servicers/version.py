"""``versionpb.API`` of 1.x and ``versionpb_v2.API`` of 2.x: each world answers on its own path only."""

from __future__ import annotations

import platform

import grpc

from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v1 import version_pb2 as v1_version
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm._wire.v2 import version_pb2 as v2_version
from airflow_provider_pachyderm.devserver.profiles import Profile


def handler(profile: Profile) -> grpc.GenericRpcHandler:
    """The version service of the world that is played; it says what the real build of the tag said."""
    method = v1.Version.GetVersion if profile.world == "v1" else v2.Version.GetVersion
    answer = _version_v1(profile) if profile.world == "v1" else _version_v2(profile)

    async def get_version(request: object, context: object) -> object:
        return answer

    call = grpc.unary_unary_rpc_method_handler(
        get_version, request_deserializer=method.request_type.FromString, response_serializer=_serialized
    )
    return grpc.method_handlers_generic_handler(method.service, {method.name: call})


def _serialized(message: v1_version.Version | v2_version.Version) -> bytes:
    return message.SerializeToString()


def _numbers(profile: Profile) -> tuple[int, int, int]:
    major, minor, micro = (int(part) for part in profile.reported.split("."))
    return major, minor, micro


def _version_v1(profile: Profile) -> v1_version.Version:
    major, minor, micro = _numbers(profile)
    return v1_version.Version(major=major, minor=minor, micro=micro)


def _version_v2(profile: Profile) -> v2_version.Version:
    major, minor, micro = _numbers(profile)
    # names itself where a real server tells what it was built with
    return v2_version.Version(
        major=major, minor=minor, micro=micro, go_version="pachyderm-devserver", platform=platform.machine()
    )
