"""A file of ``pfs://`` is there whole or not at all, whoever opens, wraps and closes it."""

from __future__ import annotations

import gc
import gzip
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from io import BytesIO, TextIOWrapper
from typing import Any

import fsspec
import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath

from airflow_provider_pachyderm.client import CommitState, OriginKind, PfsClient
from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem

# Airflow 2.11 does that with each path it joins.
pytestmark = pytest.mark.filterwarnings("ignore:in a future version of UPath:PendingDeprecationWarning")


class Broken(Exception):
    """What the code that writes raises."""


@pytest.fixture
def conn_id(connection: str, repo: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(f"AIRFLOW_CONN_{repo.upper().replace('-', '_')}", connection)
    return repo.replace("-", "_")


@pytest.fixture
def url(client: PfsClient, conn_id: str, repo: str) -> Iterator[str]:
    """A file that has been written before."""
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", b"old")
    yield f"pfs://{conn_id}@{repo}/master/a"
    PachydermFileSystem(conn_id=conn_id).client.close()


def content(client: PfsClient, repo: str) -> bytes:
    """What is in the file; no commit may be open."""
    infos = list(client.list_commit(repo))
    assert all(info.state is CommitState.FINISHED for info in infos if info.origin is not OriginKind.AUTO)
    return client.get_files((repo, "master"), "/a")["/a"]


def with_fsspec(url: str, ends: Callable[[], None]) -> None:
    with fsspec.open(url, "w") as file:
        file.write("new")
        ends()


def with_fsspec_binary(url: str, ends: Callable[[], None]) -> None:
    with fsspec.open(url, "wb") as file:
        file.write(b"new")
        ends()


def with_fsspec_opened(url: str, ends: Callable[[], None]) -> None:
    with fsspec.open(url, "w").open() as file:
        file.write("new")
        ends()


def with_airflow_path(url: str, ends: Callable[[], None]) -> None:
    with ObjectStoragePath(url).open("w") as file:
        file.write("new")
        ends()


def with_url_to_fs(url: str, ends: Callable[[], None]) -> None:
    fs, path = fsspec.url_to_fs(url)
    with fs.open(path, "wb") as file:
        file.write(b"new")
        ends()


def with_a_wrapper(url: str, ends: Callable[[], None]) -> None:
    with fsspec.open(url, "wb") as file, TextIOWrapper(file) as text:
        text.write("new")
        ends()


def with_closing(url: str, ends: Callable[[], None]) -> None:
    with closing(fsspec.open(url, "w").open()) as file:
        file.write("new")
        ends()


def with_a_stack(url: str, ends: Callable[[], None]) -> None:
    with ExitStack() as stack:
        file = stack.enter_context(fsspec.open(url, "w"))
        file.write("new")
        ends()


def with_a_generator(url: str, ends: Callable[[], None]) -> None:
    @contextmanager
    def opened() -> Iterator[Any]:
        file = fsspec.open(url, "w").open()
        try:
            yield file
        finally:
            file.close()

    with opened() as file:
        file.write("new")
        ends()


def with_finally(url: str, ends: Callable[[], None]) -> None:
    file = fsspec.open(url, "w").open()
    try:
        file.write("new")
        ends()
    finally:
        file.close()


def with_copyfileobj(url: str, ends: Callable[[], None]) -> None:
    class Source(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            if not data:
                ends()
            return data

    with fsspec.open(url, "wb") as file:
        shutil.copyfileobj(Source(b"new"), file)


WRITERS = [
    with_fsspec, with_fsspec_binary, with_fsspec_opened, with_airflow_path, with_url_to_fs, with_a_wrapper,
    with_closing, with_a_stack, with_a_generator, with_finally, with_copyfileobj,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS)
def test_a_block_that_raises_writes_nothing(client: PfsClient, repo: str, url: str, write: Any) -> None:
    def ends() -> None:
        raise Broken

    with pytest.raises(Broken):
        write(url, ends)
    assert content(client, repo) == b"old"


@pytest.mark.parametrize("write", WRITERS)
def test_a_block_that_ends_well_writes_all(client: PfsClient, repo: str, url: str, write: Any) -> None:
    write(url, lambda: None)
    assert content(client, repo) == b"new"


@pytest.mark.parametrize("packed", ["gzip", "bz2", "xz"])
def test_compressed(client: PfsClient, repo: str, url: str, packed: str) -> None:
    with pytest.raises(Broken), fsspec.open(url, "wt", compression=packed) as file:
        file.write("half")
        raise Broken
    assert content(client, repo) == b"old"
    with fsspec.open(url, "wt", compression=packed) as file:
        file.write("whole")
    with fsspec.open(url, "rt", compression=packed) as file:
        assert file.read() == "whole"


def test_gzip_file_of_ones_own(client: PfsClient, repo: str, url: str) -> None:
    with pytest.raises(Broken), fsspec.open(url, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb") as packed:
        packed.write(b"half")
        raise Broken
    assert content(client, repo) == b"old"


def test_while_another_error_is_handled(client: PfsClient, repo: str, url: str) -> None:
    try:
        raise KeyError
    except KeyError:
        with fsspec.open(url, "w") as file:
            file.write("instead")
    assert content(client, repo) == b"instead"
    file = fsspec.open(url, "w").open()
    file.write("up to the end")
    try:
        next(iter(()))
    except StopIteration:
        file.close()
    assert content(client, repo) == b"up to the end"
    with suppress(Broken):
        try:
            raise KeyError
        except KeyError:
            with fsspec.open(url, "w") as file:
                file.write("half")
                raise Broken from None
    assert content(client, repo) == b"up to the end"


def test_generator_that_is_given_up(client: PfsClient, repo: str, url: str) -> None:
    def rows() -> Iterator[None]:
        with fsspec.open(url, "w") as file:
            while True:
                file.write("row\n")
                yield

    written = rows()
    next(written)
    written.close()
    assert content(client, repo) == b"old"


@pytest.mark.parametrize("mode", ["w", "wb"])
@pytest.mark.parametrize(
    "opened",
    [
        lambda url, mode: fsspec.open(url, mode).open(),
        lambda url, mode: ObjectStoragePath(url).open(mode),
        lambda url, mode: fsspec.open(url, mode, compression="gzip").open(),
    ],
    ids=["fsspec", "airflow", "gzip"],
)
def test_what_nobody_closes_is_said_and_not_written(
    client: PfsClient, repo: str, url: str, opened: Any, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.warns(ResourceWarning, match=r"'/a' .* never closed, so it was not written"):
        opened(url, mode).write("new" if mode == "w" else b"new")
        gc.collect()
    assert "never closed" in caplog.text
    assert content(client, repo) == b"old"
