"""Looking at a server again and again: at once, then whenever something happened."""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol, TypeVar

from airflow_provider_pachyderm.client import DeadlineExceeded, PachydermError, Unavailable
from airflow_provider_pachyderm.triggers._hints import Backoff, Followed, Hint
from airflow_provider_pachyderm.triggers._hub import Line, StreamHub

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig

log = logging.getLogger(__name__)

AWAY: tuple[type[PachydermError], ...] = (Unavailable, DeadlineExceeded)


class Look(Protocol):
    """What a look shows."""

    @property
    def newest(self) -> str | None:
        """Id of the newest commit of the branch that was seen to be done."""


LookT = TypeVar("LookT", bound=Look)


async def looks(
    config: ClientConfig,
    followed: Followed,
    look: Callable[[AsyncPfsClient], Awaitable[LookT]],
    *,
    poll_interval: float,
    patient_with: tuple[type[PachydermError], ...] = AWAY,
) -> AsyncGenerator[LookT, None]:
    """Look without end, and give what each look shows. Close it to give back the stream and the client.

    :param config: the connection
    :param followed: what gives the hints when to look
    :param look: asks the server once
    :param poll_interval: seconds between looks, more or less, while there is no hint
    :param patient_with: after these errors it looks again soon; all others rise here
    """
    hub = StreamHub.here()
    hint: Hint | None = None
    async with AsyncExitStack() as lent:
        line = await lent.enter_async_context(hub.line(config))
        while True:
            seen = await _patiently(line, look, patient_with)
            yield seen
            if hint is None:
                hint = await lent.enter_async_context(hub.hint(line, followed, seen.newest))
            await hint.next(poll_interval * random.uniform(0.75, 1.25))


async def _patiently(
    line: Line, look: Callable[[AsyncPfsClient], Awaitable[LookT]], patient_with: tuple[type[PachydermError], ...]
) -> LookT:
    backoff = Backoff()
    while True:
        try:
            async with line.turn:
                return await look(line.client)
        except patient_with as error:
            log.warning("Pachyderm does not answer, trying again: %s", error)
            await backoff.pause()
