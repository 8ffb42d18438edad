"""Reading one file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any

from airflow_provider_pachyderm.client._async.items import AsyncReplySource
from airflow_provider_pachyderm.client._dialects.calls import Call, Download, Proof
from airflow_provider_pachyderm.client._errors import NotFound, PachydermError, StreamBroken
from airflow_provider_pachyderm.client._local.digests import ContentDigest, Objects


class AsyncFileReader:
    """The content of a file, as the server sends it: iterate over its chunks, or ``read`` it like a binary file.

    Reads all or raises: a stream that breaks, ends early, or brings more than the server has said that there is, raises
    :class:`StreamBroken`, one that stalls :class:`StreamStalled`, and so does every read after it. Closing it early
    ends the call. It is also a context manager, which closes it.

    Servers of 1.x state the SHA-512 of what was put: for a whole file of one put, other bytes are a
    :class:`StreamBroken`, too.

    Servers of 1.6 to 1.13 say too much of a file of which a later commit overwrote all but the first puts. So where
    less comes there, the client asks whether there is more behind it, and takes the file for whole if there is not.
    """

    def __init__(
        self,
        download: Download,
        replies: AsyncReplySource,
        again: Callable[[Download], Awaitable[AsyncFileReader]] | None = None,
        ask: Callable[[Call[Objects]], Awaitable[Objects]] | None = None,
    ) -> None:
        self._download = download
        self._replies = replies
        self._again = again
        self._ask = ask
        self._digest = ContentDigest() if download.proof else None
        self._check = download.check() if download.check else None
        self._rest = memoryview(b"")
        self._received = 0
        self._skip = download.skip
        self._ended = False
        self._closed = False
        self._failure: PachydermError | None = None

    async def start(self) -> AsyncFileReader:
        """Wait for the first bytes, so that the error of a bad request rises here."""
        self._rest = memoryview(await self._chunk())
        return self

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await self._fill()
        if not self._rest:
            raise StopAsyncIteration
        return self._take(len(self._rest))

    async def read(self, size: int = -1) -> bytes:
        """Read ``size`` bytes, or all that is left if it is negative; fewer only at the end of the file."""
        parts: list[bytes] = []
        wanted = size
        while wanted:
            await self._fill()
            if not self._rest:
                break
            part = self._take(len(self._rest) if wanted < 0 else wanted)
            parts.append(part)
            wanted = wanted - len(part) if wanted > 0 else wanted
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        """Read into ``buffer``; how many bytes, 0 at the end of the file."""
        target = memoryview(buffer).cast("B")
        if not target:
            return 0
        await self._fill()
        part = self._rest[: len(target)]
        target[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)

    async def close(self) -> None:
        """End the call; what was not read is lost."""
        self._closed = True
        self._rest = memoryview(b"")
        await self._replies.close()

    async def __aenter__(self) -> AsyncFileReader:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _take(self, size: int) -> bytes:
        part, self._rest = self._rest[:size], self._rest[size:]
        whole = part.obj
        return whole if isinstance(whole, bytes) and len(whole) == len(part) else bytes(part)

    async def _fill(self) -> None:
        if self._closed:
            raise ValueError("the file reader is closed")
        if self._failure is not None:
            raise self._failure
        if not self._rest and not self._ended:
            try:
                self._rest = memoryview(await self._chunk())
            except PachydermError as error:
                self._failure = error
                raise

    async def _chunk(self) -> bytes:
        """Receive some bytes; none at the proven end."""
        limit = self._download.limit
        while limit is None or self._received < limit:
            try:
                reply: Any = await self._replies.__anext__()
            except StopAsyncIteration:
                await self._check_complete()
                break
            data = self._wanted(self._download.call.read(reply))
            if limit is not None:
                data = data[: limit - self._received]
            self._received += len(data)
            self._check_stated()
            if self._check:
                self._check.feed(data)
            if self._digest:
                self._digest.feed(data)
            if data:
                return data
        self._ended = True
        await self._replies.close()
        return b""

    def _wanted(self, data: bytes) -> bytes:
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        return data[skipped:] if skipped else data

    def _check_stated(self) -> None:
        expected = self._download.expected
        if self._download.full and expected is not None and self._received > expected:
            raise self._broken(f"more than {expected} bytes came, as many as the server had said that there are")

    async def _check_complete(self) -> None:
        expected = self._download.expected
        if expected is not None and self._received < expected and not await self._is_all():
            raise self._broken(f"{self._received} of {expected} bytes came")
        if self._check and (missing := self._check.missing()):
            raise self._broken(missing)
        if self._digest and await self._is_other(self._digest, self._download.proof):
            raise self._broken("other bytes came than those that were put, by the SHA-512 that the server has of these")

    async def _is_other(self, digest: ContentDigest, proof: Proof | None) -> bool:
        """Say whether this is not the file; what has changed since, in an open commit, proves nothing."""
        if proof is None or self._ask is None or digest.fits(proof.stated):
            return False
        try:
            objects = await self._ask(proof.ask)
        except NotFound:
            return False
        return objects.one and objects.hash == proof.stated

    async def _is_all(self) -> bool:
        """Ask whether there is more, where servers say too much."""
        rest = self._download.rest(self._received) if self._download.rest else None
        if rest is None or self._again is None:
            return False
        async with await self._again(rest) as reader:
            return not await reader.read(1)

    def _broken(self, what: str) -> StreamBroken:
        call = self._download.call
        return StreamBroken(
            f"{call.about}: {what} [{call.method.path}]", method=call.method.path, reference=str(call.about)
        )
