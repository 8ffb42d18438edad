"""The dev server as its users run it: a process of its own, with a version and a data folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


class DevServer:
    """``with DevServer("2.11.6", folder) as server: PfsClient(server.host, server.port)``."""

    def __init__(self, version: str, data: Path) -> None:
        self.version = version
        self.host, self.port = "127.0.0.1", 0
        self._data = data
        self._process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def start(self) -> str:
        """Start it, on the port it had before if it ran before, and return its address."""
        log = self._data / "server.log"
        self._data.mkdir(parents=True, exist_ok=True)
        with log.open("a") as errors:
            self._process = subprocess.Popen(self._command(), stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self._process.stdout is not None
        ready = self._process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            self.kill()
            raise RuntimeError(f"The dev server did not start:\n{log.read_text()}")
        self.host, _, port = ready[1].rpartition(":")
        self.port = int(port)
        return self.address

    def stop(self) -> None:
        """End it gracefully; its data stay."""
        if self._process is not None:
            self._process.terminate()
            self._reap()

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def __enter__(self) -> DevServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self) -> list[str]:
        module = [sys.executable, "-m", "airflow_provider_pachyderm.devserver"]
        return [
            *module,
            *("--host", self.host, "--port", str(self.port)),
            *("--data", str(self._data / "data"), "--version", self.version),
        ]

    def _reap(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
