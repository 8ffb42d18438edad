"""Archives: whatever is in one is put below the directory it was given for, or refused; nothing else happens."""

from __future__ import annotations

import io
import os
import tarfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm.client import (
    Commit,
    FileInfo,
    FileType,
    InvalidRequest,
    PachydermError,
    Repo,
    StreamBroken,
)
from airflow_provider_pachyderm.client._local import tars
from airflow_provider_pachyderm.client._local.destination import Destination
from tests.support.fuzzing import fuzzed, texts

TYPES = [
    *(tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE),
    *(tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE, b"Z"),
]
HOSTILE = [
    *("", ".", "./", "/", "..", "../a", "a/../../b", "/etc/passwd", "a", "./a", "a//b", "a/", "a/.", "C:\\a", "a\0b"),
    *("a" * 300, "a/" * 200 + "b", "é", "\ud800", "a[1]", "~/a", "-", " ", "\n"),
]
names = st.sampled_from(HOSTILE) | texts


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    buffer = io.BytesIO()
    format = draw(st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]))
    with tarfile.open(fileobj=buffer, mode="w", format=format, errors="surrogateescape") as archive:
        for name, kind in draw(st.lists(st.tuples(names, st.sampled_from(TYPES)), max_size=4)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, draw(names)
            content = draw(st.binary(max_size=20)) if member.isreg() else b""
            member.size = len(content)
            try:
                archive.addfile(member, io.BytesIO(content))
            except ValueError:
                continue  # this format has no room for the name
    return buffer.getvalue()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(archives()))
    for place, byte in draw(st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), max_size=5)):
        data[place] = byte
    return bytes(data[: draw(st.integers(0, len(data)))])


def members_of(data: bytes) -> list[tuple[str, bytes]]:
    with tars.open_members(io.BytesIO(data), "/in/here") as members:
        return [(path, b"".join(pieces)) for path, pieces in members]


@fuzzed
@given(data=archives() | damaged() | st.binary())
def test_any_archive_is_put_below_its_directory_or_refused(data: bytes) -> None:
    try:
        members = members_of(data)
    except InvalidRequest:
        return
    for path, _ in members:
        assert PurePosixPath(path).is_relative_to("/in/here") and path != "/in/here"
        assert ".." not in PurePosixPath(path).parts
    assert len({path for path, _ in members}) == len(members)


@pytest.mark.parametrize("name", ["", ".", "./", "/", "//"])
def test_a_file_without_a_name_is_refused(name: str) -> None:
    """It became a file named as the directory that the archive goes to."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("placeholder")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))
    data = bytearray(buffer.getvalue())
    data[:100] = name.encode().ljust(100, b"\0")

    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert tarfile.TarInfo.frombuf(bytes(data[:512]), "utf-8", "strict").isreg()
    with pytest.raises(InvalidRequest, match="does not name a file"):
        members_of(bytes(data))


@fuzzed
@given(blocks=st.binary(max_size=1500) | archives())
def test_any_header_of_a_download_is_read_or_refused(blocks: bytes) -> None:
    whole = blocks[: len(blocks) // 512 * 512] or bytes(512)
    with suppress(PachydermError):
        member = tars.parse(whole)
        assert member is None or member.size >= 0
    with suppress(PachydermError):
        assert tars.extension_size(whole) >= 0


@pytest.mark.parametrize(
    ("kind", "size"),
    [(tarfile.REGTYPE, -1), (tarfile.XHDTYPE, -512), (tarfile.GNUTYPE_LONGNAME, 2**40), (tarfile.XGLTYPE, 2**62)],
)
def test_sizes_that_no_server_means_are_refused(kind: bytes, size: int) -> None:
    """A size below zero would be read without end, and a name of a terabyte fill the memory."""
    member = tarfile.TarInfo("a")
    member.type, member.size = kind, size
    block = member.tobuf(tarfile.GNU_FORMAT)[-512:]
    with pytest.raises(StreamBroken):
        tars.extension_size(block) or tars.parse(block)


@fuzzed
@given(paths=st.lists(names.map(lambda name: f"/{name}"), max_size=3), unquote=st.booleans())
def test_no_path_of_a_server_leads_out_of_a_download(paths: list[str], unquote: bool, tmp_path_factory: Any) -> None:
    root: Path = tmp_path_factory.getbasetemp() / "downloads"
    commit = Commit(Repo("repo"), "master", "0" * 32)
    destination = Destination(root, "replace", 0o600, unquote, None)
    try:
        destination.prepare([FileInfo(commit, path, FileType.FILE, 0) for path in paths], "v2")
    except PachydermError:
        return
    for local in destination._places.values():
        assert Path(os.path.abspath(local)).is_relative_to(root) and local != root
