"""``pfs.API`` of 1.x: from requests to the engine and back. No rule of PFS lives here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import cast

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.errors import crash, refused
from airflow_provider_pachyderm.devserver.engine.files.paths import clean
from airflow_provider_pachyderm.devserver.engine.files.rules import COPY_NEEDS_HEAD
from airflow_provider_pachyderm.devserver.engine.files.views import TreeView
from airflow_provider_pachyderm.devserver.engine.model import (
    BranchKey,
    CommitInfo,
    CommitRef,
    Delete,
    RepoInfo,
    State,
)
from airflow_provider_pachyderm.devserver.servicers.base import (
    AnyMethod,
    Context,
    Handler,
    Servicer,
    handler_for,
    whole,
)
from airflow_provider_pachyderm.devserver.servicers.requests import MissingMessage, required
from airflow_provider_pachyderm.devserver.servicers.v1 import messages
from airflow_provider_pachyderm.devserver.servicers.v1.needs import PFS_NEEDS
from airflow_provider_pachyderm.devserver.servicers.v1.read_rules import (
    DIFFS_BY_NEW_NAMES,
    GLOBS_AS_ASKED,
    LISTS_AS_ASKED,
    NEGATIVE_OFFSET_REFUSED,
)
from airflow_provider_pachyderm.devserver.servicers.v1.reading import Differences, Reading
from airflow_provider_pachyderm.devserver.servicers.v1.requests import RequestsV1, commit_of
from airflow_provider_pachyderm.devserver.servicers.v1.rules import (
    BLOCK_FLAG,
    DELETE_BRANCH_BY_NAME,
    FSCK_IS_UNARY,
    LIMITED_LIST_BREAKS,
    MISSING_MESSAGES_CRASH,
    MISSING_PARENT_CRASHES,
    SUBSCRIBE_FINISHED,
)
from airflow_provider_pachyderm.devserver.servicers.v1.writing import PutFileStream

# Real servers send the empty answer even when they refuse: a message before an error, as only streams have it.
_PUT_FILE = replace(methods.Pfs.PutFile, server_streaming=True)

# up to 1.6 its request is a repo and a text, which has the form of a Commit
_DELETE_BRANCH: AnyMethod = replace(methods.Pfs.DeleteBranch, request_type=pb.Commit)  # type: ignore[arg-type]

_NIL_COMMIT = "cannot inspect nil commit"
_FSCK = methods.Pfs.Fsck

_STATES = {
    pb.COMMIT_STATE_STARTED: State.STARTED,
    pb.COMMIT_STATE_READY: State.READY,
    pb.COMMIT_STATE_FINISHED: State.FINISHED,
}


FileRequest = pb.GetFileRequest | pb.InspectFileRequest | pb.ListFileRequest | pb.WalkFileRequest | pb.DeleteFileRequest
"""Requests about one file."""


class PfsV1(Servicer):
    """The calls in the order of the proto file."""

    calls = methods.Pfs
    needs = PFS_NEEDS

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._requests = RequestsV1(engine)
        self._reading = Reading(engine.profile)

    def handlers(self) -> dict[str, Handler]:
        """Two calls are not as their methods say."""
        found = {**super().handlers(), _PUT_FILE.path: self._handler(_PUT_FILE)}
        if self.engine.profile[FSCK_IS_UNARY] and _FSCK.path in found:
            found[_FSCK.path] = handler_for(False, False)(_nothing)
        if self.engine.profile[DELETE_BRANCH_BY_NAME]:
            found[_DELETE_BRANCH.path] = self._handler(_DELETE_BRANCH)
        return found

    def refusal_of(self, error: EngineError) -> EngineError:
        """Where a real server would die, the caller loses it."""
        if isinstance(error, MissingMessage) and self._crashes(error.text):
            return crash(error.text)
        return error

    def _crashes(self, text: str) -> bool:
        """Whether real servers do not say this, but die."""
        profile = self.engine.profile
        if text.startswith("parent "):
            return profile[MISSING_PARENT_CRASHES]
        return profile[MISSING_MESSAGES_CRASH] and text != _NIL_COMMIT

    # ---- repos --------------------------------------------------------------------------

    async def CreateRepo(self, request: pb.CreateRepoRequest, context: Context) -> Empty:
        """CreateRepo."""
        return self._done("create_repo", request, context)

    async def InspectRepo(self, request: pb.InspectRepoRequest, context: Context) -> pb.RepoInfo:
        """InspectRepo."""
        required(request, "repo")
        return self._repo_info(self.engine.repos.inspect(messages.repo_key(request.repo)))

    async def ListRepo(self, request: pb.ListRepoRequest, context: Context) -> pb.ListRepoResponse:
        """ListRepo."""
        infos = self.engine.repos.list(provenance=[messages.repo_key(repo) for repo in request.provenance])
        return pb.ListRepoResponse(repo_info=[self._repo_info(info) for info in infos])

    async def DeleteRepo(self, request: pb.DeleteRepoRequest, context: Context) -> Empty:
        """DeleteRepo."""
        return self._done("delete_repo", request, context)

    # ---- commits ------------------------------------------------------------------------

    async def StartCommit(self, request: pb.StartCommitRequest, context: Context) -> pb.Commit:
        """StartCommit."""
        return self._requests.transacted("start_commit", request, context, pb.Commit())

    async def FinishCommit(self, request: pb.FinishCommitRequest, context: Context) -> Empty:
        """FinishCommit."""
        return self._done("finish_commit", request, context)

    async def InspectCommit(self, request: pb.InspectCommitRequest, context: Context) -> pb.CommitInfo:
        """InspectCommit, which waits for the state that is asked for."""
        ref = commit_of(request, _NIL_COMMIT)
        flag = self.engine.profile[BLOCK_FLAG] and request.block_state
        state = State.FINISHED if flag else _STATES[request.block_state]
        return messages.commit_info(await self.engine.watching.inspect(ref, state))

    async def ListCommit(self, request: pb.ListCommitRequest, context: Context) -> pb.CommitInfos:
        """ListCommit."""
        return pb.CommitInfos(commit_info=[messages.commit_info(info) for info in self._commits(request)])

    async def ListCommitStream(self, request: pb.ListCommitRequest, context: Context) -> AsyncIterator[pb.CommitInfo]:
        """ListCommitStream."""
        for info in self._commits(request):
            yield messages.commit_info(info)

    async def DeleteCommit(self, request: pb.DeleteCommitRequest, context: Context) -> Empty:
        """DeleteCommit."""
        return self._done("delete_commit", request, context)

    async def FlushCommit(self, request: pb.FlushCommitRequest, context: Context) -> AsyncIterator[pb.CommitInfo]:
        """FlushCommit."""
        commits = [messages.commit_ref(commit) for commit in request.commits]
        async for info in self.engine.watching.flush(commits, [messages.repo_key(repo) for repo in request.to_repos]):
            if self.engine.guard.may(info.key.repo, "READER"):
                yield messages.commit_info(info)

    async def SubscribeCommit(
        self, request: pb.SubscribeCommitRequest, context: Context
    ) -> AsyncIterator[pb.CommitInfo]:
        """SubscribeCommit."""
        required(request, "repo")
        start = messages.commit_ref(request.from_commit) if request.HasField("from_commit") else None
        async for info in self.engine.watching.subscribe(
            messages.repo_key(request.repo),
            request.branch,
            start,
            State.FINISHED if self.engine.profile[SUBSCRIBE_FINISHED] else _STATES[request.state],
            wanted=lambda info: not request.HasField("prov") or _is_from(info, request.prov),
        ):
            yield messages.commit_info(info)

    # ---- branches -----------------------------------------------------------------------

    async def CreateBranch(self, request: pb.CreateBranchRequest, context: Context) -> Empty:
        """CreateBranch."""
        return self._done("create_branch", request, context)

    async def InspectBranch(self, request: pb.InspectBranchRequest, context: Context) -> pb.BranchInfo:
        """InspectBranch."""
        required(request, "branch")
        return messages.branch_info(self.engine.branches.inspect(messages.branch_key(request.branch)))

    async def ListBranch(self, request: pb.ListBranchRequest, context: Context) -> pb.BranchInfos:
        """ListBranch."""
        required(request, "repo")
        infos = self.engine.branches.list(messages.repo_key(request.repo), request.reverse)
        return pb.BranchInfos(branch_info=[messages.branch_info(info) for info in infos])

    async def DeleteBranch(self, request: pb.DeleteBranchRequest | pb.Commit, context: Context) -> Empty:
        """DeleteBranch."""
        if isinstance(request, pb.Commit):
            self._requests.delete_branch_by_name(request)
            return Empty()
        return self._done("delete_branch", request, context)

    # ---- files --------------------------------------------------------------------------

    async def PutFile(self, requests: AsyncIterator[pb.PutFileRequest], context: Context) -> AsyncIterator[Empty]:
        """PutFile."""
        refusal = None
        try:
            puts = PutFileStream(self.engine)
            await puts.read(whole(requests, context))
            if puts.target is not None:
                self.engine.files.modify(puts.target, puts.changes)
        except EngineError as error:
            refusal = error
        yield Empty()
        if refusal is not None:
            raise refusal

    async def CopyFile(self, request: pb.CopyFileRequest, context: Context) -> Empty:
        """CopyFile."""
        required(request, "src")
        required(request, "dst")
        view = cast(TreeView, self.engine.files.open_to_copy(messages.commit_ref(request.src.commit), request.src.path))
        if self.engine.profile[COPY_NEEDS_HEAD]:
            self._reading.existing(view, request.src.path)
        target = self.engine.files.clean_path(request.dst.path)
        self.engine.files.check_there(messages.commit_ref(request.dst.commit))
        changes = self.engine.files.copy_changes(view, request.src.path, target, append=not request.overwrite)
        self.engine.files.modify(messages.commit_ref(request.dst.commit), changes)
        return Empty()

    async def GetFile(self, request: pb.GetFileRequest, context: Context) -> AsyncIterator[BytesValue]:
        """GetFile: joins all files that the path matches."""
        view = self._view_to_read(request)
        found = self._reading.to_read(view, request.file.path)
        if request.offset_bytes < 0 and self.engine.profile[NEGATIVE_OFFSET_REFUSED]:
            raise refused(f"readat {request.file.path}: negative offset")
        if request.offset_bytes < 0 or request.size_bytes < 0:
            return
        offset, size = self._reading.range(found, request.offset_bytes, request.size_bytes or None)
        async for data in self.engine.files.read(request.file.path, view.content(found), offset, size):
            yield BytesValue(value=data)

    async def InspectFile(self, request: pb.InspectFileRequest, context: Context) -> pb.FileInfo:
        """InspectFile."""
        view = self._view(request)
        info = view.inspect(request.file.path)
        return messages.file_info(info, request.file.path, self._reading.children(view, info), full=True)

    async def ListFile(self, request: pb.ListFileRequest, context: Context) -> pb.FileInfos:
        """ListFile."""
        return pb.FileInfos(file_info=[info async for info in self.ListFileStream(request, context)])

    async def ListFileStream(self, request: pb.ListFileRequest, context: Context) -> AsyncIterator[pb.FileInfo]:
        """ListFileStream."""
        view = self._view_to_read(request)
        as_asked = request.file.commit if self.engine.profile[LISTS_AS_ASKED] else None
        for path, info in self._reading.listed(view, request.file.path):
            yield messages.file_info(
                info, path, self._reading.children(view, info, request.full), as_asked, request.full
            )

    async def WalkFile(self, request: pb.WalkFileRequest, context: Context) -> AsyncIterator[pb.FileInfo]:
        """WalkFile."""
        for info in self._view(request).walk(request.file.path):
            yield messages.file_info(info)

    async def GlobFile(self, request: pb.GlobFileRequest, context: Context) -> pb.FileInfos:
        """GlobFile."""
        return pb.FileInfos(file_info=[info async for info in self.GlobFileStream(request, context)])

    async def GlobFileStream(self, request: pb.GlobFileRequest, context: Context) -> AsyncIterator[pb.FileInfo]:
        """GlobFileStream."""
        view = self._open(commit_of(request))
        as_asked = request.commit if self.engine.profile[GLOBS_AS_ASKED] else None
        for path, info in self._reading.matching(view, request.pattern):
            yield messages.file_info(info, path, commit_as_asked=as_asked)

    async def DiffFile(self, request: pb.DiffFileRequest, context: Context) -> pb.DiffFileResponse:
        """DiffFile."""
        required(request, "new_file", "file cannot be nil")
        new = request.new_file
        old = request.old_file if request.HasField("old_file") else new
        ours = self._as_written(new)
        theirs = self._as_written(old) if request.HasField("old_file") else self._parent_of(new)
        found = Differences(ours, theirs, request.shallow, self.engine.profile[DIFFS_BY_NEW_NAMES])
        found.compare(new.path, old.path)
        return pb.DiffFileResponse(
            new_files=[messages.file_info(info, path) for path, info in found.new],
            old_files=[messages.file_info(info, path) for path, info in found.old],
        )

    async def DeleteFile(self, request: pb.DeleteFileRequest, context: Context) -> Empty:
        """DeleteFile."""
        ref = messages.commit_ref(_file_of(request).commit)
        self.engine.commits.resolve(ref)
        self.engine.files.modify(ref, [Delete(clean(request.file.path))])
        return Empty()

    async def DeleteAll(self, request: Empty, context: Context) -> Empty:
        """DeleteAll."""
        self.engine.repos.delete_all()
        return Empty()

    async def Fsck(self, request: pb.FsckRequest, context: Context) -> AsyncIterator[pb.FsckResponse]:
        """Fsck: what is kept here is never inconsistent."""
        for response in list[pb.FsckResponse]():
            yield response

    async def SetBranch(self, request: pb.SetBranchRequest, context: Context) -> Empty:
        """SetBranch, up to 1.6."""
        ref = commit_of(request)
        self.engine.branches.create(BranchKey(ref.repo, request.branch), ref)
        return Empty()

    # ---- shared -------------------------------------------------------------------------

    def _done(self, name: str, request: Message, context: Context) -> Empty:
        return self._requests.transacted(name, request, context, Empty())

    def _commits(self, request: pb.ListCommitRequest) -> Iterator[CommitInfo]:
        required(request, "repo")
        to = messages.commit_ref(request.to_commit) if request.HasField("to_commit") else None
        start = messages.commit_ref(request.from_commit) if request.HasField("from_commit") else None
        breaks = self.engine.profile[LIMITED_LIST_BREAKS] and request.number and to is None
        number = request.number + 1 if breaks else request.number
        infos = self.engine.commit_lists.list(messages.repo_key(request.repo), to, start, number, request.reverse)
        yield from infos[: request.number or None]
        if breaks and len(infos) > request.number:
            raise refused("BREAK")

    def _repo_info(self, info: RepoInfo) -> pb.RepoInfo:
        """What is told about a repo, with what the caller may do with it."""
        message = messages.repo_info(info)
        if self.engine.auth.active:
            message.auth_info.access_level = messages.SCOPES[self.engine.scopes.level(info.key)]
        return message

    def _view(self, request: FileRequest) -> TreeView:
        return self._view_of(_file_of(request))

    def _view_of(self, file: pb.File) -> TreeView:
        return self._open(messages.commit_ref(file.commit), file.path)

    def _parent_of(self, file: pb.File) -> TreeView | None:
        return cast("TreeView | None", self.engine.files.parent(messages.commit_ref(file.commit)))

    def _as_written(self, file: pb.File) -> TreeView:
        return cast(TreeView, self.engine.files.open(messages.commit_ref(file.commit), path=file.path, as_written=True))

    def _open(self, ref: CommitRef, path: str = "/") -> TreeView:
        return cast(TreeView, self.engine.files.open(ref, path=path))

    def _view_to_read(self, request: FileRequest) -> TreeView:
        """Where paths are patterns all files are looked at."""
        file = _file_of(request)
        return self._open(messages.commit_ref(file.commit)) if self._reading.globs else self._view_of(file)


async def _nothing(request: bytes, context: Context) -> bytes:
    return b""


def _file_of(request: FileRequest) -> pb.File:
    required(request, "file")
    required(request.file, "commit", "file commit cannot be nil")
    return request.file


def _is_from(info: CommitInfo, provenance: pb.CommitProvenance) -> bool:
    """Whether a commit has another one in its provenance, by commit and branch."""
    return any(messages.provenance(link) == provenance for link in info.provenance)
