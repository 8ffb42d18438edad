"""Places in which datums are run: as many as may run at once."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.worker.datum_runs import DatumRuns
from airflow_provider_pachyderm.devserver.worker.layout import Layout
from airflow_provider_pachyderm.devserver.worker.outputs import Outputs
from airflow_provider_pachyderm.devserver.worker.sandbox import Sandbox, can_mount
from airflow_provider_pachyderm.devserver.worker.uninterrupted import uninterrupted


class Slots:
    """The sandboxes of a worker, lent out one datum at a time.

    :param folder: the folder in which they are created; whatever is in it is deleted. None uses a temporary folder.
    :param number: how many sandboxes there are, so how many datums run at once.
    :param may_mount: mount ``/pfs`` itself for commands, where this machine allows that.
    """

    def __init__(self, engine: Engine, folder: Path | None, number: int, may_mount: bool = True) -> None:
        self._engine = engine
        self.folder = folder or Path(tempfile.mkdtemp(prefix="pachyderm-devserver-"))
        self.number = number
        self._may_mount = may_mount
        self._free: asyncio.Queue[_Slot] = asyncio.Queue()
        self.mounts = False

    async def make(self) -> None:
        """Create the sandboxes, in a folder that is emptied first."""
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o711, parents=True)
        self.mounts = self._may_mount and await asyncio.to_thread(can_mount, self.folder / "probe")
        for number in range(self.number):
            self._free.put_nowait(_Slot(self._engine, Sandbox(self.folder / str(number), self.mounts)))

    @asynccontextmanager
    async def taken(self, owner: str) -> AsyncIterator[DatumRuns]:
        """Wait until a sandbox is free, and keep it until the block ends.

        :param owner: the pipeline and version that uses it; ``/tmp`` is emptied before another one does.
        """
        slot = await self._free.get()
        try:
            await slot.lend(owner)
            yield slot.runs
        finally:
            self._free.put_nowait(slot)

    async def remove(self) -> None:
        """Delete the sandboxes from the disk."""
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


class _Slot:
    def __init__(self, engine: Engine, sandbox: Sandbox) -> None:
        sandbox.make()
        layout = Layout(sandbox, engine.files)
        outputs = Outputs(sandbox, layout, engine.blobs, engine.profile, engine.files.clean_path)
        self.runs = DatumRuns(sandbox, layout, outputs, engine.profile)
        self._sandbox = sandbox
        self._owner = ""

    async def lend(self, owner: str) -> None:
        if owner != self._owner:
            tmp = self._sandbox.folder / "tmp"
            await uninterrupted(asyncio.to_thread(shutil.rmtree, tmp, ignore_errors=True))
            self._sandbox.make()
        self._owner = owner
