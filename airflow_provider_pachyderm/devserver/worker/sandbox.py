"""How a command sees the files of its datum: as ``/pfs``, or below a folder that variables name."""

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
    """The command line that runs what a file says."""
    # -I -S: neither variables nor packages of this environment matter
    return [sys.executable, "-I", "-S", supervisor.__file__, str(file)]


@dataclass(frozen=True)
class Sandbox:
    """The place of one worker.

    :param folder: where its files are.
    :param mounts: its commands have ``/pfs`` itself, and a ``/tmp`` of their own.
    """

    folder: Path
    mounts: bool

    @property
    def pfs(self) -> Path:
        """What is ``/pfs`` for the commands."""
        return self.folder / "pfs"

    @property
    def seen(self) -> str:
        """How the commands name :attr:`pfs`."""
        return PFS if self.mounts else str(self.pfs)

    def real(self, target: str) -> Path:
        """Where an absolute path of the commands really is."""
        if self.mounts:
            for name in ("pfs", "tmp"):
                if target == f"/{name}" or target.startswith(f"/{name}/"):
                    return Path(f"{self.folder}{target}")
        return Path(target)

    def make(self) -> None:
        """Make the folders; what was in them stays."""
        for name in ("pfs", "tmp", "root"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "tmp").chmod(0o1777)

    def file(self, run: Run) -> Path:
        """What the supervisor is to run, in a file."""
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

    :param cwd: where it begins.
    :param stdin: a file that it reads.
    :param user: whom it runs as, if the server runs as root.
    :param mounts: folders that it has elsewhere, by where.
    """

    command: Sequence[str]
    env: Mapping[str, str]
    cwd: str = "/"
    stdin: Path = Path(os.devnull)
    user: str = ""
    mounts: Mapping[str, Path] = field(default_factory=dict)


def _in_tmp(words: Iterable[str]) -> set[str]:
    """Folders of the real ``/tmp`` in which a command and its programs are."""
    parts = [Path(word).parts for word in words if word.startswith(f"{TMP}/")]
    below = {Path(*part[:3]) for part in parts if len(part) > 2}
    return {str(path) for path in below if path.is_dir()}


def can_mount(folder: Path) -> bool:
    """Whether commands can have ``/pfs`` itself on this machine; tried out below a folder."""
    if sys.platform != "linux":
        return False
    sandbox = Sandbox(folder, mounts=True)
    sandbox.make()
    program = "import os, sys; sys.exit(not os.path.exists('/pfs/here'))"
    (sandbox.pfs / "here").touch()
    file = sandbox.file(Run([sys.executable, "-I", "-S", "-c", program], {}))
    with subprocess.Popen(supervised(file), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as tried:
        return tried.wait() == 0
