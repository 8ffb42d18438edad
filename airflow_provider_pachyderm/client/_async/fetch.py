"""Fetching a URL in place of a server that would store an error page as the file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.error import URLError
from urllib.request import urlopen

from airflow_provider_pachyderm.client._chunks import BinaryFile
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._transport.aio import blocking


@asynccontextmanager
async def fetch(url: str) -> AsyncIterator[BinaryFile]:
    """Open what is at ``url``.

    :raises InvalidRequest: if the answer is an error.
    """
    try:
        response = await blocking(urlopen, url)
    except URLError as error:
        raise InvalidRequest(f"error retrieving content from {url!r}: {error}") from error
    with response:
        yield response
