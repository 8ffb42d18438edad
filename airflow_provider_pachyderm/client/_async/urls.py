"""URLs that the client fetches, in place of a server that would store an error page as the file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import urlopen

from airflow_provider_pachyderm._urls import masked_url
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._local.chunks import BinaryFile
from airflow_provider_pachyderm.client._transport.aio import blocking


@asynccontextmanager
async def open_url(url: str) -> AsyncIterator[BinaryFile]:
    """Open what is at ``url``.

    :raises InvalidRequest: if the answer is an error.
    """
    try:
        response = await blocking(urlopen, url)
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()
        # HTTPException quotes the query without the URL around it, so the reason is only its kind
        reason = error if isinstance(error, OSError) else type(error).__name__
        raise InvalidRequest(f"error retrieving content from {masked_url(url)!r}: {reason}") from None
    with response:
        yield response
