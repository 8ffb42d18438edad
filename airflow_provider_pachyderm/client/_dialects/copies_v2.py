"""Copying files on 2.x: a message of ModifyFile."""

from __future__ import annotations

from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Plan, Send
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.copies import Copies, check_copy
from airflow_provider_pachyderm.client._dialects.files_v2 import FilesV2
from airflow_provider_pachyderm.client._dialects.modify_messages import copy_frame, delete_frame, opening_frame
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileType
from airflow_provider_pachyderm.client._paths import below, join


class CopiesV2(Copies):
    """A directory is deleted where it is to be replaced, as servers leave what is not in the source."""

    def __init__(self, names: NamesV2, files: FilesV2, commits: Commits) -> None:
        super().__init__(files, commits)
        self._names = names
        self._files = files

    def copy(self, source: FileInfo, target: Commit, path: str, *, append: bool, fresh: bool) -> Plan[None]:
        frames = yield from self.frames(source, path, append=append)
        opening = opening_frame(self._names.commit(target))
        yield Send(methods.Pfs.ModifyFile, (opening, *frames), f"{target}:{path}")

    def frames(self, source: FileInfo, path: str, *, append: bool) -> Plan[tuple[bytes, ...]]:
        """Make the messages that copy a file, or put a directory in the place of what is there."""
        check_copy(source, path)
        frames = []
        if source.type is FileType.DIR and not append:
            frames.append(delete_frame(join(path, "")))
        copies = {path: source}
        if source.path == "/" and Feature.COPY_ROOT not in self.capabilities:
            entries = yield from self._files.list(source.commit, "/").all()
            copies = {join(path, below(entry.path, "/")): entry for entry in entries}
        frames += [
            copy_frame(self._names.file(source.commit, each.path), copy, append) for copy, each in copies.items()
        ]
        return tuple(frames)
