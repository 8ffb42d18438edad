"""Reading files of 1.x: GetFile of ``pfs.API``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v1 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan
from airflow_provider_pachyderm.client._dialects.downloads import (
    Download,
    Downloads,
    Proof,
    is_pinned,
    part_of,
    read_bytes,
    refuse_directory,
)
from airflow_provider_pachyderm.client._dialects.files_v1 import FilesV1
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._errors import PathConflict
from airflow_provider_pachyderm.client._local.digests import Objects
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileType

_Rest = Callable[[int], "Download | None"]


class DownloadsV1(Downloads):
    """What these servers state of a file may be too much or too little, and parts of it other parts: all by version."""

    def __init__(self, names: NamesV1, files: FilesV1) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._files = files
        self._calls = files.calls

    def file(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        # A directory reads as an empty file, and a stream that ends early looks like one that ended: so ask first.
        inspect = self._calls.inspect(commit, path)
        inspection = read.Inspection(inspect.read)
        try:
            info: FileInfo = known or (yield replace(inspect, read=inspection))
            is_sure = info.type is FileType.FILE or info.committed is not None
        except PathConflict:
            is_sure = False
        if not is_sure:
            # in an open commit, there may be a file all the same
            info = yield from self._files.inspect(commit, path)
        refuse_directory(info, commit, path)
        part = self._part(info, path, offset, size, f"{commit}:{path}")
        return part if offset or size or inspection.of_several else replace(part, proof=self._proof(info))

    def _part(self, info: FileInfo, path: str, offset: int, size: int, about: str) -> Download:
        expected, limit = part_of(info, offset, size)
        download = replace(
            self._get(info, path, offset, size, about),
            expected=expected,
            limit=limit,
            after=self._on(info, path, offset, size, about) if is_pinned(info) else None,
            lasting=info.committed is not None,
        )
        if Feature.TRUE_SIZES in self.capabilities:
            return download
        download = replace(download, rest=self._rest(info, path, offset, about))
        if Feature.FULL_SIZES in self.capabilities:
            return download
        return replace(download, full=False, limit=size or None)

    def _get(self, info: FileInfo, path: str, offset: int, size: int, about: str) -> Download:
        """Read a part, or where servers send wrong ones, all of the file to find it there."""
        ranges = Feature.RANGES in self.capabilities
        request = pfs_pb2.GetFileRequest(
            file=self._names.exact_file(info.commit, path),
            offset_bytes=offset if ranges else 0,
            size_bytes=size if ranges else 0,
        )
        return Download(Call(methods.Pfs.GetFile, request, read_bytes, about), skip=0 if ranges else offset)

    def _on(self, info: FileInfo, path: str, offset: int, size: int, about: str) -> Callable[[int], Download]:
        return lambda came: self._get(info, path, offset + came, size - came if size else 0, about)

    def _rest(self, info: FileInfo, path: str, offset: int, about: str) -> _Rest:
        return lambda came: self._after(info, path, offset + came, about)

    def _after(self, info: FileInfo, path: str, offset: int, about: str) -> Download | None:
        """Read what there is after some bytes, be the file as long as it may; a stream without any proves nothing."""
        return self._get(info, path, offset, 0, about) if offset else None

    def _proof(self, info: FileInfo) -> Proof | None:
        if Feature.OBJECT_DIGESTS not in self.capabilities:
            return None
        return Proof(info.hash, partial(self._objects, info))

    def _objects(self, info: FileInfo) -> Plan[Objects]:
        inspect = self._calls.inspect(info.commit, info.path)
        objects: Objects = yield Call(inspect.method, inspect.request, read.objects, inspect.about)
        return objects
