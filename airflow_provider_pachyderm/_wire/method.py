"""What a gRPC call is, for both ends: its path on the wire, its kind and its message types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)


@dataclass(frozen=True)
class Method(Generic[RequestT, ReplyT]):
    """One call.

    :param path: ``/package.Service/Method`` as Pachyderm's servers know it. The messages below live in a
        private proto package; only this path is seen on the wire.
    """

    path: str
    request_type: type[RequestT]
    reply_type: type[ReplyT]
    client_streaming: bool
    server_streaming: bool

    @property
    def service(self) -> str:
        """``package.Service``."""
        return self.path.split("/")[1]

    @property
    def name(self) -> str:
        """The method's own name."""
        return self.path.split("/")[2]
