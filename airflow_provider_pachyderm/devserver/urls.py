"""Put from a URL: the server itself fetches it and passes the content on, in the words of the real ones.

Nothing here blocks the event loop, and a fetch ends with the call that asked for it.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterator
from contextlib import aclosing, asynccontextmanager
from functools import cache
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from airflow_provider_pachyderm.devserver import object_stores
from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.store.blobs import CHUNK
from airflow_provider_pachyderm.devserver.object_stores import Place, Store
from airflow_provider_pachyderm.devserver.releases.profile import Profile
from airflow_provider_pachyderm.devserver.url_limits import URL_LIMITS, UrlLimits

T = TypeVar("T")

# Go's client asks for gzip by itself, and unpacks it
_HEADERS = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}
# Go never goes to these by a proxy, whatever the environment says
_DIRECT: dict[str, httpx.AsyncBaseTransport | None] = dict.fromkeys(
    ("all://localhost", "all://127.0.0.1", "all://[::1]")
)
_PASSWORD = re.compile(r"(//[^/@:]*):[^/@]*@")


class UrlError(EngineError):
    """A URL that could not be fetched; its text is what the server says."""

    def __init__(self, text: str) -> None:
        super().__init__("UNKNOWN", text)


class _Allowance:
    """What is left of the limits for a URL, with all that it leads to."""

    def __init__(self, url: str, limits: UrlLimits) -> None:
        self._url = url
        self._limits = limits
        self._ends = asyncio.get_running_loop().time() + limits.seconds
        self._bytes = limits.bytes

    async def until(self, work: Awaitable[T]) -> T:
        """Wait for something, as long as there is time."""
        return await asyncio.wait_for(work, max(0.0, self._ends - asyncio.get_running_loop().time()))

    async def next(self, pieces: AsyncIterator[bytes]) -> bytes:
        """Wait for the next piece, and count it; empty at the end."""
        data = await self.until(anext(pieces, b""))
        self._bytes -= len(data)
        if self._bytes < 0:
            raise _too_much(self._url, f"has more than {self._limits.bytes} bytes, which --url-max-bytes allows")
        return data


async def files(
    url: str, recursive: bool, profile: Profile, limits: UrlLimits, *, explains: bool = False, statuses: bool = True
) -> AsyncGenerator[tuple[str, AsyncGenerator[bytes, None]], None]:
    """Files that a URL leads to, one after the other: what follows the path that they are put to, and their content.

    :param recursive: all objects whose keys begin as that of the URL; it means nothing for http and https.
    :param explains: as for :func:`fetch`, which is for http and https; so is ``statuses``.
    :raises EngineError: with the server's words.
    """
    if urlsplit(url).scheme not in object_stores.SCHEMES:
        yield "", fetch(url, explains, statuses=statuses, limits=limits)
        return
    allowance, place = _Allowance(url, limits), Place.of(url)
    store = Store(place, profile, limits.silence)
    async with _go_errors(url, limits):
        places = await allowance.until(store.objects(place)) if recursive else [place]
    for each in places:
        yield each.key[len(place.key) :], _read(store, each, allowance, url, limits)


async def _read(
    store: Store, place: Place, allowance: _Allowance, url: str, limits: UrlLimits
) -> AsyncGenerator[bytes, None]:
    async with _go_errors(url, limits), aclosing(store.read(place, CHUNK)) as pieces:
        while data := await allowance.next(pieces):
            yield data


async def fetch(
    url: str, explains: bool, chunk: int = CHUNK, statuses: bool = True, limits: UrlLimits = URL_LIMITS
) -> AsyncGenerator[bytes, None]:
    """Body of a URL in pieces.

    :param url: http or https.
    :param explains: whether the words for another scheme tell the URL as well (1.5 to 1.13 do, 2.x does not).
    :param chunk: most bytes a piece.
    :param statuses: an answer with an error status is refused, else taken for the content (1.x before 1.9.4).
    :param limits: how long and how large it may be.
    :raises UrlError: with the server's words, before the first piece or, if the connection breaks, between two.
    """
    _check(url, explains)
    allowance = _Allowance(url, limits)
    silence = httpx.Timeout(limits.silence)
    async with (
        _go_errors(url, limits),
        httpx.AsyncClient(verify=_authorities(), timeout=silence, mounts=_DIRECT) as client,
    ):
        response = await allowance.until(_open(client, url, limits.redirects))
        try:
            if statuses and response.status_code >= HTTPStatus.BAD_REQUEST:
                raise UrlError(f'error retrieving content from "{_shown(url)}": {_status(response)}')
            pieces = response.aiter_bytes(chunk)
            while data := await allowance.next(pieces):
                yield data
        finally:
            await response.aclose()


def _check(url: str, explains: bool) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UrlError(f"parse \"{_shown(url)}\": missing ']' in host") from None
    if parts.scheme in ("http", "https"):
        return
    text = f"unrecognized object store: {parts.scheme}"
    raise UrlError(f"error parsing url {_shown(url)}: {text}" if explains else text)


async def _open(client: httpx.AsyncClient, url: str, redirects: int) -> httpx.Response:
    """Ask for a URL, and for those that it leads to."""
    request: httpx.Request | None = client.build_request("GET", url, headers=_HEADERS)
    for _ in range(redirects + 1):
        assert request is not None
        response = await client.send(request, stream=True)
        if response.next_request is None:
            return response
        await response.aclose()
        request = response.next_request
        if request.url.scheme not in ("http", "https"):
            raise UrlError(f'Get "{_shown(str(request.url))}": unsupported protocol scheme "{request.url.scheme}"')
    raise UrlError(f'Get "{_shown(str(request and request.url))}": stopped after {redirects} redirects')


@asynccontextmanager
async def _go_errors(url: str, limits: UrlLimits) -> AsyncIterator[None]:
    """Raise failures with the texts of Go's HTTP client."""
    try:
        yield
    except (asyncio.TimeoutError, TimeoutError):
        raise _too_much(url, f"takes longer than {limits.seconds:g} s, which --url-max-seconds allows") from None
    except httpx.ConnectError as error:
        raise UrlError(f'Get "{_shown(url)}": {_reason(url, error)}') from None
    except httpx.ConnectTimeout:
        raise UrlError(f'Get "{_shown(url)}": dial tcp {_endpoint(url)}: i/o timeout') from None
    except httpx.TimeoutException:
        raise UrlError(
            f'Get "{_shown(url)}": net/http: timeout awaiting response: nothing came for {limits.silence:g} s'
        ) from None
    except (httpx.RemoteProtocolError, httpx.ReadError):
        # a connection that ends early must not make a shorter file
        raise UrlError(f'Get "{_shown(url)}": unexpected EOF') from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise UrlError(f'Get "{_shown(url)}": {error}') from None


def _too_much(url: str, what: str) -> UrlError:
    return UrlError(f'Get "{_shown(url)}": the content {what} on this dev server')


def _shown(url: str) -> str:
    """A URL as Go shows it: without the password in it."""
    return _PASSWORD.sub(r"\1:***@", url)


def _status(response: httpx.Response) -> str:
    """``404 Not Found``."""
    return f"{response.status_code} {response.reason_phrase or HTTPStatus(response.status_code).phrase}"


def _reason(url: str, error: BaseException) -> str:
    causes = list(_causes(error))
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"dial tcp {_endpoint(url)}: connect: connection refused"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"dial tcp: lookup {urlsplit(url).hostname}: no such host"
    return str(error) or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it comes from."""
    while error is not None:
        yield error
        for one in getattr(error, "exceptions", ()):
            yield from _causes(one)
        error = error.__cause__ or error.__context__


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


@cache
def _authorities() -> ssl.SSLContext:
    """The system's certificate authorities, read once."""
    return ssl.create_default_context()
