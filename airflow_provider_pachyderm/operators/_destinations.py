"""Where a task may get files to: a local directory, or one in object storage."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict

from airflow_provider_pachyderm._urls import masked_userinfo
from airflow_provider_pachyderm.client import FileInfo, FileType
from airflow_provider_pachyderm.client._local import disk
from airflow_provider_pachyderm.client._local.destination import Existing
from airflow_provider_pachyderm.operators._sources import CHUNK_SIZE, StoragePath, is_local, path_like

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient
    from airflow_provider_pachyderm.operators._results import Progress

# fsspec's filesystems of these protocols show an upload when it is committed, and keep nothing of one that is not.
_UPLOADS_ARE_COMMITTED = frozenset({"s3", "s3a", "gs", "gcs"})
# A file that raises while it is written is dropped by its own ``with``.
_DROPS = frozenset({"pfs"})
# What fsspec reads as a pattern in a name.
_PATTERN = re.compile(r"[*?\[\]]")
# A longer list goes to a file of its own.
MOST_LISTED = 1000


class GotFile(TypedDict):
    """A file that was got: its path in Pachyderm, where it is now, and its size in bytes."""

    path: str
    local: str
    size: int


def get_into(
    client: PfsClient,
    commit: Commit,
    paths: str | Sequence[str],
    destination: Any,
    progress: Progress,
    *,
    existing: Existing = "replace",
    mode: int = 0o600,
) -> list[GotFile]:
    """Get files, each to its path below a directory. No file is ever incomplete, and files that were there stay.

    :param paths: of files and directories, which come with all below them
    :param destination: local path, URL such as ``s3://conn_id@bucket/key``, or any path-like object with ``open()``
    :param progress: counts what comes
    :param existing: what becomes of files that are there
    :param mode: permissions of local files
    :return: of each file ``path``, ``local`` (where it is now) and ``size``
    :raises FileExistsError: with ``existing="fail"``, if one is there
    """
    root = path_like(destination)
    if is_local(root):
        saved = client.download(commit, paths, root, existing=existing, mode=mode, progress=progress)
        return [{"path": file.path, "local": str(file.local), "size": file.size_bytes} for file in saved]
    found = {info.path: info for info in _files(client, commit, [paths] if isinstance(paths, str) else paths)}
    places = {path: root.joinpath(*path.split("/")[1:]) for path in found}
    if existing == "fail" and (there := [str(place) for place in places.values() if place.exists()]):
        raise FileExistsError(f"these files already exist: {masked_userinfo(', '.join(there[:20]))}")
    return [_get(client, info, places[path], existing, progress) for path, info in found.items()]


@contextmanager
def replacing(target: StoragePath) -> Iterator[BinaryIO]:
    """Give a file to write; it replaces ``target`` when the ``with`` block ends well, and nothing changes otherwise.

    :param target: path in object storage, or any path-like object with ``open()``
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _way_to(target) as file:
        yield file


def write_manifest(place: str, listed: Sequence[object]) -> str:
    """Write a list as JSON and return where it is: XComs are for small values.

    :param place: local path, or URL such as ``s3://conn_id@bucket/key``
    """
    target = path_like(place)
    with replacing(target) as file:
        file.write(json.dumps(listed).encode())
    return place if "://" in place else str(target)


def _way_to(target: StoragePath) -> AbstractContextManager[BinaryIO]:
    if is_local(target):
        return disk.replacing(target)
    fs, path = getattr(target, "fs", None), getattr(target, "path", "")
    protocol = getattr(target, "protocol", None)
    if fs is not None and protocol in _DROPS:
        file: AbstractContextManager[BinaryIO] = fs.open(path, "wb")
        return file
    if fs is not None and protocol in _UPLOADS_ARE_COMMITTED:
        return _committed(fs, path)
    if fs is not None:
        return _renamed(fs, path)
    return _spooled(target)


@contextmanager
def _committed(fs: Any, path: str) -> Iterator[BinaryIO]:
    """Upload; the object is created at the end."""
    file = fs.open(path, "wb", autocommit=False)
    try:
        yield file
        file.close()
    except BaseException:
        file.discard()
        file.closed = True  # else it uploads the rest when it is collected
        raise
    file.commit()


@contextmanager
def _renamed(fs: Any, path: str) -> Iterator[BinaryIO]:
    """Write under a temporary name in the same directory, then rename that."""
    folder, slash, name = path.rpartition("/")
    temporary = f"{folder}{slash}.{_PATTERN.sub('_', name[:100])}.{secrets.token_hex(4)}.part"
    try:
        with fs.open(temporary, "wb") as file:
            yield file
        if fs.isdir(path):
            raise IsADirectoryError(f"{path} is a directory")
        _move(fs, temporary, path)
        if fs.exists(temporary):  # some rename nothing onto what exists, and say nothing
            raise FileExistsError(f"{path} exists, and its filesystem cannot replace it")
    except BaseException:
        if fs.exists(temporary):
            fs.rm_file(temporary)
        raise


def _move(fs: Any, source: str, target: str) -> None:
    """Move a file; what fsspec does where a filesystem has no way of its own takes the names for patterns."""
    from fsspec.spec import AbstractFileSystem  # type: ignore[import-untyped]

    if getattr(fs.mv, "__func__", None) is AbstractFileSystem.mv:
        fs.cp_file(source, target)
        fs.rm_file(source)
    else:
        fs.mv(source, target)


@contextmanager
def _spooled(target: StoragePath) -> Iterator[BinaryIO]:
    """Write to the local disk first, for filesystems that only have ``open()``."""
    with tempfile.TemporaryFile() as spool:
        yield spool
        spool.seek(0)
        with target.open("wb") as file:
            shutil.copyfileobj(spool, file, CHUNK_SIZE)


def _files(client: PfsClient, commit: Commit, paths: Sequence[str]) -> Iterator[FileInfo]:
    for path in paths:
        info = client.inspect_file(commit, path)
        if info.type is FileType.FILE:
            yield info
        else:
            with client.list_file(commit, path, recursive=True) as infos:
                yield from infos


def _get(client: PfsClient, info: FileInfo, target: StoragePath, existing: Existing, progress: Progress) -> GotFile:
    if existing != "skip_same" or not target.exists() or target.stat().st_size != info.size_bytes:
        with replacing(target) as file, client.get_file(info.commit, info.path) as reader:
            for chunk in progress.counted(reader):
                file.write(chunk)
    return {"path": info.path, "local": masked_userinfo(str(target)), "size": info.size_bytes}
