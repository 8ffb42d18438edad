"""Reading one file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType

from airflow_provider_pachyderm.client._async.items import AsyncReplySource
from airflow_provider_pachyderm.client._errors import PachydermError
from airflow_provider_pachyderm.client._local.chunks import CHUNK_SIZE, Buffer
from airflow_provider_pachyderm.client._local.progress import Transfer


class AsyncFileReader:
    """The content of a file, as the server sends it: iterate over its chunks, or ``read`` it like a binary file.

    A chunk has at most 2 MiB, also where the server sends messages of 19 MiB.

    It reads everything or raises: where a stream breaks or stalls, it goes on in another one, as the client's
    :class:`RetryPolicy` allows, if the file is of a finished commit. Otherwise it raises :class:`StreamBroken` or
    :class:`StreamStalled`, and so does every read after that; likewise if a stream ends early, or has more bytes than
    the server reported. Closing it early ends the call. It is also a context manager, which closes it.

    Servers of 1.x state the SHA-512 of what was put: for a whole file of one put, other bytes are a
    :class:`StreamBroken`, too.

    Servers of 1.6 to 1.13 say too much of a file of which a later commit overwrote all but the first puts. So where
    less comes there, the client asks whether there is more behind it, and takes the file for whole if there is not.
    """

    def __init__(
        self,
        content: AsyncReplySource,
        transfer: Transfer | None = None,
        expected: int | None = None,
        about: object = "",
    ) -> None:
        self._content = content
        self._about = about
        self._count = 0
        self._transfer = transfer or Transfer(None)
        self._transfer.expect(expected)
        self._rest = memoryview(b"")
        self._ended = False
        self._closed = False
        self._failure: PachydermError | None = None

    def __repr__(self) -> str:
        state = "closed" if self._closed else "at its end" if self._ended and not self._rest else "open"
        about = f" of {self._about}" if self._about else ""
        return f"<{type(self).__name__}{about}: {self._count - len(self._rest)} bytes read, {state}>"

    async def start(self) -> AsyncFileReader:
        """Wait for the first bytes, so that the error of a bad request is raised here."""
        self._rest = memoryview(await self._chunk())
        return self

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._closed

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await self._fill()
        if not self._rest:
            raise StopAsyncIteration
        return self._take(CHUNK_SIZE)

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
        """Read into ``buffer``; returns the number of bytes, 0 at the end of the file."""
        target = memoryview(buffer).cast("B")
        if not target:
            return 0
        await self._fill()
        part = self._rest[: len(target)]
        target[: len(part)] = part
        self._leave(len(part))
        return len(part)

    async def close(self) -> None:
        """End the call; what was not read is lost."""
        self._closed = True
        self._count -= len(self._rest)
        self._rest = memoryview(b"")
        await self._content.close()

    async def __aenter__(self) -> AsyncFileReader:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _take(self, size: int) -> bytes:
        part = self._rest[:size]
        self._leave(len(part))
        whole = part.obj
        return whole if isinstance(whole, bytes) and len(whole) == len(part) else bytes(part)

    def _leave(self, size: int) -> None:
        """Go on behind so many bytes. What has been read to its end is not held while the next is received."""
        self._rest = self._rest[size:] if size < len(self._rest) else memoryview(b"")

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

    async def _chunk(self) -> Buffer:
        """Receive some bytes; none at the proven end."""
        data: Buffer = b""
        try:
            while not data:
                data = await self._content.__anext__()
        except StopAsyncIteration:
            self._ended = True
            self._transfer.end()
            await self._content.close()
        self._count += len(data)
        self._transfer.add(len(data))
        return data
