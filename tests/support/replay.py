"""Replay recordings against a server and say where its answers differ.

What must agree: the status, the class of an error text, and every field of every answer but those that ``compare.py``
leaves out. Ids are paired when first seen, one recorded id to one actual id; times are compared as set or unset.
"""

from __future__ import annotations

import base64
import queue
import sys
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.protobuf.wrappers_pb2 import BytesValue

from tests.support.compare import REDUCED, Comparison, Ids, content_differences, reduced
from tests.support.recordings import AnyMethod, error_class, method, put_filler, request_type

TIMEOUT = 30.0
_PAUSE = 0.3
# What it makes is named by the second, and the recorded calls were seconds apart.
_ONCE_A_SECOND = {"RunCron"}
_NO_LIMITS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
# Lists of these have what other scenarios put on the server, too.
_LISTS = {
    "RepoInfos": "repo_info",
    "ListRepoResponse": "repo_info",
    "PipelineInfos": "pipeline_info",
    "SecretInfos": "secret_info",
    "JobInfos": "job_info",
    "JobSetInfo": "jobs",
}


@dataclass
class Answer:
    """What came back so far."""

    responses: list[bytes] = field(default_factory=list)
    code: str = ""
    details: str = ""
    end: str = "open"


class Call:
    """A running call, bytes in and bytes out; every kind of call is driven as a stream."""

    def __init__(
        self, channel: grpc.Channel, path: str, requests: Sequence[bytes], metadata: Sequence[tuple[str, str]]
    ) -> None:
        self._taken = 0
        self._arrived: queue.Queue[bytes | None] = queue.Queue()
        start: Any = channel.stream_stream(path)
        self._call = start(iter(requests), timeout=20 * TIMEOUT, metadata=metadata)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for message in self._call:
                self._arrived.put(message)
        except grpc.RpcError:
            pass
        self._arrived.put(None)

    def take(self, count: int, seconds: float = TIMEOUT) -> Answer:
        """The next messages; fewer if the call ends or the time is up."""
        answer, deadline = Answer(), time.monotonic() + seconds
        while len(answer.responses) < count:
            try:
                message = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if message is None:
                answer.code, answer.details = self._call.code().name, self._call.details() or ""
                answer.end = "completed"
                break
            answer.responses.append(message)
        self._taken += len(answer.responses)
        return answer

    def rest(self) -> Answer:
        """All that comes until the call ends."""
        answer = self.take(sys.maxsize)
        return self.cancel(answer) if answer.end == "open" else answer

    def cancel(self, answer: Answer | None = None) -> Answer:
        """End the call from this side."""
        self._call.cancel()
        answer = answer or Answer()
        answer.code, answer.end = "CANCELLED", f"cancelled after {self._taken}"
        return answer

    def go_on(self, step: dict[str, Any]) -> Answer:
        """Read as a step says that joins this call."""
        if "take" in step:
            return self.take(step["take"])
        if "quiet" in step:
            return self.take(sys.maxsize, step["quiet"])
        return self.cancel() if step.get("cancel") else self.rest()


@dataclass(frozen=True)
class Outcome:
    """How one step went."""

    scenario: str
    index: int
    call: str
    note: str
    differences: tuple[str, ...]

    @property
    def key(self) -> str:
        """Names the step for good: ``scenario/index``."""
        return f"{self.scenario}/{self.index}"

    def __str__(self) -> str:
        return f"{self.key} {self.call} {self.note}: " + "; ".join(self.differences)


def replay(address: str, scenarios: Sequence[dict[str, Any]], deliberate: Collection[str] = ()) -> Iterator[Outcome]:
    """Make the calls of the scenarios in their order; one outcome a step.

    :param deliberate: steps (``scenario/index``) whose answer is another one: it is not waited for.
    """
    with grpc.insecure_channel(address, options=_NO_LIMITS) as channel:
        for scenario in scenarios:
            yield from _Replay(scenario, channel, deliberate).outcomes()


class _Replay:
    """One scenario."""

    def __init__(self, scenario: dict[str, Any], channel: grpc.Channel, deliberate: Collection[str]) -> None:
        self._scenario = scenario
        self._channel = channel
        self._deliberate = deliberate
        self._ids = Ids()
        self._running: dict[str, tuple[AnyMethod, Call]] = {}
        kinds = ("repos", "projects", "pipelines", "secrets")
        self._own_names = {"default", *(name for kind in kinds for name in scenario.get(kind, ()))}

    def outcomes(self) -> Iterator[Outcome]:
        try:
            for index, step in enumerate(self._scenario["steps"]):
                path, differences = self._step(step, f"{self._scenario['scenario']}/{index}")
                yield Outcome(self._scenario["scenario"], index, path, step.get("note", ""), tuple(differences))
        finally:
            for _, call in self._running.values():
                call.cancel()

    def _step(self, step: dict[str, Any], key: str) -> tuple[str, list[str]]:
        if "joins" in step:
            kind, running = self._running[step["joins"]]
            return kind.path, self._compare(step, kind, running.go_on(step))
        kind = method(step["call"])
        if "starts" in step:
            self._running[step["starts"]] = kind, self._call(step, kind)
            return kind.path, []
        if kind.name in _ONCE_A_SECOND:
            time.sleep(1)
        waits = "repeat" in step and key not in self._deliberate
        return kind.path, self._repeat(step, kind) if waits else self._ask(step, kind)

    def _ask(self, step: dict[str, Any], kind: AnyMethod) -> list[str]:
        return self._compare(step, kind, self._call(step, kind).rest())

    def _repeat(self, step: dict[str, Any], kind: AnyMethod) -> list[str]:
        """Ask until the answer is the recorded one, as the state comes by itself."""
        before, deadline = self._ids, time.monotonic() + step["repeat"]
        while True:
            # what a wrong answer taught is forgotten
            self._ids = before.copy()
            differences = self._ask(step, kind)
            if not differences or time.monotonic() > deadline:
                return differences
            time.sleep(_PAUSE)

    def _call(self, step: dict[str, Any], kind: AnyMethod) -> Call:
        metadata = [(key, self._ids.translate(value)) for key, value in step.get("metadata", {}).items()]
        return Call(self._channel, kind.path, [self._request(kind, each) for each in step["requests"]], metadata)

    def _request(self, kind: AnyMethod, recorded: dict[str, Any]) -> bytes:
        message = request_type(self._scenario["version"], kind.path).FromString(base64.b64decode(recorded["wire"]))
        self._ids.put_in(message)
        if "fill" in recorded:
            put_filler(message, recorded["fill"])
        return bytes(message.SerializeToString())

    def _compare(self, step: dict[str, Any], kind: AnyMethod, answer: Answer) -> list[str]:
        code, details = step.get("code", ""), step.get("details", "")
        differences = [] if answer.end == step["end"] else [f"end: {step['end']!r} became {answer.end!r}"]
        if answer.code != code:
            return [*differences, f"code: {code} {details!r} became {answer.code} {answer.details!r}"]
        if code not in ("", "OK") and error_class(details) != error_class(answer.details):
            differences.append(f"error: {details!r} became {answer.details!r}")
        elif code not in ("", "OK"):
            self._ids.same(details, answer.details)
        if step.get("compare") == "status":
            return differences
        try:
            return differences + list(self._bodies(step, kind, answer))
        except DecodeError as error:
            return [*differences, f"not decodable: {error}"]

    def _bodies(self, step: dict[str, Any], kind: AnyMethod, answer: Answer) -> Iterator[str]:
        actual = [kind.reply_type.FromString(response) for response in answer.responses]
        if kind.server_streaming and kind.reply_type is BytesValue:
            yield from content_differences(step, b"".join(message.value for message in actual))
            return
        recorded = [kind.reply_type.FromString(base64.b64decode(r["wire"])) for r in step["responses"]]
        expected, found = (self._wanted(step, self._own(messages)) for messages in (recorded, actual))
        yield from Comparison(self._ids).lists("", expected, found, bool(step.get("unordered")))

    def _wanted(self, step: dict[str, Any], messages: list[Any]) -> list[Any]:
        """What of the answers a step compares."""
        if step.get("compare") == "user":
            return [message for message in messages if message.user]
        names = REDUCED.get(step.get("compare", ""))
        return [reduced(message, names) for message in messages] if names else messages

    def _own(self, messages: list[Any]) -> list[Any]:
        """Leave out what other scenarios put on the server."""
        for message in messages:
            if name := _LISTS.get(message.DESCRIPTOR.name):
                own = [info for info in getattr(message, name) if self._is_own(info)]
                message.ClearField(name)
                getattr(message, name).extend(own)
        return [message for message in messages if self._is_own(message)]

    def _is_own(self, message: Any) -> bool:
        kind = message.DESCRIPTOR.name
        if kind == "RepoInfo":
            return message.repo.name in self._own_names
        if kind == "ProjectInfo":
            return message.project.name in self._own_names
        if kind == "PipelineInfo":
            return message.pipeline.name in self._own_names
        if kind == "SecretInfo":
            return message.secret.name in self._own_names
        if kind == "JobInfo":
            owner = message.job if "pipeline" in message.job.DESCRIPTOR.fields_by_name else message
            return not owner.pipeline.name or owner.pipeline.name in self._own_names
        if kind == "JobSetInfo":
            return bool(message.jobs)
        if kind == "CommitSetInfo":
            # up to 2.5 the repo of a commit stands in its branch
            repos = {commit.repo.name or commit.branch.repo.name for commit in (i.commit for i in message.commits)}
            return bool(repos & self._own_names)
        return True
