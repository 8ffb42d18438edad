"""ModifyFile and CreateFileSet: a stream of adds, deletes and copies becomes one change of a commit, or a file set."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.files.rules import COPIES_STAND_APART
from airflow_provider_pachyderm.devserver.engine.model import Change, CommitRef, Delete, Put, PutSplit
from airflow_provider_pachyderm.devserver.engine.store.blobs import BlobWriter
from airflow_provider_pachyderm.devserver.servicers.needs import check
from airflow_provider_pachyderm.devserver.servicers.v2 import messages
from airflow_provider_pachyderm.devserver.servicers.v2.needs import MODIFY_FILE_NEEDS

if TYPE_CHECKING:
    from typing_extensions import Self

_DEFAULT_DATUM = "default"


class ChangeStream:
    """One stream of changes. Adds to one path in a row share a blob, so a large file needs little memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changes: list[Change] = []
        self._writer: BlobWriter | None = None
        self._writing: tuple[str, str] = ("", "")
        # the contents of each file so far that are not joined, and whether the last one is a copy
        self._contents: dict[tuple[str, str], tuple[int, bool]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            await self._writer.abort()

    async def take(self, request: pb.ModifyFileRequest) -> None:
        """Take one message."""
        body = request.WhichOneof("body")
        if body == "add_file":
            await self._add(request.add_file)
        elif body == "delete_file":
            await self._delete(request.delete_file)
        elif body == "copy_file":
            check(self._engine, MODIFY_FILE_NEEDS, "copy_file", request)
            await self._copy(request.copy_file)
        else:
            raise refused("cannot set commit" if body == "set_commit" else "unrecognized message type")

    async def _delete(self, delete: pb.DeleteFile) -> None:
        path = self._engine.files.path_to_delete(delete.path)
        await self._close()
        if path.endswith("/"):
            # what came before in this stream goes, whatever its datum
            self._changes = [one for one in self._changes if isinstance(one, Delete) or not one.path.startswith(path)]
            self._contents = {key: kept for key, kept in self._contents.items() if not key[0].startswith(path)}
        self._take(Delete(path, delete.datum or _DEFAULT_DATUM))

    async def _add(self, add: pb.AddFile) -> None:
        path = self._engine.files.clean_path(add.path)
        datum = add.datum or _DEFAULT_DATUM
        if add.WhichOneof("source") == "url":
            await self._add_url(path, datum, add.url)
            return
        if self._writer is None or self._writing != (path, datum):
            await self._close()
            self._writer, self._writing = self._engine.blobs.open_writer(), (path, datum)
        await self._writer.write(add.raw.value)

    async def _add_url(self, path: str, datum: str, source: pb.AddFile.URLSource) -> None:
        from airflow_provider_pachyderm.devserver import (
            urls,  # httpx is a third of the time that a server takes to start
        )

        found = urls.files(source.url, source.recursive, self._engine.profile, self._engine.url_limits)
        async with aclosing(found):
            async for rest, content in found:
                await self._close()
                self._writer, self._writing = (
                    self._engine.blobs.open_writer(),
                    (self._engine.files.clean_path(f"{path}/{rest}"), datum),
                )
                async with aclosing(content):
                    async for data in content:
                        await self._writer.write(data)

    async def _copy(self, copy: pb.CopyFile) -> None:
        view = self._engine.files.open(messages.commit_ref(copy.src.commit), copy.src.datum)
        target = self._engine.files.clean_path(copy.dst)
        changes = self._engine.files.copy_changes(
            view, copy.src.path, target, copy.append, copy.datum or _DEFAULT_DATUM
        )
        await self._close()
        for change in changes:
            self._take(change, copied=True)

    def _take(self, change: Change, copied: bool = False) -> None:
        """Note a change; a copy is joined neither with what came before it in this stream nor with what follows."""
        key = (change.path, change.datum) if not isinstance(change, PutSplit) else ("", "")
        if isinstance(change, Put) and self._engine.profile[COPIES_STAND_APART]:
            beside, after_copy = self._contents.get(key, (-1, False))
            beside += beside < 0 or copied or after_copy
            self._contents[key] = beside, copied
            change = replace(change, beside=beside)
        elif isinstance(change, Delete):
            self._contents.pop(key, None)
        self._changes.append(change)

    async def _close(self) -> None:
        """End the blob that is being written, if there is one."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        blob = await writer.commit()
        path, datum = self._writing
        self._take(Put(path, (blob,) if blob.size else (), datum))

    async def all_changes(self) -> list[Change]:
        """All changes, when the stream has ended."""
        await self._close()
        await self._engine.blobs.sync()
        return self._changes


class ModifyFileStream(ChangeStream):
    """One ModifyFile stream: the commit, then the changes."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._target: CommitRef | None = None

    async def take(self, request: pb.ModifyFileRequest) -> None:
        """Take one message."""
        if self._target is not None:
            await super().take(request)
            return
        if request.WhichOneof("body") != "set_commit":
            raise refused("first message must be a commit")
        check(self._engine, MODIFY_FILE_NEEDS, "set_commit", request)
        self._target = messages.commit_ref(request.set_commit)
        self._engine.files.check_target(self._target)

    async def commit(self) -> None:
        """Apply everything."""
        if self._target is None:
            raise refused("EOF")
        self._engine.files.modify(self._target, await self.all_changes())
