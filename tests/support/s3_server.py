"""An object store on loopback: rclone serves a folder as S3, and as Google's store in the form that looks alike."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

RCLONE = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")


class S3Server:
    """Serves the folders in a folder as buckets.

    :param keys: ask for these: an access key id and a secret, with a comma between them.
    """

    def __init__(self, folder: Path, keys: str = "") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._log = folder.with_suffix(".log")
        options = ("--auth-key", keys) if keys else ()
        self._command = [str(RCLONE), "serve", "s3", str(folder), "--addr", f"127.0.0.1:{self.port}", *options]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        with self._log.open("w") as log:
            self._process = subprocess.Popen([*self._command, "--config", "/dev/null"], stdout=log, stderr=log)
        for _ in range(200):
            with socket.socket() as there:
                if there.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        self._process.kill()
        raise RuntimeError(self._log.read_text())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
