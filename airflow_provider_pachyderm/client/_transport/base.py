"""What both transports share: channel settings, error mapping, and who may use a channel.

A transport makes a call once and knows nothing of Pachyderm's messages. Its protocol: ``unary``, ``receive`` (a stream
of replies), ``send`` (a stream of requests), ``connects``, ``pause``, ``close``; the sync and the async one have the
same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.client._config import ClientConfig, pem
from airflow_provider_pachyderm.client._error_texts import from_status
from airflow_provider_pachyderm.client._errors import (
    DeadlineExceeded,
    PachydermError,
    StreamBroken,
    StreamStalled,
    Unauthenticated,
    Unavailable,
)
from airflow_provider_pachyderm.client._transport import hints

MAX_MESSAGE = 20 * 1024 * 1024
_KEEPALIVE_TIMEOUT_MS = 20_000
_VALUE_TAG = BytesValue.VALUE_FIELD_NUMBER << 3 | 2
# how long a channel that may be connected is given to say so
CONNECTS_WITHIN = 0.2
# how long what must not be broken off may still take when it is; Airflow kills a task five seconds after it has told it
ENDS_WITHIN = 3.0
# what gRPC says by itself, too
_OWN_CODES = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
_NO_SESSION = (
    "the server requires a valid session token: log in (`pachctl auth login`, authenticate_id_token) and set "
    "auth_token, or make it a function that returns a fresh token each time"
)


def channel_options(config: ClientConfig) -> list[tuple[str, Any]]:
    """Settings of every channel. Flow control is left to gRPC: what there is to tune there makes things worse."""
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", MAX_MESSAGE),
        ("grpc.max_send_message_length", MAX_MESSAGE),
        *_keepalive(config.keepalive),
        *_proxy(config),
        # in spite of its name this also bounds one attempt to connect, which is 20 seconds otherwise
        ("grpc.min_reconnect_backoff_ms", int(config.connect_timeout * 1000)),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 5_000),
        # gRPC shares connections between equal channels; a second channel is wanted for its own connection
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if config.tls_server_name:
        options.append(("grpc.ssl_target_name_override", config.tls_server_name))
    return options


def _keepalive(seconds: float) -> list[tuple[str, Any]]:
    if not seconds:
        return []
    return [
        ("grpc.keepalive_time_ms", max(1, int(seconds * 1000))),
        ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
    ]


def _proxy(config: ClientConfig) -> list[tuple[str, Any]]:
    proxy = hints.proxy_of(config)
    if proxy is None:
        return [("grpc.enable_http_proxy", 0)]
    return [("grpc.enable_http_proxy", 1), ("grpc.http_proxy", proxy.url)]


def channel_credentials(config: ClientConfig) -> grpc.ChannelCredentials | None:
    """TLS credentials, or None for a plain connection."""
    if not config.tls:
        return None
    return grpc.ssl_channel_credentials(
        root_certificates=pem.load("tls_ca", config.tls_ca) if config.tls_ca else pem.default_authorities(),
        private_key=pem.load("tls_private_key", config.tls_private_key) if config.tls_private_key else None,
        certificate_chain=pem.load("tls_cert", config.tls_cert) if config.tls_cert else None,
    )


def error_from(
    code: grpc.StatusCode,
    details: str | None,
    config: ClientConfig,
    method: str,
    about: object,
    *,
    streaming: bool = False,
) -> PachydermError:
    """Map a failed call to an error of this client.

    :param streaming: whether a part of a stream had passed already.
    """
    status, text = code.name, details or ""
    result = from_status(status, text, method=method, reference=str(about))
    kind: type[PachydermError]
    # a call that this side has not cancelled was cancelled by a server that stops
    lost = status == "CANCELLED" or (streaming and status in ("INTERNAL", "DATA_LOSS"))
    if isinstance(result, Unavailable) or lost:
        kind, hint = hints.explain(config, text, streaming=streaming)
    elif type(result) is DeadlineExceeded:
        kind, hint = DeadlineExceeded, f"{config.target} did not answer in time"
    elif type(result) is Unauthenticated:
        kind, hint = Unauthenticated, _NO_SESSION
    else:
        return result
    message = f"{about}: {hint} [{status}, {method}: {text}]"
    return kind(message, status=status, method=method, server_text=text, reference=str(about))


def reply_parser(method: Method[Any, Any]) -> Callable[[bytes], Any]:
    """Give what reads the replies of a stream: content as :func:`content_of` does, all else as a message."""
    return content_of if method.reply_type is BytesValue else method.reply_type.FromString


def content_of(message: bytes) -> memoryview:
    """Give the content in an encoded ``BytesValue`` where it is. Protobuf would copy it, and its value once more.

    :raises DecodeError: if it is none.
    """
    if message and message[0] == _VALUE_TAG:
        size = shift = 0
        for at, byte in enumerate(message[1:6], 2):
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if at + size == len(message):
                    return memoryview(message)[at:]
                break
    return memoryview(BytesValue.FromString(message).value)


def silent_server(config: ClientConfig, error: DeadlineExceeded) -> Unavailable:
    """Make the error for a server that does not answer when asked for its version."""
    return Unavailable(
        f"no answer from {config.target} within {config.connect_timeout:g} s: check that host and port are pachd's "
        f"gRPC port, that this machine can reach it, and whether it requires TLS{hints.through(config)}",
        status=error.status,
        method=error.method,
        server_text=error.server_text,
    )


def answered(code: grpc.StatusCode) -> bool:
    """Say whether a status is the answer of a server."""
    return code not in _OWN_CODES


def silent(code: grpc.StatusCode, *, waits: bool) -> bool:
    """Say whether a connection on which a call ended so may be dead: the server should have answered long ago."""
    return code is grpc.StatusCode.DEADLINE_EXCEEDED and not waits


def stalled(method: str, about: object, seconds: float) -> StreamStalled:
    """Make the error for a stalled stream."""
    return StreamStalled(
        f"{about}: no data was transferred for {seconds:g} s [{method}]", method=method, reference=str(about)
    )


def only_reply(reply: Any, method: str, about: object) -> Any:
    """Return the only reply of a call.

    :raises StreamBroken: if there is none: servers, or what is between, may say OK without it.
    """
    if reply is None:
        raise StreamBroken(
            f"{about}: the server returned OK without an answer [{method}]", method=method, reference=str(about)
        )
    return reply
