"""What pachctl asks at connecting: of the cluster, and of a licence."""

from __future__ import annotations

import grpc
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import admin_pb2 as v1
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v2 import admin_pb2 as v2
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm.devserver.servicers.base import Context, Handler, Servicer


class AdminV1(Servicer):
    """admin.API."""

    calls = v1_methods.Admin

    async def InspectCluster(self, request: Empty, context: Context) -> v1.ClusterInfo:
        """InspectCluster."""
        return v1.ClusterInfo(id=self.engine.cluster_id, deployment_id=self.engine.cluster_id)


class AdminV2(Servicer):
    """admin_v2.API."""

    calls = v2_methods.Admin

    async def InspectCluster(self, request: v2.InspectClusterRequest, context: Context) -> v2.ClusterInfo:
        """InspectCluster: any pachctl will do."""
        id = self.engine.cluster_id
        return v2.ClusterInfo(id=id, deployment_id=id, version_warnings_ok=True)


class EnterpriseV1(Servicer):
    """``enterprise.API`` of 1.6 and later 1.x: it tells of no licence, and that is all it tells."""

    @classmethod
    def service(cls) -> str:
        """It has no wire table."""
        return "enterprise.API"

    def handlers(self) -> dict[str, Handler]:
        """Calls outside of the wire tables, as bytes."""
        if self.service() in self.engine.profile.lacks:
            return {}
        return {f"/{self.service()}/GetState": grpc.unary_unary_rpc_method_handler(self.GetState)}

    async def GetState(self, request: bytes, context: Context) -> bytes:
        """GetState: NONE."""
        return b""
