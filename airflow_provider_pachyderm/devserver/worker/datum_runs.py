"""One datum: its command is run until it succeeds or has failed often enough."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.devserver.engine.datums.enumeration import Datum
from airflow_provider_pachyderm.devserver.engine.model import Put
from airflow_provider_pachyderm.devserver.releases.profile import Profile
from airflow_provider_pachyderm.devserver.worker import processes
from airflow_provider_pachyderm.devserver.worker.environment import Place, variables
from airflow_provider_pachyderm.devserver.worker.layout import Layout
from airflow_provider_pachyderm.devserver.worker.outputs import BadOutput, Outputs
from airflow_provider_pachyderm.devserver.worker.rules import ENV_FILE, ERR_CMD_EACH_TRY
from airflow_provider_pachyderm.devserver.worker.sandbox import Run, Sandbox
from airflow_provider_pachyderm.devserver.worker.uninterrupted import uninterrupted

FAILED, SUCCESS, RECOVERED = "FAILED", "SUCCESS", "RECOVERED"


@dataclass(frozen=True)
class Command:
    """What is run for each datum.

    :param transform: of the specification, protobuf JSON with the names of the contract.
    :param tries: how often it may fail.
    :param timeout: seconds of each try; None: no limit.
    :param env: variables from secrets.
    :param mounts: folders with secrets, by where the command finds them.
    """

    transform: Mapping[str, Any]
    tries: int = 3
    timeout: float | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, Path] = field(default_factory=dict)


@dataclass
class Result:
    """What became of a datum.

    :param state: ``SUCCESS``, ``FAILED`` or ``RECOVERED``: an ``err_cmd`` succeeded.
    :param reason: why it is not the first.
    :param puts: what it made, if it is.
    :param seconds: what laying out, running and reading took.
    :param sizes: bytes laid out and read.
    """

    state: str = FAILED
    reason: str = ""
    puts: Sequence[Put] = ()
    seconds: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    sizes: list[int] = field(default_factory=lambda: [0, 0])


Say = Callable[[Sequence[str], bool], None]
"""Takes lines of a log, and whether the command printed them."""


class _Failed(Exception):
    """A try failed; the text says how."""


class _Restarted(Exception):
    """A try was ended for another one to begin."""


class DatumRuns:
    """Runs datums in one sandbox, one after the other."""

    def __init__(self, sandbox: Sandbox, layout: Layout, outputs: Outputs, profile: Profile) -> None:
        self._sandbox = sandbox
        self._layout = layout
        self._outputs = outputs
        self._profile = profile
        self._process: asyncio.Task[int] | None = None
        self._started: Callable[[], None] = lambda: None

    def restart(self) -> None:
        """End the command that runs; it is tried again."""
        if self._process is not None:
            self._process.cancel()

    async def process(self, run: Run, tell: processes.Tell, timeout: float | None) -> int:
        """Run a process, which can be restarted meanwhile.

        :raises TimedOut: if it took longer than it may.
        """
        process = asyncio.create_task(processes.run(self._sandbox.file(run), tell, timeout, self._started))
        self._process = process
        try:
            # who cancels this, and not the process, has to be told from who restarts that
            await asyncio.wait([process])
        finally:
            self._process = None
            process.cancel()
            await uninterrupted(asyncio.wait([process]))
        if process.cancelled():
            raise _Restarted
        return process.result()

    async def run(
        self, datum: Datum, command: Command, place: Place, say: Say, started: Callable[[], None] = lambda: None
    ) -> Result:
        """Run a datum.

        :param started: is called when its command has begun, each time that it does.
        :raises EndlessOutput: if the job has to begin again.
        """
        result = Result()
        recovered = False
        self._started = started
        try:
            left = max(command.tries, 1)
            while left:
                attempt = _Try(self, datum, command, place, say, result)
                try:
                    await attempt.run()
                    return result
                except _Restarted:
                    say(["restarting user code"], False)
                except (_Failed, BadOutput) as error:
                    left -= 1
                    result.reason = str(error)
                    say([f"failed processing datum: {error}, {left} tries left"], False)
                    if not left or self._profile[ERR_CMD_EACH_TRY]:
                        recovered |= await attempt.recover()
        finally:
            await self._layout.clear()
        if recovered:
            result.state = RECOVERED
        return result


class _Try:
    """One try of a datum."""

    def __init__(
        self,
        runs: DatumRuns,
        datum: Datum,
        command: Command,
        place: Place,
        say: Say,
        result: Result,
    ) -> None:
        self._runs = runs
        self._sandbox = runs._sandbox
        self._layout = runs._layout
        self._outputs = runs._outputs
        self._profile = runs._profile
        self._datum = datum
        self._command = command
        self._place = place
        self._say = say
        self._result = result
        self._deadline = None if command.timeout is None else time.monotonic() + command.timeout
        self._env = variables(
            place, datum, self._sandbox, self._profile, {**command.transform.get("env", {}), **command.env}
        )

    async def run(self) -> None:
        """Lay out the files, run the command, and read what it made."""
        transform, began = self._command.transform, time.monotonic()
        await self._layout.lay_out(self._datum.files)
        if self._profile[ENV_FILE]:
            self._layout.write_variables(self._env)
        began = self._took(0, began)
        self._result.sizes[0] = self._layout.size
        self._say(["beginning to run user code"], False)
        if self._command.mounts and not self._sandbox.mounts:
            paths = ", ".join(sorted(self._command.mounts))
            self._say([f"there are no secrets at {paths}: no command can have folders of its own here"], False)
        code = await self._process(transform["cmd"], transform.get("stdin", ()))
        # 64-bit numbers are texts in protobuf's JSON
        if code and code not in map(int, transform.get("accept_return_code", ())):
            raise _Failed(processes.outcome(code))
        began = self._took(1, began)
        datum = self._datum.id if self._profile.world == "v2" else ""
        puts = await self._outputs.puts(datum)
        self._took(2, began)
        self._result.sizes[1] = self._outputs.size
        self._result.puts, self._result.state, self._result.reason = puts, SUCCESS, ""

    async def recover(self) -> bool:
        """Run ``err_cmd``, if there is one; whether it succeeded."""
        transform = self._command.transform
        if not transform.get("err_cmd"):
            return False
        self._say(["beginning to run user error handling code"], False)
        try:
            return not await self._process(transform["err_cmd"], transform.get("err_stdin", ()))
        except (_Failed, _Restarted):
            return False

    async def _process(self, command: Sequence[str], lines: Sequence[str]) -> int:
        transform = self._command.transform
        stdin = self._sandbox.folder / "stdin"
        stdin.write_text("".join(f"{line}\n" for line in lines))
        cwd, user = transform.get("working_dir") or "/", transform.get("user", "")
        run = Run(command, self._env, cwd, stdin, user, self._command.mounts)
        timeout = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
        try:
            return await self._runs.process(run, lambda lines: self._say(lines, True), timeout)
        except processes.TimedOut:
            raise _Failed("signal: killed" if self._profile.world == "v2" else "context deadline exceeded") from None

    def _took(self, part: int, began: float) -> float:
        now = time.monotonic()
        self._result.seconds[part] += now - began
        return now
