"""A line for each call: when, who, which call, about what, how it ended, and how long it took."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

import grpc
from google.protobuf.message import Message

from airflow_provider_pachyderm.devserver.engine.auth.authentication import Authentication
from airflow_provider_pachyderm.devserver.servicers.base import (
    Context,
    Handler,
    Passed,
    Sent,
    Single,
    Streamed,
    behaviour_of,
    handler_for,
)

_log = logging.getLogger(__name__)

# Where a request has its subject, the first that is set; messages that are none of these are looked through in order.
_FIRST = ("file", "set_commit", "commit", "branch", "repo", "project", "commit_set", "src", "head", "parent")
_LATER = ("provenance", "trigger")
# by number, as older grpcio gives it, whatever the stubs say
_STATUSES: dict[Any, str] = {status.value[0]: status.name for status in grpc.StatusCode}


def is_wanted() -> bool:
    """Whether calls are logged: the level of this module's logger says so when a server starts."""
    return _log.isEnabledFor(logging.INFO)


class AccessLog(grpc.aio.ServerInterceptor):
    """Server interceptor that logs each call when it ends.

    :param auth: knows who calls, if the server asks.
    """

    def __init__(self, auth: Authentication) -> None:
        self._auth = auth

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """See grpc.aio.ServerInterceptor."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        name, behaviour = handler_call_details.method.rpartition("/")[2], behaviour_of(handler)
        logged = self._streaming(name, behaviour) if handler.response_streaming else self._unary(name, behaviour)
        make = handler_for(handler.request_streaming, handler.response_streaming)
        return make(logged, handler.request_deserializer, handler.response_serializer)

    def _unary(self, name: str, behaviour: Single) -> Single:
        async def call(request: Passed, context: Context) -> Sent:
            with self._line(name, request, context) as asked:
                return await behaviour(asked, context)

        return call

    def _streaming(self, name: str, behaviour: Streamed) -> Streamed:
        async def call(request: Passed, context: Context) -> AsyncGenerator[Sent, None]:
            with self._line(name, request, context) as asked:
                async with aclosing(behaviour(asked, context)) as replies:
                    async for reply in replies:
                        yield reply
                        del reply  # it may be large, and the next one is not made yet

        return call

    @contextmanager
    def _line(self, name: str, request: Passed, context: Context) -> Iterator[Passed]:
        """Give what the behaviour gets for a request, and log when the call is over."""
        seen, peer = (
            _ObservedRequest(request),
            _peer(context),
        )  # gRPC crashes if it is asked for the peer of a call that has ended
        begun = time.perf_counter()
        # asked of a call that is gone, gRPC crashes the process
        peer = _peer(context)
        status = "OK"
        try:
            yield seen.request
        except BaseException as error:
            status = _status(error, context)
            raise
        finally:
            took = (time.perf_counter() - begun) * 1000
            words = (peer, self._auth.name() or "-", name, seen.subject() or "-", f"{took:.0f} ms", status)
            _log.info("%s", " ".join(words))


class _ObservedRequest:
    """A request, or a stream of them, of which the first two are looked at as they pass."""

    def __init__(self, request: Passed) -> None:
        self._first: list[Sent] = [request] if isinstance(request, Message) else []
        self.request = self._passing(request) if isinstance(request, AsyncIterator) else request

    async def _passing(self, requests: AsyncIterator[Sent]) -> AsyncIterator[Sent]:
        async for request in requests:
            if len(self._first) < 2:
                self._first.append(request)
            yield request
            del request

    def subject(self) -> str:
        """What the call is about, as pachctl writes it: ``project/repo@branch:/path``."""
        subjects = [subject_of(request) for request in self._first if isinstance(request, Message)]
        path = next((path for path in map(_path_of, self._first[1:]) if path), "")
        about = next(filter(None, subjects), "")
        return f"{about}:{path}" if path and ":" not in about else about


def subject_of(message: Message) -> str:
    """What a request is about; empty if about nothing that has a name."""
    name = message.DESCRIPTOR.name
    if name in _WRITTEN:
        return _WRITTEN[name](message)
    fields = {field.name: value for field, value in message.ListFields() if isinstance(value, Message)}
    order = [*(key for key in _FIRST if key in fields), *(key for key in fields if key not in _FIRST + _LATER)]
    about = next(filter(None, (subject_of(fields[key]) for key in order)), "")
    branch = getattr(message, "branch", "")
    # 1.x starts commits on a branch that it names beside their parent
    return f"{about.partition('@')[0]}@{branch}" if about and branch and isinstance(branch, str) else about


def _repo(repo: Any) -> str:
    project = getattr(getattr(repo, "project", None), "name", "")
    type = getattr(repo, "type", "")
    return f"{project + '/' if project else ''}{repo.name}{'.' + type if type not in ('', 'user') else ''}"


def _branch(branch: Any) -> str:
    return f"{_repo(branch.repo)}@{branch.name}" if branch.HasField("repo") else str(branch.name)


def _commit(commit: Any) -> str:
    on = commit.branch if "branch" in commit.DESCRIPTOR.fields_by_name and commit.HasField("branch") else None
    if on is not None and on.name:
        return f"{_branch(on)}={commit.id}" if commit.id else _branch(on)
    repo = commit.repo if on is None or commit.HasField("repo") else on.repo
    return f"{_repo(repo)}@{commit.id}" if repo.name else str(commit.id)


def _file(file: Any) -> str:
    return f"{_commit(file.commit)}:{file.path}"


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "Repo": _repo,
    "Branch": _branch,
    "Commit": _commit,
    "File": _file,
    "Project": lambda project: str(project.name),
    "CommitSet": lambda commit_set: str(commit_set.id),
    "Transaction": lambda transaction: str(transaction.id),
}


def _path_of(message: Sent) -> str:
    """The path in a message of a stream whose first one said to which commit it belongs."""
    if not isinstance(message, Message):
        return ""
    for _, value in message.ListFields():
        if isinstance(value, Message):
            return str(getattr(value, "path", "") or getattr(value, "dst", ""))
    return ""


def _status(error: BaseException, context: Context) -> str:
    """How a call ended that did not end well, with what its caller is told."""
    if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
        return "CANCELLED"
    code: Any = context.code()
    name = code.name if isinstance(code, grpc.StatusCode) else _STATUSES.get(code, "UNKNOWN")
    return f"{name}: {context.details()}" if context.details() else name


def _peer(context: Context) -> str:
    return context.peer().partition(":")[2].replace("%5B", "[").replace("%5D", "]") or "unix"
