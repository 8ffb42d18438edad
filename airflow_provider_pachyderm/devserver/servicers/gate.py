"""Authentication of every call: most need a token while the server has authentication."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import grpc
from google.protobuf.message import Message

from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.auth.rules import CHECK_WRAPPED
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.servicers.base import Context, Handler, refuse

TOKEN_KEY = "authn-token"
"""Metadata key of the token."""

# Calls that a real server answers without one; those for auth say themselves what they need.
_OPEN_SERVICES = {"auth.API", "auth_v2.API", "health.Health", "grpc.health.v1.Health", "versionpb.API"}
_OPEN_SERVICES |= {"versionpb_v2.API", "enterprise.API", "enterprise_v2.API", "admin.API", "admin_v2.API"}


def _token_of(details: grpc.HandlerCallDetails) -> str | None:
    """The token in the metadata of a call."""
    token = dict(details.invocation_metadata or ()).get(TOKEN_KEY)
    return str(token) if token else None


# what 1.x servers say instead of the words of the profile
_OTHER_WORDS = {
    "CreateRepo": "error authenticating (must log in to create a repo): {text}",
    "InspectRepo": 'error getting access level for "{repo}": {text}',
    "ListRepo": 'error getting access level for "{repo}": {text}',
}


class Gate(grpc.aio.ServerInterceptor):
    """Server interceptor that refuses calls without a valid token."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wrapped = engine.profile[CHECK_WRAPPED]

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """See grpc.aio.ServerInterceptor."""
        handler = await continuation(handler_call_details)
        auth = self._engine.auth
        if handler is None or not auth.active:
            return handler
        auth.enter(_token_of(handler_call_details))
        _, service, name = handler_call_details.method.split("/")
        if handler.request_deserializer is None or not self._guards(service, name):
            return handler
        try:
            auth.session()
        except EngineError as error:
            return self._refusing(handler, name, error)
        return handler

    def _guards(self, service: str, name: str) -> bool:
        if service in _OPEN_SERVICES or not self._wrapped:
            return service not in _OPEN_SERVICES
        # 1.x servers look for a token where they find a repo
        return service == "pfs.API" and (name != "ListRepo" or bool(self._engine.repos.list()))

    def _refusing(self, handler: Handler, name: str, error: EngineError) -> Handler:
        async def call(requests: AsyncIterator[Message], context: Context) -> None:
            request = await anext(requests, None) if self._wrapped else None
            await refuse(context, self._refusal(name, request, error))

        # it serves calls of every kind, as it answers with a status only
        return grpc.stream_unary_rpc_method_handler(call, request_deserializer=handler.request_deserializer)

    def _refusal(self, name: str, request: object, error: EngineError) -> EngineError:
        if not self._wrapped:
            return error
        repo = self._engine.repos.list()[0].key.name if name == "ListRepo" else _repo_in(request)
        words = _OTHER_WORDS.get(name, self._wrapped)
        return refused(words.format(repo=repo, text=error.text))


def _repo_in(message: object) -> str:
    """The name of the first repo in a request."""
    if not isinstance(message, Message):
        return ""
    if message.DESCRIPTOR.name == "Repo":
        return str(getattr(message, "name", ""))
    return next(filter(None, (_repo_in(value) for _, value in message.ListFields())), "")
