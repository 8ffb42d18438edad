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

    :param files: where the content comes from.
    """

    def __init__(self, sandbox: Sandbox, files: Files) -> None:
        self._sandbox = sandbox
        self._files = files
        self._numbers = count()
        self._folder = Path()
        self.stored: dict[Path, Sequence[Blob]] = {}
        """What the files of the inputs have, whatever is on the disk."""
        self.size = 0
        """Bytes of them."""

    @property
    def out(self) -> Path:
        """Where the command leaves what it makes."""
        return self._folder / "out"

    @property
    def out_link(self) -> Path:
        """How the command finds that."""
        return self._sandbox.pfs / "out"

    async def lay_out(self, files: Sequence[DatumFile]) -> None:
        """Put the files of a datum where its command looks for them; nothing else is there then."""
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
        """Remove all that a datum had or made."""
        self.stored.clear()
        self.size = 0
        # nobody else may have the place while files of it go
        await uninterrupted(asyncio.to_thread(_empty, self._sandbox.pfs))

    def write_variables(self, variables: Mapping[str, str]) -> None:
        """Write ``.env``."""
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
    """Do something with this many bytes without keeping the loop busy."""
    if size > _AT_ONCE:
        await asyncio.to_thread(work)
    else:
        work()


def _below(view: View, info: FileInfo) -> Iterator[FileInfo]:
    """A file, or all files of a directory."""
    found = view.walk("/") if info.path == "/" else view.below(info.path)
    return (one for one in found if not one.is_dir)


def _empty(folder: Path) -> None:
    """Remove all that is in a folder, also what its owner may not read."""
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
    """Take back the rights on folders that a command took away."""
    folder.chmod(0o700)
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            _open_up(Path(entry.path))
