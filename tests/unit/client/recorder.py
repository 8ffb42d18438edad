"""A server that notes all it is sent, and answers as it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import Version
from tests.unit.client.pachd import Pachd

ID = "0123456789ab4def8123456789abcdef"
OTHER = "fedcba9876544321876543210fedcba9"
PROTO = Path(__file__).resolve().parents[3] / "proto/airflow_provider_pachyderm/_wire"


class Recorder(Pachd):
    """A real gRPC server of one version that takes every call of PFS.

    :ivar sent: the name and the messages of each call.
    :ivar answers: by name of the call: a reply, a list of replies, an error text, or a function of the first message.
    """

    def __init__(self, version: str) -> None:
        number = Version.parse(version)
        super().__init__((number.major, number.minor, number.micro))
        self.number = number
        self.sent: list[tuple[str, list[Any]]] = []
        self.answers: dict[str, Any] = {}
        service = v1_methods.Pfs if number.major == 1 else v2_methods.Pfs
        for method in vars(service).values():
            if isinstance(method, Method):
                self.on(self._as_then(method), self._note(method))

    def _as_then(self, method: Method[Any, Any]) -> Method[Any, Any]:
        if method.path == "/pfs.API/DeleteBranch" and self.number < Version(1, 7, 0):
            # a repo and a name, which has the form of a Commit
            return Method(method.path, v1.Commit, Empty, client_streaming=False, server_streaming=False)
        return method

    def _note(self, method: Method[Any, Any]) -> Any:
        def behave(request: Any, context: grpc.ServicerContext) -> Any:
            messages = list(request) if method.client_streaming else [request]
            self.sent.append((method.name, messages))
            answer = self.answers.get(method.name)
            if callable(answer):
                answer = answer(messages[0])
            if isinstance(answer, str):
                context.abort(grpc.StatusCode.UNKNOWN, answer)
            if method.server_streaming:
                return iter(answer or [])
            return method.reply_type() if answer is None else answer

        return behave

    def names(self) -> list[str]:
        """What was called, in order."""
        return [name for name, _ in self.sent]

    def messages(self, name: str) -> list[list[Any]]:
        """What was sent in each call of that name."""
        return [messages for called, messages in self.sent if called == name]


def open_commit_v1(recorder: Recorder, *, finished: bool = False) -> None:
    """Answer as a 1.x server on which ``repo@master`` is a commit."""
    commit = v1.Commit(repo=v1.Repo(name="repo"), id=ID)
    info = v1.CommitInfo(commit=commit)
    info.started.GetCurrentTime()
    if finished:
        info.finished.GetCurrentTime()
    # "new" is what is started
    started = v1.CommitInfo(commit=v1.Commit(repo=v1.Repo(name="repo"), id=OTHER))
    branch = v1.BranchInfo(name="master", head=commit)

    def describe(request: v1.InspectFileRequest) -> Any:
        file = v1.File(commit=commit, path=request.file.path)
        if request.file.path in ("/", "/dir"):
            return v1.FileInfo(file=file, file_type=v1.FILE_TYPE_DIR)
        return v1.FileInfo(file=file, file_type=v1.FILE_TYPE_FILE, size_bytes=100)

    recorder.answers.update(
        InspectCommit=lambda request: started if request.commit.id == OTHER else info,
        StartCommit=v1.Commit(repo=v1.Repo(name="repo"), id=OTHER),
        InspectFile=describe,
        InspectBranch=branch,
        ListBranch=v1.BranchInfos(branch_info=[branch]),
    )


def open_commit_v2(recorder: Recorder) -> None:
    """Answer as a 2.x server on which ``repo@master`` is an open commit."""
    repo = v2.Repo(name="repo", type="user")
    commit = v2.Commit(branch=v2.Branch(repo=repo, name="master"), id=ID)
    info = v2.CommitInfo(commit=commit)

    def describe(request: v2.InspectFileRequest) -> Any:
        kind = v2.FILE_TYPE_DIR if request.file.path in ("/", "/dir") else v2.FILE_TYPE_FILE
        return v2.FileInfo(file=v2.File(commit=commit, path=request.file.path), file_type=kind)

    recorder.answers.update(InspectCommit=info, StartCommit=commit, InspectFile=describe, InspectCommitSet=[info])


# what which version knows, as the comments in proto/ say


class KnownFields:
    """Which versions know a field, by message and field, from the comments behind the fields in ``proto/``."""

    def __init__(self, world: str) -> None:
        self._ranges: dict[tuple[str, str], str] = {}
        for path in sorted((PROTO / world).glob("*.proto")):
            self._read(path.read_text())

    def _read(self, text: str) -> None:
        outer: list[str] = []
        for line in text.splitlines():
            if opened := re.match(r"\s*(message|enum|service|oneof) (\w+) \{$", line):
                outer.append("" if opened[1] == "oneof" else opened[2])
            elif line.strip().startswith("}"):
                outer.pop()
            elif field := re.match(r"\s*(?:repeated )?(?:map<.*>|[\w.]+) (\w+) = \d+;(?:\s*// (.*))?", line):
                self._ranges[".".join(filter(None, outer)), field[1]] = (field[2] or "").split(";")[0]

    def unknown(self, message: Message, version: Version) -> Iterator[str]:
        """Name the fields of a message, and of those in it, that a version does not know."""
        name = message.DESCRIPTOR.full_name.removeprefix(message.DESCRIPTOR.file.package + ".")
        for field, value in message.ListFields():
            since = self._ranges.get((name, field.name), "")
            if not _within(since, version):
                yield f"{name}.{field.name} ({since})"
            inner = value if not isinstance(value, Message) and hasattr(value, "__iter__") else [value]
            for each in inner:
                if isinstance(each, Message):
                    yield from self.unknown(each, version)


def _within(since: str, version: Version) -> bool:
    parts = [part for part in since.split(", ") if part.startswith("up to ") or part[:1].isdigit()]
    return not parts or any(_in_part(part, version) for part in parts)


def _in_part(part: str, version: Version) -> bool:
    if part.startswith("up to "):
        return version <= Version.parse(part.removeprefix("up to "))
    first, _, last = part.partition(" to ")
    if first.endswith("+"):
        return version >= Version.parse(first.removesuffix("+"))
    return Version.parse(first) <= version <= Version.parse(last or first)
