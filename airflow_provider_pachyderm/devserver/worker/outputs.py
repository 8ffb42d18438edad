"""Reads the files that a command left in ``/pfs/out``, to put them into the output commit."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.model import Put
from airflow_provider_pachyderm.devserver.engine.store.blobs import NOTHING, Blob, BlobStore
from airflow_provider_pachyderm.devserver.releases.profile import Profile
from airflow_provider_pachyderm.devserver.worker.layout import Layout, in_thread
from airflow_provider_pachyderm.devserver.worker.rules import BAD_OUTPUTS_NEVER_END, SPECIAL_FILES_FAIL
from airflow_provider_pachyderm.devserver.worker.sandbox import Sandbox

_CHUNK = 2 * 1024 * 1024


class BadOutput(Exception):
    """Something in ``/pfs/out`` cannot be kept, so the datum failed; the text says why."""


class EndlessOutput(Exception):
    """Something in ``/pfs/out`` for which real servers begin the job again and again."""


class Outputs:
    """Reads the output of commands.

    :param clean_path: gives the stored form of a path, or refuses the path as the release does.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        layout: Layout,
        blobs: BlobStore,
        profile: Profile,
        clean_path: Callable[[str], str],
    ) -> None:
        self._sandbox = sandbox
        self._layout = layout
        self._blobs = blobs
        self._profile = profile
        self._clean_path = clean_path
        self.size = 0
        """Bytes of the output that was read last; links to input files do not count."""

    async def puts(self, datum: str) -> list[Put]:
        """Store the files of ``/pfs/out``, and give them in the order of their paths.

        :param datum: id of the datum that they are stored under (2.x).
        :raises BadOutput: if a file cannot be stored, so that the datum fails.
        :raises EndlessOutput: if the release would begin the job again and again.
        """
        self.size = 0
        if not self._layout.out_link.is_symlink() or not self._layout.out.is_dir():
            raise BadOutput("stat /pfs/out: no such file or directory")
        return [put async for put in self._tree(self._layout.out, "", datum, frozenset([self._layout.out.resolve()]))]

    async def _tree(self, folder: Path, path: str, datum: str, above: frozenset[Path]) -> AsyncIterator[Put]:
        """The files of a folder; ``above`` are those that it is in, over links."""
        for entry in _entries(folder):
            inner = f"{path}/{entry.name}"
            real = self._followed(entry) if entry.is_symlink() else Path(entry.path)
            kind = os.stat(real).st_mode
            if stat.S_ISDIR(kind):
                folded = real.resolve()
                if folded in above:
                    raise self._bad(f"open {inner}: too many levels of symbolic links")
                async for put in self._tree(real, inner, datum, above | {folded}):
                    yield put
            elif stat.S_ISREG(kind):
                yield Put(self._clean(inner), await self._content(real), datum)
            elif self._profile[SPECIAL_FILES_FAIL]:
                raise BadOutput(f"cannot upload special file: {entry.name}")

    def _followed(self, entry: os.DirEntry[str]) -> Path:
        """The file or folder that a link leads to.

        :raises BadOutput: if it leads nowhere, or :class:`EndlessOutput`, depending on the release.
        """
        target = os.readlink(entry.path)
        if os.path.isabs(target):
            found = self._resolved(target)
        elif self._profile[BAD_OUTPUTS_NEVER_END]:
            raise self._bad(f"open {target}: no such file or directory")
        else:
            found = Path(entry.path).parent / target
        if not found.exists():
            raise self._bad(f"open {target}: no such file or directory")
        return found

    def _resolved(self, target: str) -> Path:
        """The place on the disk of an absolute path that the command used, after following the links of ``/pfs``."""
        real = self._sandbox.real(os.path.normpath(target))
        for above in (real, *real.parents):
            if above.is_symlink() and above.parent == self._sandbox.pfs:
                return self._resolved(f"{os.readlink(above)}/{real.relative_to(above)}")
        return real

    def _clean(self, path: str) -> str:
        try:
            path.encode()
        except UnicodeEncodeError:
            raise BadOutput(
                "cannot upload file produced by the user code because its name cannot be represented in PFS: "
                f"{os.fsencode(path)!r}"
            ) from None
        try:
            return self._clean_path(path)
        except EngineError as error:
            raise self._bad(error.text) from None

    def _bad(self, text: str) -> Exception:
        return EndlessOutput(text) if self._profile[BAD_OUTPUTS_NEVER_END] else BadOutput(text)

    async def _content(self, path: Path) -> tuple[Blob, ...]:
        if path in self._layout.stored:
            return tuple(self._layout.stored[path])
        size = path.stat().st_size
        if not size:
            return (NOTHING,) if self._profile.world == "v1" else ()
        self.size += size
        writer = self._blobs.open_writer()
        try:
            with _readable(path) as file:
                while data := await _read(file, size):
                    await writer.write(data)
        except BaseException:
            await writer.abort()
            raise
        return (await writer.commit(),)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        found = list(os.scandir(folder))
    except PermissionError:
        folder.chmod(0o700)
        found = list(os.scandir(folder))
    return iter(sorted(found, key=lambda entry: entry.name))


def _readable(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except PermissionError:
        path.chmod(0o600)
        return path.open("rb")


async def _read(file: BinaryIO, size: int) -> bytes:
    got: list[bytes] = []
    await in_thread(size, lambda: got.append(file.read(_CHUNK)))
    return got[0]
