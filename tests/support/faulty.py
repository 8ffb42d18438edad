"""Faults of the dev server, asked for by a client's own calls; and outages of it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow_provider_pachyderm.devserver.faults import METADATA_KEY
from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.outside import needs


class _Asking:
    """A client's metadata, with a wish for a fault beside it."""

    def __init__(self, metadata: Any, fault: str) -> None:
        needs("the dev server's faults")
        self._metadata, self._fault = metadata, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._metadata, name)

    def __call__(self) -> Any:
        return (*self._metadata(), (METADATA_KEY, self._fault))


@contextmanager
def striking(client: Any, fault: str, on: str = "") -> Iterator[None]:
    """Have a fault strike the first call that a client makes in the ``with`` block.

    :param on: the first of these, by names with commas between them.
    """
    transport = client._session._transport
    metadata = transport.metadata
    transport.metadata = _Asking(metadata, f"{fault};once={uuid.uuid4()}{on and ';on=' + on}")
    try:
        yield
    finally:
        transport.metadata = metadata


def strike(client: Any, fault: str) -> None:
    """Have a fault strike all calls that a client makes from now on; ``;on=GetFile`` behind it means only these."""
    transport = client._session._transport
    transport.metadata = _Asking(transport.metadata, fault)


@contextmanager
def outage(server: DevServer, seconds: float = 2.0) -> Iterator[None]:
    """Kill a server, and start it again after a while, on the same port and with its data."""
    server.kill()
    back = threading.Timer(seconds, server.start)
    back.start()
    try:
        yield
    finally:
        back.join()
