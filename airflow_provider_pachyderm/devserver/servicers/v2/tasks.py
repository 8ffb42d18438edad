"""ListTask, which PFS and PPS have."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.servicers.base import Context, Handler, Servicer, refuse


class TaskLists(Servicer):
    """Adds the call to a service, as bytes, as it has no wire table."""

    def handlers(self) -> dict[str, Handler]:
        """All calls of the service, and this one since it is there."""
        found = super().handlers()
        # both came with 2.1.0
        if "RenderTemplate" not in self.engine.profile.lacks:
            found[f"/{self.service()}/ListTask"] = grpc.unary_stream_rpc_method_handler(self.ListTask)
        return found

    async def ListTask(self, request: bytes, context: Context) -> AsyncIterator[bytes]:
        """ListTask: this server has no tasks."""
        if not request:
            text = "validate recv: invalid ListTaskRequest.Group: value is required"
            await refuse(context, EngineError("INVALID_ARGUMENT", text))
        none: tuple[bytes, ...] = ()
        for task in none:
            yield task
