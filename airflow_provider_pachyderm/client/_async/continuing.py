"""The bytes of a file that go on in another stream when theirs breaks."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Awaitable, Callable

from airflow_provider_pachyderm.client._async.attempts import AsyncAttempts
from airflow_provider_pachyderm.client._async.items import AsyncReplySource
from airflow_provider_pachyderm.client._dialects.calls import Call
from airflow_provider_pachyderm.client._dialects.downloads import Download
from airflow_provider_pachyderm.client._errors import PachydermError, StreamBroken, StreamStalled, Unavailable

_logger = logging.getLogger(__name__)

# what has to come of a file, in bytes, until breaks of its stream are counted anew
_PROGRESS = 1024 * 1024


class AsyncFileBytes:
    """Gives the bytes that a download is to bring; after a break, from the next byte on, if the file stays as it is.

    An archive comes from its start again; what came before is left out, once it is seen to be the same.

    :param replies: bring the bytes. Until the first has come, they have begun their stream again by themselves.
    :param begin: makes the call that reads on.
    :param attempts: counts the breaks.
    """

    def __init__(
        self,
        replies: AsyncReplySource,
        download: Download,
        begin: Callable[[Call[memoryview]], Awaitable[AsyncReplySource]],
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
        self._sum = self._sum_again = 0  # checksums of what came, and of what of it came again
        self._differs = False

    async def __anext__(self) -> memoryview:
        while True:
            try:
                return await self._next()
            except (Unavailable, StreamStalled) as error:
                if error.status == "DATA_LOSS" or self._differs:  # by the server's own word: no other try brings more
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

    async def _next(self) -> memoryview:
        while True:
            try:
                reply = await self._replies.__anext__()
            except StopAsyncIteration:
                if self._download.repeats and self._skip:
                    raise self._other() from None
                raise
            leaves_out = self._skip > 0
            wanted = self._wanted(self._download.call.read(reply))
            if wanted or not leaves_out:
                return wanted

    async def close(self) -> None:
        """Give no more."""
        await self._replies.close()

    async def _go_on(self, failure: PachydermError, rest: Download) -> None:
        if self._attempts is None or self._came - self._counted_from >= _PROGRESS:
            self._counted_from, self._attempts = self._came, self._new_attempts()
        _logger.info("Continuing at byte %d of what is read of %s: %s", self._came, rest.call.about, failure)
        await self._attempts.pause(failure)
        self._replies, self._skip, self._sum_again = await self._begin(rest.call), rest.skip, 0

    def _wanted(self, data: memoryview) -> memoryview:
        self._begun = True
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        wanted = data[skipped:] if skipped else data
        self._came += len(wanted)
        if self._download.repeats:
            self._compare(data[:skipped], wanted)
        return wanted

    def _compare(self, again: memoryview, wanted: memoryview) -> None:
        """Note what came, and see whether what came again is what had come."""
        if again:
            self._sum_again = zlib.crc32(again, self._sum_again)
            if not self._skip and self._sum_again != self._sum:
                raise self._other()
        self._sum = zlib.crc32(wanted, self._sum)

    def _other(self) -> StreamBroken:
        self._differs = True
        call = self._download.call
        return StreamBroken(
            f"{call.about}: the stream broke, and the server now sends something else [{call.method.path}]",
            method=call.method.path,
            reference=str(call.about),
        )
