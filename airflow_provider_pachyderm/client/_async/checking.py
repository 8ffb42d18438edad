"""The bytes of a file as they come, checked to be all of them and the right ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from airflow_provider_pachyderm.client._async.items import AsyncReplySource
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._dialects.downloads import Download, Proof
from airflow_provider_pachyderm.client._errors import NotFound, StreamBroken
from airflow_provider_pachyderm.client._local.digests import ContentDigest, Objects


class AsyncCheckedBytes:
    """Gives the bytes of a download, and ends only when all have come.

    :param content: brings the bytes.
    :param again: opens another download.
    :param ask: asks what the file consists of.
    """

    def __init__(
        self,
        content: AsyncReplySource,
        download: Download,
        again: Callable[[Download], Awaitable[AsyncFileReader]],
        ask: Callable[[Proof], Awaitable[Objects]],
    ) -> None:
        self._content = content
        self._download = download
        self._again = again
        self._ask = ask
        self._digest = ContentDigest() if download.proof else None
        self._check = download.check() if download.check else None
        self._received = 0

    async def __anext__(self) -> memoryview:
        limit = self._download.limit
        if limit is not None and self._received >= limit:
            raise StopAsyncIteration
        try:
            data: memoryview | None = await self._content.__anext__()
        except StopAsyncIteration:
            data = None
        if data is None:  # outside of the handler, so that what is missing has no other error behind it
            await self._check_complete()
            raise StopAsyncIteration
        if limit is not None:
            data = data[: limit - self._received]
        self._note(data)
        return data

    async def close(self) -> None:
        """Give no more."""
        await self._content.close()

    def _note(self, data: memoryview) -> None:
        self._received += len(data)
        expected = self._download.expected
        if self._download.full and expected is not None and self._received > expected:
            raise self._broken(f"the server sent more than the {expected} bytes that it reported")
        if self._check:
            self._check.feed(data)
        if self._digest:
            self._digest.feed(data)

    async def _check_complete(self) -> None:
        expected = self._download.expected
        if expected is not None and self._received < expected and not await self._is_all():
            raise self._broken(f"the server sent only {self._received} of {expected} bytes")
        if self._check and (missing := self._check.missing()):
            raise self._broken(missing)
        if self._digest and await self._is_other(self._digest, self._download.proof):
            raise self._broken(
                "the content differs from what was put: its SHA-512 is not the one that the server reports"
            )

    async def _is_other(self, digest: ContentDigest, proof: Proof | None) -> bool:
        """Say whether this is not the file; what has changed since, in an open commit, proves nothing."""
        if proof is None or digest.fits(proof.stated):
            return False
        try:
            objects = await self._ask(proof)
        except NotFound:
            return False
        return objects.one and objects.hash == proof.stated

    async def _is_all(self) -> bool:
        """Ask whether there is more, where servers say too much."""
        rest = self._download.rest(self._received) if self._download.rest else None
        if rest is None:
            return False
        async with await self._again(rest) as reader:
            return not await reader.read(1)

    def _broken(self, what: str) -> StreamBroken:
        call = self._download.call
        return StreamBroken(
            f"{call.about}: {what} [{call.method.path}]", method=call.method.path, reference=str(call.about)
        )
