"""The files of a datum on the disk, as its command finds them."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from airflow_provider_pachyderm.devserver.engine.datums.enumeration import DatumFile
from airflow_provider_pachyderm.devserver.engine.files.files import Files
from airflow_provider_pachyderm.devserver.engine.files.views import View
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, FileInfo
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob
from airflow_provider_pachyderm.devserver.worker.sandbox import Sandbox
from airflow_provider_pachyderm.devserver.worker.uninterrupted import uninterrupted

_SCRATCH = ".scratch"
_AT_ONCE = 64 * 1024  # up to here a hop to a thread costs more than the work itself


class Layout:
    """A datum's ``/pfs``: a link for each input, and ``out``.

    :param files: the engine's files, which the content is read from.
    """

    def __init__(self, sandbox: Sandbox, files: Files) -> None:
        self._sandbox = sandbox
        self._files = files
        self._numbers = count()
        self._folder = Path()
        self.stored: dict[Path, Sequence[Blob]] = {}
        """The stored content of each input file on the disk; output that is a link to one is stored from here."""
        self.size = 0
        """Bytes that were written for the datum."""

    @property
    def out(self) -> Path:
        """The folder in which the command leaves its output."""
        return self._folder / "out"

    @property
    def out_link(self) -> Path:
        """The link ``/pfs/out`` that leads the command to :attr:`out`."""
        return self._sandbox.pfs / "out"

    async def lay_out(self, files: Sequence[DatumFile]) -> None:
        """Remove what the datum before left, and write the files of this datum where its command looks for them."""
        await self.clear()
        self._folder = self._sandbox.pfs / _SCRATCH / str(next(self._numbers))
        self.out.mkdir(parents=True)
        # for a command that runs as somebody else
        self.out.chmod(0o777)
        self._link("out")
        for file in files:
            if not (self._folder / file.leaf.name).is_dir():
                (self._folder / file.leaf.name).mkdir(parents=True)
                self._link(file.leaf.name)
            await self._put(file)

    async def clear(self) -> None:
        """Remove the input and the output of the last datum."""
        self.stored.clear()
        self.size = 0
        # nobody else may have the place while files of it go
        await uninterrupted(asyncio.to_thread(_empty, self._sandbox.pfs))

    def write_variables(self, variables: Mapping[str, str]) -> None:
        """Write the variables of the command to ``/pfs/.env``, as 2.6 and later do."""
        text = "".join(f"{name}={value}\n" for name, value in variables.items())
        (self._sandbox.pfs / ".env").write_text(text)

    def _link(self, name: str) -> None:
        seen = f"{self._sandbox.seen}/{self._folder.relative_to(self._sandbox.pfs)}"
        (self._sandbox.pfs / name).symlink_to(f"{seen}/{name}")

    async def _put(self, file: DatumFile) -> None:
        base = self._folder / file.leaf.name
        view = self._files.open(CommitRef(file.leaf.repo, file.leaf.commit))
        if file.info.is_dir:
            (base / file.info.path[1:]).mkdir(parents=True, exist_ok=True)
        for info in _below(view, file.info):
            target = base / info.path[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            content = view.content([info])
            self.stored[target] = content
            with target.open("wb") as opened:
                if not file.leaf.empty_files:
                    self.size += sum(blob.size for blob in content)
                    async for piece in self._files.read(info.path, content):
                        await in_thread(len(piece), partial(opened.write, piece))


async def in_thread(size: int, work: Callable[[], object]) -> None:
    """Run a function in a thread if it handles so many bytes that it would block the event loop, else at once."""
    if size > _AT_ONCE:
        await asyncio.to_thread(work)
    else:
        work()


def _below(view: View, info: FileInfo) -> Iterator[FileInfo]:
    """A file, or all files of a directory."""
    found = view.walk("/") if info.path == "/" else view.below(info.path)
    return (one for one in found if not one.is_dir)


def _empty(folder: Path) -> None:
    """Remove everything in a folder, including directories that the command made unreadable."""
    for entry in os.scandir(folder):
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.path)
            continue
        try:
            shutil.rmtree(entry.path)
        except PermissionError:
            _open_up(Path(entry.path))
            shutil.rmtree(entry.path)


def _open_up(folder: Path) -> None:
    """Make a folder and those in it accessible to their owner again."""
    folder.chmod(0o700)
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            _open_up(Path(entry.path))
