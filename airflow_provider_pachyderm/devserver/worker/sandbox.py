"""Where a command sees the files of its datum: in ``/pfs``, or in a folder that ``PACH_PFS`` names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from airflow_provider_pachyderm.devserver.worker import supervisor

PFS = "/pfs"
TMP = "/tmp"


def supervised(file: Path) -> list[str]:
    """The command line of a supervisor that runs the command in a file, see :meth:`Sandbox.file`."""
    # -I -S: neither variables nor packages of this environment matter
    return [sys.executable, "-I", "-S", supervisor.__file__, str(file)]


@dataclass(frozen=True)
class Sandbox:
    """The folders in which one datum at a time is processed.

    :param folder: the folder on the disk that has them.
    :param mounts: commands see them as ``/pfs`` and ``/tmp``, in a mount namespace.
    """

    folder: Path
    mounts: bool

    @property
    def pfs(self) -> Path:
        """The folder on the disk that commands see as ``/pfs``."""
        return self.folder / "pfs"

    @property
    def seen(self) -> str:
        """The path by which commands reach :attr:`pfs`."""
        return PFS if self.mounts else str(self.pfs)

    def real(self, target: str) -> Path:
        """The place on the disk of an absolute path that a command used."""
        if self.mounts:
            for name in ("pfs", "tmp"):
                if target == f"/{name}" or target.startswith(f"/{name}/"):
                    return Path(f"{self.folder}{target}")
        return Path(target)

    def make(self) -> None:
        """Create the folders that are missing; existing files stay."""
        for name in ("pfs", "tmp", "root"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "tmp").chmod(0o1777)

    def file(self, run: Run) -> Path:
        """Write a file that tells the supervisor what to run, and where the command sees which folders."""
        binds = [(str(self.pfs), PFS), (str(self.folder / "tmp"), TMP)]
        words = [*run.command, *run.env.get("PATH", "").split(os.pathsep), run.cwd, sys.prefix]
        binds += [(path, path) for path in sorted(_in_tmp(words))]
        binds += [(str(source), target) for target, source in run.mounts.items()]
        job = {
            "command": [*run.command],
            "env": dict(run.env),
            "cwd": run.cwd,
            "stdin": str(run.stdin),
            "user": run.user,
            "mounts": self.mounts,
            "binds": binds,
            "root": str(self.folder / "root"),
        }
        path = self.folder / "run.json"
        path.write_text(json.dumps(job))
        return path


@dataclass(frozen=True)
class Run:
    """A command to run.

    :param cwd: its working directory.
    :param stdin: the file that it reads as standard input.
    :param user: the user that it runs as, if the server runs as root.
    :param mounts: further folders, by the path at which the command sees them.
    """

    command: Sequence[str]
    env: Mapping[str, str]
    cwd: str = "/"
    stdin: Path = Path(os.devnull)
    user: str = ""
    mounts: Mapping[str, Path] = field(default_factory=dict)


def _in_tmp(words: Iterable[str]) -> set[str]:
    """Folders of the real ``/tmp`` that a command or its programs are in; it needs them beside its own ``/tmp``."""
    parts = [Path(word).parts for word in words if word.startswith(f"{TMP}/")]
    below = {Path(*part[:3]) for part in parts if len(part) > 2}
    return {str(path) for path in below if path.is_dir()}


def can_mount(folder: Path) -> bool:
    """Whether this machine lets the server mount ``/pfs`` for a command; it is tried out in a folder."""
    if sys.platform != "linux":
        return False
    sandbox = Sandbox(folder, mounts=True)
    sandbox.make()
    program = "import os, sys; sys.exit(not os.path.exists('/pfs/here'))"
    (sandbox.pfs / "here").touch()
    file = sandbox.file(Run([sys.executable, "-I", "-S", "-c", program], {}))
    with subprocess.Popen(supervised(file), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as tried:
        return tried.wait() == 0
