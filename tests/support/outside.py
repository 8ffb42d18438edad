"""A server that somebody else has started and others use, too: ``--pachd-address`` names it.

Tests work there under names of their own and take away what they have made. What they cannot ask of it is left out, and
counted. It has to have the same projects, repos, branches and transactions before and after them.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import pytest

from airflow_provider_pachyderm.client import NotFound, PachydermError, PfsClient
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature

_LEFT_OUT = "left out: needs "
_RUN = "CONTRACT_RUN"
_server: OutsideServer | None = None


@dataclass(frozen=True)
class OutsideServer:
    """What tests read of a server, as of a dev server that they start.

    :param host: the whole address.
    :param mine: whether all that is in it may be deleted.
    :param local: whether it runs on this machine, so that it can fetch URLs from here.
    """

    host: str
    version: str
    mine: bool = False
    local: bool = False
    port: None = None

    @property
    def address(self) -> str:
        return self.host

    def client(self) -> PfsClient:
        return PfsClient(self.host, version=self.version)


def server() -> OutsideServer | None:
    """Give the server that was named, if any."""
    return _server


def needs(what: str) -> None:
    """Leave the test out, if it runs on a server from outside, and say what it would need."""
    if _server is not None:
        pytest.skip(_LEFT_OUT + what)


def new_name(kind: str = "contract") -> str:
    """Make up a name that nobody else has; those of one run begin alike."""
    return "-".join(filter(None, (kind, os.environ.get(_RUN), uuid.uuid4().hex[:12])))


def sweep(client: PfsClient, *names: str) -> None:
    """Delete the repos and projects whose names begin so, the newest first: it may be made from others."""
    for info in client.list_repo(type=None):
        if info.repo.name.startswith(names):
            client.delete_repo(info.repo, force=True)
    for project in _projects(client):
        if project.startswith(names):
            client.delete_project(project, force=True)


def _projects(client: PfsClient) -> list[str]:
    if Feature.PROJECTS not in Capabilities(client.version()):
        return []
    return [info.name for info in client.list_project()]


def inventory(client: PfsClient) -> set[str]:
    """Name all that there is: projects, repos, branches, transactions."""
    found = {f"project {name}" for name in _projects(client)}
    for info in client.list_repo(type=None):
        found.add(f"repo {info.repo}")
        with suppress(NotFound):
            found |= {f"branch {branch.branch}" for branch in client.list_branch(info.repo)}
    if Feature.TRANSACTIONS in Capabilities(client.version()):
        found |= {f"transaction {info.id}" for info in client.list_transaction()}
    return found


class OutsideRun:
    """The pytest plugin of such a run: looks at the server before and after it, and counts what was left out."""

    def __init__(self, config: pytest.Config, address: str) -> None:
        global _server
        os.environ.setdefault(_RUN, uuid.uuid4().hex[:8])
        _server = self._server = OutsideServer(
            address, _version(address), config.getoption("--pachd-mine"), config.getoption("--pachd-local")
        )
        # the processes that run the tests for another one do not look themselves
        self._looks = not hasattr(config, "workerinput")
        self._before: set[str] = set()
        self._differences: list[str] = []

    def pytest_report_header(self) -> str:
        return f"Pachyderm {self._server.version} at {self._server.host}; names have {os.environ[_RUN]} in them"

    def pytest_sessionstart(self) -> None:
        if self._looks:
            with self._server.client() as client:
                self._before = inventory(client)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._looks:
            return
        with self._server.client() as client:
            after = inventory(client)
        gone = [] if self._server.mine else sorted(self._before - after)
        self._differences = [f"left behind: {each}" for each in sorted(after - self._before)]
        self._differences += [f"gone: {each}" for each in gone]
        if self._differences:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Say it at the very end, below the list of all that was skipped."""
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if self._looks and reporter is not None:
            self._report(reporter)

    def _report(self, terminalreporter: pytest.TerminalReporter) -> None:
        reasons = Counter(
            report.longrepr[2].removeprefix("Skipped: ")
            for report in terminalreporter.stats.get("skipped", [])
            if isinstance(report.longrepr, tuple)
        )
        left_out = {reason.removeprefix(_LEFT_OUT): n for reason, n in reasons.items() if reason.startswith(_LEFT_OUT)}
        why = ", ".join(f"{what} {number}" for what, number in Counter(left_out).most_common())
        terminalreporter.section(f"Pachyderm {self._server.version} at {self._server.host}")
        terminalreporter.line(f"{sum(left_out.values())} left out" + (f": needs {why}" if why else ""))
        terminalreporter.line(f"{reasons.total() - sum(left_out.values())} about what other versions do")
        terminalreporter.line(f"{len(self._before)} projects, repos, branches and transactions were there before")
        for line in self._differences or ["the server has the same as before"]:
            terminalreporter.line(line)


def _version(address: str) -> str:
    """Ask the server for its version; one that asks who one is, or does not answer, is refused."""
    try:
        with PfsClient(address) as client:
            if client.is_auth_active():
                raise pytest.UsageError(f"{address} asks who one is: these tests need a server that does not")
            return str(client.version())
    except PachydermError as error:
        raise pytest.UsageError(f"{address}: {error}") from error
