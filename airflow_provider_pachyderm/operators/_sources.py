"""What a task may put: a local file or directory, or the same in object storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._urls import masked

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient

CHUNK_SIZE = 2 * 1024 * 1024


def put_source(client: PfsClient, commit: Commit, path: str, source: Any, *, append: bool = False) -> None:
    """Put a file, or all files of a directory, into an open commit.

    :param path: path in Pachyderm: of the file, or of the directory that the files go to. A file whose path ends in
        a slash keeps its name
    :param source: local path, URL such as ``s3://conn_id@bucket/key``, or any path-like object with ``open()``
    :raises FileNotFoundError: there is nothing at ``source``
    """
    origin = path_like(source)
    if not origin.exists():
        raise FileNotFoundError(f"source {masked(str(source))!r} does not exist")
    folder = path.rstrip("/")
    if not origin.is_dir():
        target = f"{folder}/{origin.name}" if path.endswith("/") else path
        client.put_file_bytes(commit, target, _chunks(origin), append=append)
    elif is_local(origin):
        client.put_files(commit, origin, folder or "/", append=append)
    else:
        with client.modify(commit) as changes:  # one stream on 2.x
            for name, file in _files(origin):
                changes.put(f"{folder}/{name}", _chunks(file), append=append)


def _chunks(origin: Any) -> Iterator[bytes]:
    # A generator, so that the thread that reads the file closes it: a task that is killed while a read blocks must not
    # wait for that read.
    with origin.open("rb") as file:
        while data := file.read(CHUNK_SIZE):
            yield data


def path_like(source: Any) -> Any:
    """Return a local path, or a path in object storage when given a URL, with the methods of ``pathlib.Path``."""
    if isinstance(source, str) and "://" in source:
        from airflow.providers.common.compat.sdk import ObjectStoragePath

        return ObjectStoragePath(source)
    if isinstance(source, str) or not hasattr(source, "open"):
        return Path(source)
    return source


def is_local(origin: Any) -> bool:
    """Say whether a path is one of this machine's, for which the client has faster ways."""
    # Universal paths may derive from pathlib's: what has a protocol is a place elsewhere.
    return isinstance(origin, Path) and not hasattr(origin, "protocol")


def local_uri(place: Any) -> str | None:
    """Return the ``file://`` URI of a local path; object storage reports what it reads and writes by itself."""
    if isinstance(place, str) and "://" in place:
        return None
    path = path_like(place)
    return path.absolute().as_uri() if is_local(path) else None


def _files(folder: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in sorted(folder.iterdir(), key=str):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry
