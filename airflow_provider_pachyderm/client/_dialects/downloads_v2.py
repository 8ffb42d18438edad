"""Reading files of 2.x: GetFile and GetFileTAR of ``pfs_v2.API``."""

from __future__ import annotations

from dataclasses import replace

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan
from airflow_provider_pachyderm.client._dialects.downloads import (
    Download,
    Downloads,
    is_pinned,
    part_of,
    read_bytes,
    refuse_directory,
)
from airflow_provider_pachyderm.client._dialects.files_v2 import FilesV2, range_message
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._local.tars import Follower
from airflow_provider_pachyderm.client._models import Commit, FileInfo, PathRange
from airflow_provider_pachyderm.client._paths import join
from airflow_provider_pachyderm.client._patterns import exactly


class DownloadsV2(Downloads):
    """Servers take every path for a pattern, so each is written as one that matches nothing else."""

    def __init__(self, names: NamesV2, files: FilesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._files = files

    def file(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        # A stream that ends early may look like one that ended: so ask first how much there is.
        info = known or (yield from self._files.inspect(commit, path))
        refuse_directory(info, commit, path)
        at = info.commit if is_pinned(info) else commit
        file, about = self._names.file(at, exactly(path)), f"{commit}:{path}"

        def after(came: int) -> Download:
            request = pfs_pb2.GetFileRequest(file=file, offset=offset + came)
            return Download(Call(methods.Pfs.GetFile, request, read_bytes, about))

        expected, limit = part_of(info, offset, size)
        return replace(
            after(0),
            expected=expected,
            limit=limit,
            after=after if is_pinned(info) else None,
            lasting=info.committed is not None,
        )

    def archive(self, commit: Commit, path: str, within: PathRange | None = None, *, lasting: bool = False) -> Download:
        wanted = exactly(path)
        if within is not None and within.lower > join(path, ""):
            # Servers take what is below a directory only if they meet that, which the range leaves out.
            wanted = join(wanted, "**")
        request = pfs_pb2.GetFileRequest(file=self._names.file(commit, wanted), path_range=range_message(within))
        call = Call(methods.Pfs.GetFileTAR, request, read_bytes, f"{commit}:{path}")
        return Download(
            call, check=Follower, lasting=lasting, repeats=True, after=lambda came: Download(call, skip=came)
        )
