"""Replay recordings against a server and say where its answers differ.

What must agree: the status, the class of an error text, and every field of every answer but those in ``IGNORED``.
Ids are paired when first seen, one recorded id to one actual id; times are compared as set or unset.
"""

from __future__ import annotations

import base64
import hashlib
import io
import queue
import re
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.wrappers_pb2 import BytesValue

from tests.support.recordings import AnyMethod, error_class, method, put_filler

TIMEOUT = 30.0
_NO_LIMITS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
# commits have 32 hexadecimal digits, transactions of 1.x are UUIDs with dashes
_ID = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])")
_PRESENCE_ONLY = {"google.protobuf.Timestamp", "google.protobuf.Duration"}
# These depend on the storage engine or the build, not on the request.
IGNORED = {
    "FileInfo": {"hash", "objects", "block_refs"},
    "CommitInfo": {"tree", "trees", "datums", "size_bytes_upper_bound"},
    "RepoInfo": {"size_bytes_upper_bound"},
    "Version": {"git_commit", "git_tree_modified", "build_date", "go_version", "platform"},
}
# The servers leave the order of these to chance.
UNORDERED = {
    "BranchInfo": {"direct_provenance", "provenance", "subvenance"},
    "CommitInfo": {
        "branch_provenance",
        "commit_provenance",
        "provenance",
        "subvenance",
        "child_commits",
        "direct_provenance",
        "direct_subvenance",
    },
    "RepoInfo": {"provenance", "branches"},
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


class Ids:
    """The recorded ids and the ids that stand for them here."""

    def __init__(self) -> None:
        self._actual: dict[str, str] = {}
        self._recorded: dict[str, str] = {}

    def pair(self, recorded: str, actual: str) -> bool:
        """Whether these two belong together; the first meeting pairs them."""
        if recorded not in self._actual and actual not in self._recorded:
            self._actual[recorded], self._recorded[actual] = actual, recorded
        return self._actual.get(recorded) == actual

    def same(self, recorded: str, actual: str) -> bool:
        """Whether two texts are equal but for their ids, and those belong together."""
        if _ID.sub("", recorded) != _ID.sub("", actual):
            return False
        paired = [self.pair(*ids) for ids in zip(_ID.findall(recorded), _ID.findall(actual), strict=True)]
        return all(paired)

    def translate(self, recorded: str) -> str:
        """A recorded text with the ids of this server; an id that no answer showed stands for itself."""
        return _ID.sub(lambda match: self._known(match[0]), recorded)

    def translate_bytes(self, recorded: bytes) -> bytes:
        """The same for an encoded message: ids have one length, so no length in it changes."""
        return self.translate(recorded.decode("latin-1")).encode("latin-1")

    def _known(self, recorded: str) -> str:
        self.pair(recorded, recorded)
        return self._actual.get(recorded, recorded)

    def mask(self, text: str, *, recorded: bool) -> str:
        """A text for sorting, equal on both sides as far as their ids are known."""
        if recorded:
            return _ID.sub(lambda match: self._actual.get(match[0], "#"), text)
        return _ID.sub(lambda match: match[0] if match[0] in self._recorded else "#", text)


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


def replay(address: str, scenarios: Sequence[dict[str, Any]]) -> Iterator[Outcome]:
    """Make the calls of the scenarios in their order; one outcome a step."""
    with grpc.insecure_channel(address, options=_NO_LIMITS) as channel:
        for scenario in scenarios:
            yield from _Replay(scenario, channel).outcomes()


class _Replay:
    """One scenario."""

    def __init__(self, scenario: dict[str, Any], channel: grpc.Channel) -> None:
        self._scenario = scenario
        self._channel = channel
        self._ids = Ids()
        self._running: dict[str, tuple[AnyMethod, Call]] = {}
        self._own_names = {*scenario["repos"], *scenario.get("projects", ()), "default"}

    def outcomes(self) -> Iterator[Outcome]:
        try:
            for index, step in enumerate(self._scenario["steps"]):
                call, differences = self._step(step)
                yield Outcome(self._scenario["scenario"], index, call, step.get("note", ""), tuple(differences))
        finally:
            for _, call in self._running.values():
                call.cancel()

    def _step(self, step: dict[str, Any]) -> tuple[str, list[str]]:
        if "joins" in step:
            kind, running = self._running[step["joins"]]
            return kind.path, self._compare(step, kind, running.go_on(step))
        kind = method(step["call"])
        metadata = [(key, self._ids.translate(value)) for key, value in step.get("metadata", {}).items()]
        call = Call(self._channel, kind.path, [self._request(kind, r) for r in step["requests"]], metadata)
        if "starts" in step:
            self._running[step["starts"]] = kind, call
            return kind.path, []
        return kind.path, self._compare(step, kind, call.rest())

    def _request(self, kind: AnyMethod, recorded: dict[str, Any]) -> bytes:
        wire = self._ids.translate_bytes(base64.b64decode(recorded["wire"]))
        if "fill" not in recorded:
            return wire
        message = kind.request_type.FromString(wire)
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
            yield from _content_differences(step, b"".join(message.value for message in actual))
            return
        recorded = [kind.reply_type.FromString(base64.b64decode(r["wire"])) for r in step["responses"]]
        unordered = bool(step.get("unordered"))
        yield from self._lists("", self._own(recorded), self._own(actual), unordered)

    def _own(self, messages: list[Any]) -> list[Any]:
        """Leave out what other scenarios put on the server."""
        for message in messages:
            if message.DESCRIPTOR.name == "ListRepoResponse":
                own = [info for info in message.repo_info if info.repo.name in self._own_names]
                del message.repo_info[:]
                message.repo_info.extend(own)
        return [message for message in messages if self._is_own(message)]

    def _is_own(self, message: Any) -> bool:
        kind = message.DESCRIPTOR.name
        if kind == "RepoInfo":
            return message.repo.name in self._own_names
        if kind == "ProjectInfo":
            return message.project.name in self._own_names
        if kind == "CommitSetInfo":
            # up to 2.5 the repo of a commit stands in its branch
            repos = {commit.repo.name or commit.branch.repo.name for commit in (i.commit for i in message.commits)}
            return bool(repos & self._own_names)
        return True

    def _lists(self, where: str, recorded: list[Any], actual: list[Any], unordered: bool) -> Iterator[str]:
        if len(recorded) != len(actual):
            yield f"{where or 'answer'}: {_names(recorded)} became {_names(actual)}"
            return
        if unordered:
            recorded = sorted(recorded, key=lambda value: self._sort_key(value, recorded=True))
            actual = sorted(actual, key=lambda value: self._sort_key(value, recorded=False))
        for index, pair in enumerate(zip(recorded, actual, strict=True)):
            yield from self._values(f"{where}[{index}]", *pair, unordered)

    def _values(self, where: str, recorded: Any, actual: Any, unordered: bool) -> Iterator[str]:
        if isinstance(recorded, Message):
            for name in _fields(recorded):
                yield from self._field(f"{where}.{name.name}".lstrip("."), name, recorded, actual, unordered)
        elif isinstance(recorded, str):
            if not self._ids.same(recorded, actual):
                yield f"{where}: {self._ids.translate(recorded)!r} became {actual!r}"
        elif recorded != actual:
            yield f"{where}: {recorded!r:.100} became {actual!r:.100}"

    def _field(self, where: str, kind: FieldDescriptor, recorded: Any, actual: Any, unordered: bool) -> Iterator[str]:
        one, other = getattr(recorded, kind.name), getattr(actual, kind.name)
        if _is_map(kind):
            if dict(one) != dict(other):
                yield f"{where}: {dict(one)} became {dict(other)}"
        elif _is_repeated(kind):
            loose = unordered or kind.name in UNORDERED.get(recorded.DESCRIPTOR.name, ())
            yield from self._lists(where, list(one), list(other), loose)
        elif kind.message_type is not None:
            had, has = recorded.HasField(kind.name), actual.HasField(kind.name)
            if had != has:
                yield f"{where}: {'set' if had else 'unset'} became {'set' if has else 'unset'}"
            elif had and kind.message_type.full_name not in _PRESENCE_ONLY:
                yield from self._values(where, one, other, unordered)
        else:
            yield from self._values(where, one, other, unordered)

    def _sort_key(self, value: Any, *, recorded: bool) -> str:
        """A text that is equal for equal content, whatever its times and the ids not met before."""
        if not isinstance(value, Message):
            return self._ids.mask(str(value), recorded=recorded)
        parts = []
        for kind in _fields(value):
            part = getattr(value, kind.name)
            if kind.message_type is None or _is_map(kind):
                parts.append(f"{kind.name}={self._ids.mask(str(part), recorded=recorded)}")
            elif kind.message_type.full_name not in _PRESENCE_ONLY:
                values = list(part) if _is_repeated(kind) else [part] if value.HasField(kind.name) else []
                parts += sorted(self._sort_key(each, recorded=recorded) for each in values)
        return "|".join(parts)


def _fields(message: Message) -> list[FieldDescriptor]:
    ignored = IGNORED.get(message.DESCRIPTOR.name, set())
    return [kind for kind in message.DESCRIPTOR.fields if kind.name not in ignored]


def _is_repeated(kind: FieldDescriptor) -> bool:
    # the one spelling that protobuf 4.25 and 7 share without a warning
    return isinstance(kind.default_value, list)


def _is_map(kind: FieldDescriptor) -> bool:
    return kind.message_type is not None and bool(kind.message_type.GetOptions().map_entry)


def _names(values: list[Any]) -> list[str]:
    return [_name(value) for value in values[:20]]


def _name(value: Any) -> str:
    """The path, name or id by which an entry is known."""
    if not isinstance(value, Message):
        return repr(value)
    for name in ("path", "name", "id"):
        if name in value.DESCRIPTOR.fields_by_name:
            return str(getattr(value, name))
    nested = [part for kind, part in value.ListFields() if kind.message_type is not None and isinstance(part, Message)]
    return _name(nested[0]) if nested else ""


def _content_differences(step: dict[str, Any], content: bytes) -> Iterator[str]:
    """Compare streamed content; how it is cut into messages does not count."""
    if "tar" in step:
        entries = _tar_entries(content)
        if entries != step["tar"]:
            yield f"tar: {step['tar']} became {entries}"
    elif "payload" in step:
        expected, actual = step["payload"], {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        if any(expected[key] != value for key, value in actual.items()):
            yield f"content: {expected} became {actual}"
    else:
        expected = b"".join(BytesValue.FromString(base64.b64decode(r["wire"])).value for r in step["responses"])
        if expected != content:
            yield f"content: {expected!r:.100} became {content!r:.100}"


def _tar_entries(content: bytes) -> list[dict[str, Any]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r|", ignore_zeros=True) as tar:
        return [_tar_entry(tar, member) for member in tar]


def _tar_entry(tar: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    body = tar.extractfile(member)
    return {
        "name": member.name,
        "type": "dir" if member.isdir() else "file",
        "size": member.size,
        "sha256": hashlib.sha256(body.read()).hexdigest() if body else "",
    }
