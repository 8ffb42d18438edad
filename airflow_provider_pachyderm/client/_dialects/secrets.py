"""Secrets for pipelines; both worlds have messages of the same names for them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import pps_replies as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing, once
from airflow_provider_pachyderm.client._pps_models import SecretInfo


class Secrets:
    """The calls of one world, from 1.10 on.

    :param capabilities: of the server.
    :param methods: the class of its methods.
    :param wire: the module of its messages.
    """

    def __init__(self, capabilities: Capabilities, methods: Any, wire: Any) -> None:
        self.capabilities = capabilities
        self._methods = methods
        self._wire = wire

    def create(
        self, name: str, data: Mapping[str, bytes], labels: Mapping[str, str], annotations: Mapping[str, str]
    ) -> Plan[None]:
        metadata: dict[str, Any] = {"name": name}
        metadata.update(
            (key, dict(value)) for key, value in (("labels", labels), ("annotations", annotations)) if value
        )
        manifest = {
            "kind": "Secret",
            "apiVersion": "v1",
            "metadata": metadata,
            "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
        }
        request = self._wire.CreateSecretRequest(file=json.dumps(manifest).encode())
        return self._once(self._methods.CreateSecret, request, nothing, name)

    def inspect(self, name: str) -> Plan[SecretInfo]:
        request = self._wire.InspectSecretRequest(secret=self._wire.Secret(name=name))
        return self._once(self._methods.InspectSecret, request, read.secret, name)

    def list(self) -> Plan[list[SecretInfo]]:
        return self._once(self._methods.ListSecret, Empty(), read.secrets, "")

    def remove(self, name: str) -> Plan[None]:
        request = self._wire.DeleteSecretRequest(secret=self._wire.Secret(name=name))
        return self._once(self._methods.DeleteSecret, request, nothing, name)

    def _once(self, method: Any, request: Any, reader: Any, name: str) -> Plan[Any]:
        self.capabilities.require(Feature.SECRETS)
        return once(Call(method, request, reader, f"secret {name}" if name else "all secrets"))
