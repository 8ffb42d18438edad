"""The messages of ModifyFile and CreateFileSet, encoded."""

from __future__ import annotations

from airflow_provider_pachyderm._wire.v2 import pfs_pb2
from airflow_provider_pachyderm.client._changes import PutUrl


def opening_frame(commit: pfs_pb2.Commit) -> bytes:
    """Give the message that says which commit the others are for."""
    return pfs_pb2.ModifyFileRequest(set_commit=commit).SerializeToString()


def url_frame(wanted: PutUrl) -> bytes:
    """Give the message that makes the server fetch a file itself."""
    source = pfs_pb2.AddFile.URLSource(url=wanted.url, recursive=wanted.recursive, concurrency=wanted.concurrency)
    return pfs_pb2.ModifyFileRequest(add_file=pfs_pb2.AddFile(path=wanted.path, url=source)).SerializeToString()


def copy_frame(source: pfs_pb2.File, path: str, append: bool) -> bytes:
    """Give the message that copies a file or a directory."""
    copy = pfs_pb2.CopyFile(dst=path, src=source, append=append)
    return pfs_pb2.ModifyFileRequest(copy_file=copy).SerializeToString()


def delete_frame(path: str, datum: str = "") -> bytes:
    """Give the message that removes a file, or with a slash at the end of ``path`` a directory."""
    delete = pfs_pb2.DeleteFile(path=path, datum=datum)
    return pfs_pb2.ModifyFileRequest(delete_file=delete).SerializeToString()


def delete_frames(path: str, datum: str = "") -> tuple[bytes, ...]:
    """Give the messages that remove a file or a directory, whichever it is."""
    # "/d" deletes the file d only, "/d/" the directory d only; what is not there is no error
    return tuple(delete_frame(each, datum) for each in ((path,) if path == "/" else (path, path + "/")))
