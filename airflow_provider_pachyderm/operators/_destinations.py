"""Where a task may get files to: a local directory, or one in object storage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._urls import masked_userinfo
from airflow_provider_pachyderm.client import FileInfo, FileType
from airflow_provider_pachyderm.operators._sources import CHUNK_SIZE, is_local, path_like

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient


def get_into(client: PfsClient, commit: Commit, paths: str | Sequence[str], destination: Any) -> list[dict[str, Any]]:
    """Get files, each to its path below a directory. None is ever there by halves.

    :param paths: of files and directories, which come with all below them
    :param destination: local path, URL such as ``s3://conn_id@bucket/key``, or any path-like object with ``open()``
    :return: of each file ``path``, ``local`` (where it is now) and ``size``
    """
    root = path_like(destination)
    if is_local(root):
        saved = client.download(commit, paths, root)
        return [{"path": file.path, "local": str(file.local), "size": file.size_bytes} for file in saved]
    found = {info.path: info for info in _files(client, commit, [paths] if isinstance(paths, str) else paths)}
    return [_copy(client, info, root) for info in found.values()]


def _files(client: PfsClient, commit: Commit, paths: Sequence[str]) -> Iterator[FileInfo]:
    for path in paths:
        info = client.inspect_file(commit, path)
        if info.type is FileType.FILE:
            yield info
        else:
            with client.list_file(commit, path, recursive=True) as infos:
                yield from infos


def _copy(client: PfsClient, info: FileInfo, root: Any) -> dict[str, Any]:
    target = root.joinpath(*info.path.split("/")[1:])
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with client.get_file(info.commit, info.path) as reader, target.open("wb") as file:
            shutil.copyfileobj(reader, file, CHUNK_SIZE)
    except BaseException:
        # Object stores keep what was written so far when a file is closed, be it for an error.
        target.unlink(missing_ok=True)
        raise
    return {"path": info.path, "local": masked_userinfo(str(target)), "size": info.size_bytes}
