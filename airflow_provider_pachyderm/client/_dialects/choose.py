"""Asking a server for its version and choosing the dialect for it."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import version_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, World
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._dialects.dialect_v1 import DialectV1
from airflow_provider_pachyderm.client._dialects.dialect_v2 import DialectV2
from airflow_provider_pachyderm.client._errors import Unsupported
from airflow_provider_pachyderm.client._models import Version


def choose(version: Version) -> Dialect:
    """Choose the dialect for a server.

    :raises Unsupported: for a version that this client does not speak with.
    """
    capabilities = Capabilities(version)
    return DialectV1(capabilities) if capabilities.world is World.V1 else DialectV2(capabilities)


def ask_version() -> Plan[Version]:
    """Find out a server's version: 2.x first, then 1.x. Neither call needs a token."""
    try:
        version: Version = yield HELLO
        return version
    except Unsupported:
        pass
    try:
        version = yield Call(v1_methods.Version.GetVersion, Empty(), _read, "server version")
        return version
    except Unsupported as error:
        if "your client appears to be an older version" in error.server_text:
            return Version(2, 0, 0)
        raise Unsupported(
            "the server answers neither the version call of Pachyderm 1.x nor that of 2.x: check that it is pachd",
            status=error.status,
            server_text=error.server_text,
        ) from error


def _read(reply: version_pb2.Version) -> Version:
    return Version(reply.major, reply.minor, reply.micro, reply.additional)


HELLO: Call[Version] = Call(v2_methods.Version.GetVersion, Empty(), _read, "server version")
"""What any server answers at once, 1.x with a refusal."""
