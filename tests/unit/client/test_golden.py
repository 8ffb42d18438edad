"""What our dialects send, and how they read, against what real servers were sent and answered.

Each recorded request that the client can express is turned back into the arguments it came from; the dialect for that
server version has to make the same message of them. Recorded replies are read and compared in their main fields.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v1 import pfs_pb2
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import (
    AlreadyExists,
    Branch,
    Commit,
    CommitInfo,
    CommitState,
    Delimiter,
    FileInfo,
    FileNotFound,
    FileType,
    InvalidRequest,
    OriginKind,
    Repo,
    RepoInfo,
    Unsupported,
    Version,
)
from airflow_provider_pachyderm.client import _paths as paths
from airflow_provider_pachyderm.client import _refs as refs
from airflow_provider_pachyderm.client._capabilities import Feature, World
from airflow_provider_pachyderm.client._changes import PutUrl
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Send
from airflow_provider_pachyderm.client._dialects.choose import choose
from airflow_provider_pachyderm.client._dialects.commit_filter import CommitFilter
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload
from airflow_provider_pachyderm.client._patterns import exactly
from tests.support import recordings

# one process reads all recordings
pytestmark = pytest.mark.xdist_group("recordings")
VERSIONS = recordings.versions()
# Fields the client never sets. A recorded request with one of them is not one of its requests.
NOT_OURS = {
    "block_refs", "branch_provenance", "datum", "delete", "empty",
    "full", "header_records", "history", "new_commit_set", "pagination_marker", "path_range",
    "prov", "split_transaction", "trigger",
}  # fmt: skip


EVERYWHERE = (
    *("CreateRepo", "InspectRepo", "ListRepo", "DeleteRepo", "ListBranch", "DeleteBranch"),
    *("StartCommit", "FinishCommit", "InspectCommit", "ListCommit", "SubscribeCommit"),
    *("InspectFile", "ListFile", "GlobFile", "GetFile", "DiffFile", "DeleteAll"),
)
_V1 = ("PutFile", "DeleteFile", "DeleteCommit", "FlushCommit")
_BRANCHES = ("CreateBranch", "InspectBranch", "WalkFile")
_V2 = (
    *("ModifyFile", "ClearCommit", "DropCommitSet", "SquashCommitSet", "InspectCommitSet", "ListCommitSet"),
    *_BRANCHES,
)
_PROJECTS = ("CreateProject", "InspectProject", "ListProject", "DeleteProject")
_TRANSACTIONS = ("StartTransaction", "InspectTransaction", "ListTransaction", "FinishTransaction", "DeleteTransaction")
ELSE = {
    "1.4.0": (*_V1, "SetBranch"),
    "1.7.0": (*_V1, *_BRANCHES, "CopyFile"),
    "1.9.0": (*_V1, *_BRANCHES, *_TRANSACTIONS, "CopyFile"),
    "2.0.0": (*_V2, *_TRANSACTIONS),
    "2.5.0": (*_V2, *_TRANSACTIONS, *_PROJECTS),
    "2.11.0": (*_V2, *_TRANSACTIONS, *_PROJECTS, "SquashCommit"),
}


FILE_SETS = "__filesets__"


class NotOurs(Exception):
    """The client has no way to make this request."""


def calls(version: str) -> Iterator[tuple[dict[str, Any], list[Message]]]:
    for scenario in recordings.scenarios(version):
        for step in scenario["steps"]:
            if "call" not in step or any("fill" in request for request in step["requests"]):
                continue
            world = ("/pfs.", "/transaction.") if version.startswith("1.") else ("/pfs_v2.", "/transaction_v2.")
            if not step["call"].startswith(world):
                continue
            wires = (base64.b64decode(request["wire"]) for request in step["requests"])
            yield step, [recordings.request_type(version, step["call"]).FromString(wire) for wire in wires]


class Inverse:
    """From a recorded request to the call that our dialect makes of the same arguments."""

    def __init__(self, version: str) -> None:
        self.dialect: Dialect = choose(Version.parse(version))
        self.v1 = self.dialect.capabilities.world is World.V1

    def __call__(self, name: str, messages: list[Any]) -> list[Message]:
        if any({field.name for field, _ in message.ListFields()} & NOT_OURS for message in messages):
            raise NotOurs
        if name == "SubscribeCommit" and not self.v1 and (messages[0].all or messages[0].origin_kind):
            raise NotOurs
        if name in ("CreateRepo", "ListRepo") and any(messages[0].provenance if self.v1 else ()):
            raise NotOurs
        if name in ("ListFile", "WalkFile") and not self.v1 and any(m.number or m.reverse for m in messages):
            raise NotOurs
        if name == "ListFile" and not self.v1 and messages[0].details is self.lacks(Feature.LIST_DETAILS):
            raise NotOurs
        build = getattr(self, name.removesuffix("Stream"), None)
        if build is None or not messages:
            raise NotOurs
        if name in ("PutFile", "ModifyFile"):
            return list(build(messages))
        call = self.sent(name.removesuffix("Stream"), build(messages[0]), messages[0])
        if call.method.name.removesuffix("Stream") != name.removesuffix("Stream"):
            # done another way on this version
            raise NotOurs
        return [call.request]

    def sent(self, name: str, made: Any, message: Any) -> Any:
        """The call that carries the request."""
        step = self._first(name, made, message)
        return step.source if isinstance(step, Listing) else step

    def _first(self, name: str, made: Any, message: Any) -> Any:
        if not isinstance(made, Listing) or isinstance(made.source, Call):
            return made
        if name == "ListBranch":
            return self.play(made.all(), RepoInfo(self.repo(message.repo)))
        commit = self.commit(message.commit if name == "GlobFile" else message.file.commit)
        answers: list[Any] = [CommitInfo(commit, CommitState.FINISHED)]
        if name == "ListFile" and message.file.path != "/":
            answers.append(FileInfo(commit, message.file.path, FileType.DIR))
        return self.play(made.all(), *answers)

    def lacks(self, feature: Feature) -> bool:
        return feature not in self.dialect.capabilities

    # arguments

    def repo(self, message: Any) -> Repo:
        if self.v1:
            return refs.parse_repo(Repo(message.name))
        return refs.parse_repo(Repo(message.name, message.project.name or None, message.type))

    def branch(self, message: Any) -> Branch:
        return Branch(self.repo(message.repo), refs.check_branch_name(message.name))

    def commit(self, message: Any) -> Commit:
        if self.v1:
            return refs.parse_commit((self.repo(message.repo), message.id))
        if not message.HasField("branch") or refs.is_expression(message.branch.name):
            raise NotOurs
        if message.id and not refs.is_commit_id(message.id) and not refs.is_expression(message.id):
            # a branch named as if it were an id
            raise NotOurs
        repo = self.repo(message.branch.repo)
        if repo.name == FILE_SETS:
            raise NotOurs
        if refs.is_commit_id(message.id) and message.branch.name:
            return Commit(repo, message.branch.name, message.id)
        return refs.parse_commit((repo, message.id or message.branch.name))

    def optional(self, message: Any, field: str) -> Commit | None:
        return self.commit(getattr(message, field)) if message.HasField(field) else None

    def path(self, message: Any) -> tuple[Commit, str]:
        if message.path != paths.literal(message.path) or (not self.v1 and message.datum):
            raise NotOurs
        return self.commit(message.commit), message.path

    # calls

    def CreateRepo(self, message: Any) -> Call[Any]:
        plan = self.dialect.repos.create(self.repo(message.repo), message.description or None, update=message.update)
        creates_first = message.update and self.lacks(Feature.REPO_UPSERT)
        return self.play(plan, *([AlreadyExists("so it is to be updated")] if creates_first else []))

    def InspectRepo(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.repos.inspect(self.repo(message.repo)))

    def ListRepo(self, message: Any) -> Call[Any]:
        if self.v1:
            return self.dialect.repos.list(None)
        if len(message.projects) > 1:
            raise NotOurs
        return self.dialect.repos.list(message.projects[0].name if message.projects else None, message.type or None)

    def DeleteRepo(self, message: Any) -> Call[Any]:
        if self.v1 and message.all:
            return self.play(self.dialect.repos.remove_every(None, force=message.force))
        return self.play(self.dialect.repos.remove(self.repo(message.repo), force=message.force))

    def DeleteAll(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.file_system.remove_all())

    def StartCommit(self, message: Any) -> Call[Any]:
        if self.v1:
            repo = self.repo(message.parent.repo)
            if message.description and self.lacks(Feature.COMMIT_DESCRIPTION):
                raise NotOurs
            parent = self.commit(message.parent) if message.parent.id else None
            branch = Branch(repo, refs.check_branch_name(message.branch))
        else:
            branch, parent = self.branch(message.branch), self.optional(message, "parent")
        given = [*message.commit_provenance, *message.provenance] if self.v1 else []
        if any(isinstance(source, pfs_pb2.CommitProvenance) and source.HasField("branch") for source in given):
            raise NotOurs
        sources = [self.commit(getattr(source, "commit", source)) for source in given]
        return self.dialect.commits._start(branch, parent, message.description or None, sources)

    def FinishCommit(self, message: Any) -> Call[Any]:
        if message.description and self.lacks(Feature.COMMIT_DESCRIPTION):
            raise NotOurs
        error = None if self.v1 else message.error or None
        return self.dialect.commits._finish(self.commit(message.commit), message.description or None, error)

    def InspectCommit(self, message: Any) -> Call[Any]:
        state = message.block_state if self.v1 else message.wait
        waits = (
            {0: None, 2: CommitState.FINISHED} if self.v1 else {0: None, 1: CommitState.OPEN, 4: CommitState.FINISHED}
        )
        if state not in waits or (state and self.lacks(Feature.WAIT_STATE)):
            raise NotOurs
        return self.play(self.dialect.commits.inspect(self.commit(message.commit), waits[state]))

    def ListCommit(self, message: Any) -> Call[Any]:
        to, from_ = self.optional(message, "to_commit"), self.optional(message, "from_commit")
        counts = to or Feature.LIST_NUMBER in self.dialect.capabilities
        if (from_ and not to) or (message.number and not counts):
            raise NotOurs
        if message.reverse and (to or self.lacks(Feature.LIST_REVERSE)):
            raise NotOurs
        origin = (
            None if self.v1 or not message.origin_kind else OriginKind[v2.OriginKind.Name(message.origin_kind)[12:]]
        )
        wanted = CommitFilter(origin, not self.v1 and message.all, reverse=message.reverse)
        return self.dialect.commits.list(self.repo(message.repo), to, from_, message.number, wanted)

    def SubscribeCommit(self, message: Any) -> Call[Any]:
        states = (
            {0: CommitState.OPEN, 2: CommitState.FINISHED}
            if self.v1
            else {1: CommitState.OPEN, 4: CommitState.FINISHED}
        )
        if self.lacks(Feature.SUBSCRIBE_STATE):
            states = {0: CommitState.FINISHED}
        if message.state not in states or not message.branch:
            raise NotOurs
        branch = Branch(self.repo(message.repo), message.branch)
        return self.dialect.commits.follow(
            branch, self.optional(message, "from_commit"), states[message.state], frozenset()
        )

    def CreateBranch(self, message: Any) -> Call[Any]:
        provenance = [self.branch(source) for source in message.provenance]
        plan = self.dialect.branches.set_back(self.branch(message.branch), self.optional(message, "head"), provenance)
        return self.play(plan)

    def InspectBranch(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.branches.inspect(self.branch(message.branch)))

    def ListBranch(self, message: Any) -> Call[Any]:
        if message.reverse:
            raise NotOurs
        return self.dialect.branches.list(self.repo(message.repo))

    def SetBranch(self, message: Any) -> Call[Any]:
        commit = self.commit(message.commit)
        branch = Branch(commit.repo, refs.check_branch_name(message.branch))
        return self.play(self.dialect.branches.set_back(branch, commit))

    def DeleteBranch(self, message: Any) -> Call[Any]:
        if isinstance(message, pfs_pb2.Commit):
            return self.play(self.dialect.branches.remove(Branch(self.repo(message.repo), message.id), force=False))
        return self.play(self.dialect.branches.remove(self.branch(message.branch), force=message.force))

    def InspectFile(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.files.inspect(*self.path(message.file)))

    def ListFile(self, message: Any) -> Call[Any]:
        return self.dialect.files.list(*self.path(message.file))

    def WalkFile(self, message: Any) -> Call[Any]:
        return self.dialect.files.walk(*self.path(message.file))

    def GlobFile(self, message: Any) -> Call[Any]:
        return self.dialect.files.glob(self.commit(message.commit), message.pattern)

    def GetFile(self, message: Any) -> Call[Any]:
        commit, path = self.path(message.file)
        if exactly(path) != path:
            raise NotOurs
        resolved = FileInfo(commit, path, FileType.FILE, size_bytes=1)
        downloads = self.dialect.downloads
        if not self.v1:
            return self.play(downloads.file(commit, path, message.offset, 0), resolved).call
        if (message.offset_bytes or message.size_bytes) and self.lacks(Feature.RANGES):
            raise NotOurs
        return self.play(downloads.file(commit, path, message.offset_bytes, message.size_bytes), resolved).call

    def DeleteFile(self, message: Any) -> Call[Any]:
        commit, path = self.path(message.file)
        if path == "/" and self.lacks(Feature.DELETE_ROOT):
            raise NotOurs
        return self.play(self.dialect.files.delete(commit, path, fresh=True))

    def DeleteCommit(self, message: Any) -> Call[Any]:
        commit = self.commit(message.commit)
        return self.play(self.dialect.commit_removal.drop(commit), CommitInfo(commit, CommitState.OPEN))

    def DropCommitSet(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.commit_sets.drop(message.commit_set.id))

    def SquashCommitSet(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.commit_sets.squash(message.commit_set.id))

    def InspectCommitSet(self, message: Any) -> Call[Any]:
        return self.dialect.commit_sets.inspect(message.commit_set.id, wait=message.wait)

    def ListCommitSet(self, message: Any) -> Call[Any]:
        return self.dialect.commit_sets.list(message.project.name if message.HasField("project") else None)

    def ClearCommit(self, message: Any) -> Call[Any]:
        commit = self.commit(message.commit)
        looks = [CommitInfo(commit, CommitState.OPEN)] if self.lacks(Feature.COMMIT_REPO) else []
        return self.play(self.dialect.commit_removal.clear(commit), *looks)

    def SquashCommit(self, message: Any) -> Call[Any]:
        commit = self.commit(message.commit)
        plan = self.dialect.commit_removal.squash(commit, recursive=message.recursive)
        return self.play(plan, CommitInfo(commit, CommitState.FINISHED))

    # projects and transactions

    def CreateProject(self, message: Any) -> Call[Any]:
        name = refs.check_name("project", message.project.name)
        return self.play(self.dialect.projects.create(name, message.description or None, update=message.update))

    def InspectProject(self, message: Any) -> Call[Any]:
        if not message.project.name:
            raise NotOurs
        return self.play(self.dialect.projects.inspect(message.project.name))

    def ListProject(self, message: Any) -> Call[Any]:
        return self.dialect.projects.list()

    def DeleteProject(self, message: Any) -> Call[Any]:
        if message.force:
            raise NotOurs
        return self.play(self.dialect.projects.delete(message.project.name, force=False))

    def StartTransaction(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.transactions.start())

    def InspectTransaction(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.transactions.inspect(message.transaction.id))

    def ListTransaction(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.transactions.list())

    def FinishTransaction(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.transactions.finish(message.transaction.id))

    def DeleteTransaction(self, message: Any) -> Call[Any]:
        return self.play(self.dialect.transactions.delete(message.transaction.id))

    # files

    def CopyFile(self, message: Any) -> Call[Any]:
        return self.copy(message.src, self.path(message.dst), append=not message.overwrite)

    def copy(self, source: Any, target: tuple[Commit, str], *, append: bool) -> Any:
        source_file = FileInfo(*self.path(source), FileType.FILE)
        if source_file.path == "/" and self.lacks(Feature.COPY_ROOT):
            raise NotOurs
        return self.play(self.dialect.copies.copy(source_file, *target, append=append, fresh=True))

    def DiffFile(self, message: Any) -> Call[Any]:
        if message.shallow and not self.v1:
            raise NotOurs
        new = self.path(message.new_file)
        old = self.path(message.old_file) if message.HasField("old_file") else (None, new[1])
        return self.dialect.diffs.compare(*new, *old, shallow=message.shallow)

    def FlushCommit(self, message: Any) -> Call[Any]:
        commits, repos = map(self.commit, message.commits), map(self.repo, message.to_repos)
        return self.play(self.dialect.commits.downstream([*commits], [*repos]))

    def PutFile(self, messages: list[Any]) -> Iterator[Message]:
        first = messages[0]
        overwrite = {message.HasField("overwrite_index") for message in messages if message.HasField("file")}
        splits = {split_of(message) for message in messages if message.HasField("file")}
        if len(overwrite) != 1 or len(splits) != 1 or first.overwrite_index.index:
            raise NotOurs
        split = splits.pop()
        if (split is not None and split.delimiter is Delimiter.NONE) or (split and overwrite == {True}):
            raise NotOurs
        commit, path = self.path(first.file)
        files = sum(message.HasField("file") for message in messages)
        if self.lacks(Feature.MANY_FILES) and (files > 1 or commit.id is None):
            raise NotOurs
        looked = [FileNotFound()] if split is not None and not self.lacks(Feature.READ_OPEN) else []
        upload: Upload = self.play(
            self.dialect.uploads.prepare(commit, path, append=overwrite == {False}, split=split), *looked, last=True
        )
        for message in messages:
            opens = message.HasField("file")
            if opens:
                path = self.path(message.file)[1]
            if message.url:
                frames = upload.url(PutUrl(path, message.url, message.recursive))
            elif paths.for_writing(path) == path and (message.value or opens):
                frames = upload.data(path, message.value, first=opens)
            else:
                raise NotOurs
            yield from map(type(message).FromString, frames)

    def ModifyFile(self, messages: list[Any]) -> Iterator[Message]:
        opening, *rest = messages
        kinds = [message.WhichOneof("body") for message in messages]
        if kinds == ["set_commit", "copy_file"]:
            copied, target = rest[0].copy_file, self.commit(opening.set_commit)
            if paths.literal(copied.dst) != copied.dst:
                raise NotOurs
            send = self.copy(copied.src, (target, copied.dst), append=copied.append)
            yield from map(type(opening).FromString, send.frames)
            return
        if kinds[:2] != ["set_commit", "add_file"] or set(kinds[2:]) - {"add_file"}:
            raise NotOurs
        commit = self.commit(opening.set_commit)
        upload: Upload = self.play(self.dialect.uploads.prepare(commit, "/any", append=True), last=True)
        yield from map(type(opening).FromString, upload.opening())
        for message in rest:
            add = message.add_file
            if add.datum or paths.for_writing(add.path) != add.path:
                raise NotOurs
            if add.WhichOneof("source") == "url":
                frames = upload.url(PutUrl(add.path, add.url.url, add.url.recursive, concurrency=add.url.concurrency))
            elif add.WhichOneof("source") == "raw":
                frames = upload.data(add.path, add.raw.value, first=True)
            else:
                raise NotOurs
            yield from map(type(message).FromString, frames)

    def play(self, plan: Any, *replies: Any, last: bool = False) -> Any:
        """Send replies into a plan; give its next call, or its result."""
        try:
            step: Call[Any] | Send = next(plan)
            for reply in replies:
                step = plan.throw(reply) if isinstance(reply, Exception) else plan.send(reply)
        except StopIteration as stop:
            return stop.value
        assert not last
        return step


@pytest.mark.parametrize("version", VERSIONS)
def test_requests_are_as_recorded(version: str) -> None:
    inverse = Inverse(version)
    equal: Counter[str] = Counter()
    for step, messages in calls(version):
        name = step["call"].rpartition("/")[2]
        try:
            ours = inverse(name, messages)
        except (NotOurs, InvalidRequest, Unsupported):
            continue
        assert ours == messages, (step["call"], messages, ours)
        equal[name.removesuffix("Stream")] += 1
    since = max(filter(Version.parse(version).__ge__, map(Version.parse, ELSE)))
    expected = {*EVERYWHERE, *ELSE[str(since)]}
    if inverse.lacks(Feature.WALK_FILE):
        expected.discard("WalkFile")
    if not inverse.lacks(Feature.LIST_DETAILS):
        # recorded without the flag that only the first releases of 2.x need
        expected.discard("ListFile")
    assert expected <= set(equal)
    assert equal.total() > 800


@pytest.mark.parametrize("version", VERSIONS)
def test_replies_are_read(version: str) -> None:
    inverse = Inverse(version)
    read: Counter[type] = Counter()
    for step, messages in calls(version):
        name = step["call"].rpartition("/")[2].removesuffix("Stream")
        if name not in (
            "InspectRepo",
            "InspectCommit",
            "ListCommit",
            "InspectFile",
            "ListFile",
            "WalkFile",
            "GlobFile",
        ):
            continue
        if step.get("code", "OK") != "OK" or not step.get("responses"):
            continue
        try:
            call = inverse.sent(name, getattr(inverse, name)(messages[0]), messages[0])
        except (NotOurs, InvalidRequest, Unsupported):
            continue
        for reply in step["responses"]:
            # ListCommit and others have a form with one reply, whose items are those of the stream
            recorded = [reply["json"]]
            wires = [recordings.method(step["call"]).reply_type.FromString(base64.b64decode(reply["wire"]))]
            for field in ("commit_info", "file_info"):
                if field in reply["json"] and isinstance(reply["json"][field], list):
                    recorded, wires = reply["json"][field], list(getattr(wires[0], field))
            whole = call.method.reply_type
            for json, wire in zip(recorded, wires, strict=True):
                if not json:
                    continue
                if not isinstance(wire, whole):
                    # old servers send a list as a whole
                    wire = whole(**{"commit_info" if name == "ListCommit" else "file_info": [wire]})
                value = call.read(wire)
                items = [value] if isinstance(value, (RepoInfo, CommitInfo, FileInfo)) else value
                for item in items:
                    check(item, json, inverse.v1)
                    read[type(item)] += 1
    assert read[RepoInfo] > 8
    assert read[CommitInfo] > 100
    assert read[FileInfo] > 100


@pytest.mark.parametrize("version", [version for version in VERSIONS if Version.parse(version) >= Version(1, 9, 0)])
def test_transactions_are_read(version: str) -> None:
    inverse = Inverse(version)
    read: Counter[str] = Counter()
    for step, messages in calls(version):
        name = step["call"].rpartition("/")[2]
        if name not in ("InspectTransaction", "FinishTransaction") or step["code"] != "OK":
            continue
        (reply,) = step["responses"]
        json, wire = reply["json"], base64.b64decode(reply["wire"])
        info = getattr(inverse, name)(messages[0]).read(recordings.method(step["call"]).reply_type.FromString(wire))
        assert info.id == json["transaction"]["id"]
        assert info.started is not None and info.started.tzinfo is not None
        assert list(info.calls) == [next(iter(request)) for request in json.get("requests", [])]
        commits = [answer["commit"] for answer in json.get("responses", []) if "commit" in answer]
        assert [commit.id for commit in info.commits] == [commit["id"] for commit in commits]
        repos = [commit.get("repo") or commit["branch"]["repo"] for commit in commits]
        assert [commit.repo.name for commit in info.commits] == [repo["name"] for repo in repos]
        read.update(info.calls)
    assert {"create_repo", "start_commit"} <= set(read)


def split_of(message: Any) -> Split | None:
    """How a PutFile splits, if it does."""
    if not (message.delimiter or message.target_file_datums or message.target_file_bytes):
        return None
    if message.delimiter not in range(len(Delimiter)):
        raise NotOurs
    return Split(list(Delimiter)[message.delimiter], message.target_file_datums, message.target_file_bytes)


def source_id(source: Any, info: Any) -> str:
    """The id of what a commit was made from: a commit, one with its branch, or a branch that has it in common."""
    return str(source.get("id") or source.get("commit", info["commit"])["id"])


def check(item: Any, json: Any, v1: bool) -> None:
    if isinstance(item, RepoInfo):
        assert item.repo.name == json["repo"]["name"]
        assert item.repo.project == json["repo"].get("project", {}).get("name")
        assert item.created is not None and item.created.tzinfo is not None
        assert item.description == json.get("description", "")
        assert sorted(branch.name for branch in item.branches) == sorted(b["name"] for b in json.get("branches", []))
    elif isinstance(item, CommitInfo):
        assert item.commit.id == json["commit"]["id"]
        assert item.parent == (
            item.parent and Commit(item.commit.repo, item.parent.branch, json["parent_commit"]["id"])
        )
        assert [child.id for child in item.children] == [child["id"] for child in json.get("child_commits", [])]
        assert item.description == json.get("description", "")
        assert (item.started is not None) == ("started" in json)
        assert item.state.done == ("finished" in json)
        assert (item.state is CommitState.FAILED) == bool(json.get("error"))
        sources = json.get("provenance", []) if v1 else json.get("direct_provenance", [])
        made = "AUTO" if sources and "origin" not in json else "USER"
        assert item.origin.name == json.get("origin", {}).get("kind", made)
        assert [source.id for source in item.provenance] == [source_id(source, json) for source in sources]
        if v1 and item.state.done:
            assert item.size_bytes == int(json.get("size_bytes", 0))
    else:
        assert item.commit.id == json["file"]["commit"]["id"]
        assert item.path == "/" + json["file"].get("path", "").strip("/")
        assert item.type.name == json["file_type"]
        assert item.size_bytes == int(json.get("size_bytes", 0))
