"""A dev server in this process that asks who one is, by plain messages."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.devserver.app import Running, serve
from airflow_provider_pachyderm.devserver.engine.clock import Clock
from airflow_provider_pachyderm.devserver.releases.profile import profile_for

ROOT = "root-token"
Answer = tuple[str, str]


class Guarded:
    """Asks that server."""

    def __init__(self, running: Running, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._auth = running.engine.auth

    def token(self, user: str, seconds: int = 0) -> str:
        """Make a token for somebody, by default for ever."""
        return self._auth.new(user, seconds)

    async def replies(self, method: Method[Any, Any], *requests: Any, token: str | None = ROOT) -> list[Any]:
        """Make a call; it takes several requests if it is a stream of them."""
        kind = f"{'stream' if method.client_streaming else 'unary'}_{'stream' if method.server_streaming else 'unary'}"
        call = getattr(self._channel, kind)(
            method.path, method.request_type.SerializeToString, method.reply_type.FromString
        )
        metadata = [("authn-token", token)] if token else None
        rpc = call(iter(requests) if method.client_streaming else requests[0], metadata=metadata)
        return [reply async for reply in rpc] if method.server_streaming else [await rpc]

    async def __call__(self, method: Method[Any, Any], request: Any, token: str | None = None) -> Answer:
        """Tell the status and the text of a call."""
        return await self.told(method, request, token=token)

    async def told(self, method: Method[Any, Any], *requests: Any, token: str | None = ROOT) -> Answer:
        """Tell the status and the text of a call."""
        try:
            await self.replies(method, *requests, token=token)
        except grpc.aio.AioRpcError as error:
            return error.code().name, error.details() or ""
        return "OK", ""


@asynccontextmanager
async def guarded(version: str, clock: Clock = time.time_ns) -> AsyncIterator[Guarded]:
    """A server of one version with nothing in it."""
    async with (
        serve(profile_for(version), grace=0, clock=clock, root_token=ROOT) as running,
        grpc.aio.insecure_channel(running.address) as channel,
    ):
        yield Guarded(running, channel)
