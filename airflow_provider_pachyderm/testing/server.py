"""The dev server as tests need it: a process of its own, so that whatever forks, as Airflow does, leaves it alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Commit, PfsClient


class DevServer:
    """``with DevServer("2.11.6", folder) as server: PfsClient(server.host, server.port)``.

    :param version: version of Pachyderm to play; ``pachyderm-devserver --list-versions`` lists them.
    :param folder: folder for its data and log. The data are still there when it is started again.
    :param options: options of its command line, such as ``"--verbose"``.
    """

    def __init__(self, version: str, folder: str | os.PathLike[str], *options: str) -> None:
        self.version = version
        self.host, self.port = "127.0.0.1", 0
        self._folder = Path(folder)
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """``host:port``, or ``unix:`` and a path."""
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def running(self) -> bool:
        """Whether it is running."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start it, on the same port as before if it ran before.

        :return: its address.
        :raises RuntimeError: if it does not start, with its output.
        """
        self.stop()
        self._folder.mkdir(parents=True, exist_ok=True)
        log = self._folder / "server.log"
        with log.open("a") as errors:
            process = subprocess.Popen(
                self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self._process = process
        assert process.stdout is not None
        word, _, address = process.stdout.readline().strip().partition(" ")
        if word != "ready":
            self.kill()
            raise RuntimeError(f"The dev server did not start:\n{log.read_text()}")
        if address.startswith("unix:"):
            self.host = address
        else:
            self.host, _, port = address.rpartition(":")
            self.port = int(port)
        return self.address

    def stop(self) -> None:
        """Stop it gracefully; its data are kept."""
        if self._process is not None:
            self._process.terminate()
            self._reap()

    def kill(self) -> None:
        """Kill it, as in a crash."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def client(self, **settings: Any) -> PfsClient:
        """Make a client of it.

        :param settings: other arguments of :class:`.PfsClient`, such as ``auth_token``.
        """
        from airflow_provider_pachyderm.client import PfsClient

        return PfsClient(self.host, self.port, version=self.version, **settings)

    def seed(self, directory: str | os.PathLike[str]) -> list[Commit]:
        """Put a directory tree into repos: each folder in it becomes a finished commit.

        :param directory: its folders are named ``repo`` or ``repo@branch``; the branch is ``master`` if it is not
            named. A repo is created if it is missing. Files beside the folders are left out.
        :return: the commits, in the order of the folders' names.
        """
        from airflow_provider_pachyderm.testing.seeding import seed

        with self.client() as client:
            return seed(client, Path(directory))

    def __enter__(self) -> DevServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "airflow_provider_pachyderm.devserver"),
            *(("--host", self.host, "--port", str(self.port)) if not self.host.startswith("unix:") else ()),
            *("--data", str(self._folder / "data"), "--version", self.version),
            # it goes when this process does; and kill() is no crash of the machine
            *("--until-eof", "--no-fsync"),
            *self._options,
        ]

    def _reap(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in filter(None, (self._process.stdin, self._process.stdout)):
            pipe.close()
        self._process = None


class SharedServers:
    """One server a version, for all tests of a run; each test finds it running and empty.

    :param new_folder: makes a folder for a server.
    """

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._servers: dict[str, DevServer] = {}

    def empty(self, version: str) -> DevServer:
        """Give the server of a version, with nothing in it."""
        if version not in self._servers:
            self._servers[version] = DevServer(version, self._new_folder())
        server = self._servers[version]
        if not server.running:
            server.start()
        with server.client() as client:
            empty(client)
        return server

    def stop(self) -> None:
        """End all of them."""
        for server in self._servers.values():
            server.stop()


def empty(client: PfsClient) -> None:
    """Delete all that a test may have left behind, also transactions that wait and pipelines."""
    from airflow_provider_pachyderm.client import Unsupported

    try:
        waiting = client.list_transaction()
    except Unsupported:
        waiting = []
    for transaction in waiting:
        client.delete_transaction(transaction.id)
    with suppress(Unsupported):
        client.pps.delete_all_pipelines()
    client.delete_all()
