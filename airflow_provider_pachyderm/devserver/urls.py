"""Put from a URL: the server itself fetches http(s) and passes the body on, in the words of the real ones.

The transfer runs in a thread, one chunk at a time, so that it neither blocks the event loop nor holds the body.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from airflow_provider_pachyderm.devserver.engine.blobs import CHUNK
from airflow_provider_pachyderm.devserver.engine.errors import EngineError

_TIMEOUT = 60.0  # seconds without any data
_HEADERS = {"User-Agent": "Go-http-client/1.1"}


class UrlError(EngineError):
    """A URL that could not be fetched; its text is what the server says."""

    def __init__(self, text: str) -> None:
        super().__init__("UNKNOWN", text)


class _AnyStatus(urllib.request.HTTPErrorProcessor):
    """Takes the page of an error for the content; redirects are followed."""

    def http_response(self, request: Any, response: Any) -> Any:
        """See :class:`urllib.request.HTTPErrorProcessor`."""
        if response.status >= HTTPStatus.BAD_REQUEST:
            return response
        return super().http_response(request, response)

    https_response = http_response


async def fetch(url: str, explains: bool, chunk: int = CHUNK, statuses: bool = True) -> AsyncIterator[bytes]:
    """Body of a URL in pieces.

    :param url: http or https; the servers' object stores are not there.
    :param explains: whether the words for another scheme tell the URL as well (1.5 to 1.13 do, 2.x does not).
    :param chunk: most bytes a piece.
    :param statuses: an answer with an error status is refused, else taken for the content (1.x before 1.9.4).
    :raises UrlError: with the server's words, before the first piece or, if the connection breaks, between two.
    """
    _check(url, explains)
    response = await asyncio.to_thread(_open, url, statuses)
    try:
        while data := await asyncio.to_thread(_read, response, url, chunk):
            yield data
    finally:
        response.close()


def _check(url: str, explains: bool) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UrlError(f"parse \"{url}\": missing ']' in host") from None
    if parts.scheme in ("http", "https"):
        return
    text = f"unrecognized object store: {parts.scheme}"
    raise UrlError(f"error parsing url {url}: {text}" if explains else text)


def _open(url: str, statuses: bool) -> http.client.HTTPResponse:
    try:
        # only http and https come here, see _check
        opener = urllib.request.build_opener(*(() if statuses else (_AnyStatus,)))
        request = urllib.request.Request(url, headers=_HEADERS)
        response: http.client.HTTPResponse = opener.open(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        raise UrlError(f'error retrieving content from "{url}": {error.code} {_phrase(error)}') from None
    except urllib.error.URLError as error:
        raise UrlError(f'Get "{url}": {_reason(url, error.reason)}') from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UrlError(f'Get "{url}": {error}') from None
    return response


def _read(response: http.client.HTTPResponse, url: str, chunk: int) -> bytes:
    try:
        data = response.read(chunk)
    except (OSError, http.client.HTTPException) as error:
        raise UrlError(f'Get "{url}": {error}') from None
    # a short read is no error to http.client, but it must not become a shorter file
    if not data and response.length:
        raise UrlError(f'Get "{url}": unexpected EOF')
    return data


def _phrase(error: urllib.error.HTTPError) -> str:
    return str(error.reason) or HTTPStatus(error.code).phrase


def _reason(url: str, reason: object) -> str:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if isinstance(reason, ConnectionRefusedError):
        return f"dial tcp {parts.hostname}:{port}: connect: connection refused"
    if isinstance(reason, socket.gaierror):
        return f"dial tcp: lookup {parts.hostname}: no such host"
    if isinstance(reason, TimeoutError):
        return f"dial tcp {parts.hostname}:{port}: i/o timeout"
    return str(reason)
