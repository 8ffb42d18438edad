"""The bytes of a file that go on in another stream when theirs breaks."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from airflow_provider_pachyderm.client._async.attempts import AsyncAttempts
from airflow_provider_pachyderm.client._async.items import AsyncReplySource
from airflow_provider_pachyderm.client._dialects.calls import Call
from airflow_provider_pachyderm.client._dialects.downloads import Download
from airflow_provider_pachyderm.client._errors import PachydermError, StreamStalled, Unavailable

_logger = logging.getLogger(__name__)

# what has to come of a file, in bytes, until breaks of its stream are counted anew
_PROGRESS = 1024 * 1024


class AsyncFileBytes:
    """Gives the bytes that a download is to bring; after a break, from the next byte on, if the file stays as it is.

    :param replies: bring the bytes. Until the first has come, they have begun their stream again by themselves.
    :param begin: makes the call that reads on.
    :param attempts: counts the breaks.
    """

    def __init__(
        self,
        replies: AsyncReplySource,
        download: Download,
        begin: Callable[[Call[bytes]], Awaitable[AsyncReplySource]],
        attempts: Callable[[], AsyncAttempts],
    ) -> None:
        self._replies = replies
        self._download = download
        self._begin = begin
        self._new_attempts = attempts
        self._attempts: AsyncAttempts | None = None
        self._skip = download.skip
        self._begun = False
        self._came = self._counted_from = 0

    async def __anext__(self) -> bytes:
        while True:
            try:
                return self._wanted(self._download.call.read(await self._replies.__anext__()))
            except (Unavailable, StreamStalled) as error:
                if error.status == "DATA_LOSS":  # by the server's own word: no other try brings more
                    raise
                failure = error
            after = self._download.after
            if after is None or not self._download.lasting:
                raise failure
            if self._download.full and self._came == self._download.expected:
                raise StopAsyncIteration
            if not self._begun:
                raise failure
            await self._go_on(failure, after(self._came))

    async def close(self) -> None:
        """Give no more."""
        await self._replies.close()

    async def _go_on(self, failure: PachydermError, rest: Download) -> None:
        if self._attempts is None or self._came - self._counted_from >= _PROGRESS:
            self._counted_from, self._attempts = self._came, self._new_attempts()
        _logger.info("Continuing at byte %d of what is read of %s: %s", self._came, rest.call.about, failure)
        await self._attempts.pause(failure)
        self._replies, self._skip = await self._begin(rest.call), rest.skip

    def _wanted(self, data: bytes) -> bytes:
        self._begun = True
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        wanted = data[skipped:] if skipped else data
        self._came += len(wanted)
        return wanted
