"""The attempts at one call: how long they may go on, and when the next one is made."""

from __future__ import annotations

import logging
import time

from airflow_provider_pachyderm.client._errors import PachydermError
from airflow_provider_pachyderm.client._transport.aio import AsyncTransport

_logger = logging.getLogger(__name__)


class AsyncAttempts:
    """Counts the attempts at one call, and pauses between them.

    :param transport: makes the call.
    :param patience: seconds that the caller gives all attempts together, or None.
    :param lasts: whether one may take its time, as a stream does: the policy's seconds count from the first failure.
    :param waits: whether it may last as long as it likes: that counts anew whenever the server had been reached.
    """

    def __init__(
        self, transport: AsyncTransport, patience: float | None = None, *, lasts: bool = False, waits: bool = False
    ) -> None:
        self.count = 1
        self._transport = transport
        self._policy = transport.metadata.policy
        self._pauses = self._policy.pauses()
        self._waits = waits
        self._end = None if patience is None else time.monotonic() + patience
        self._begun = time.monotonic()
        self._away_since = None if waits or lasts else self._begun

    def timeout(self, limit: float | None) -> float | None:
        """Give the time for the next attempt: ``limit``, but no more than what is left of the caller's."""
        if self._end is None:
            return limit
        left = max(0.0, self._end - time.monotonic())
        return left if limit is None else min(limit, left)

    def note(self, failure: PachydermError) -> PachydermError:
        """Say on an error how often the call was made."""
        failure.attempts = self.count
        return failure

    async def pause(self, failure: PachydermError) -> None:
        """Wait until it is time for the next attempt; if there is none, raise why the last one failed."""
        now, pause = time.monotonic(), next(self._pauses)
        allowance = self._policy.allowance(self._transport.config.connect_timeout, reached=self._transport.reached)
        if now + pause >= self._begin(now) + allowance or (self._end is not None and now + pause >= self._end):
            raise self.note(failure)
        _logger.info("Trying again in %.1f s, after attempt %d: %s", pause, self.count, failure)
        await self._transport.pause(pause)
        self.count += 1
        self._begun = time.monotonic()

    def _begin(self, now: float) -> float:
        """Give the time from which on the server is away."""
        # to find out that it is takes no longer than connecting; what lasted longer had reached it
        held = self._waits and now - self._begun > self._transport.config.connect_timeout
        if self._away_since is None or held:
            self._away_since = now
            self._pauses = self._policy.pauses()
        return self._away_since
