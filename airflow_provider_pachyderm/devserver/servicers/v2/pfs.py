"""pfs_v2.API."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from itertools import cycle

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.auth.bindings import Resource, resource_of
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.files.diffs import diff
from airflow_provider_pachyderm.devserver.engine.model import CommitInfo, ProjectInfo, RepoInfo, RepoKey, State
from airflow_provider_pachyderm.devserver.servicers.base import Context, nanoseconds, whole
from airflow_provider_pachyderm.devserver.servicers.requests import required
from airflow_provider_pachyderm.devserver.servicers.v2 import messages
from airflow_provider_pachyderm.devserver.servicers.v2.needs import pfs_needs
from airflow_provider_pachyderm.devserver.servicers.v2.reading import Reading, page_of, range_of
from airflow_provider_pachyderm.devserver.servicers.v2.requests import RequestsV2
from airflow_provider_pachyderm.devserver.servicers.v2.rules import DEADLINE_OVER
from airflow_provider_pachyderm.devserver.servicers.v2.tasks import TaskLists
from airflow_provider_pachyderm.devserver.servicers.v2.upkeep import Upkeep
from airflow_provider_pachyderm.devserver.servicers.v2.writing import ChangeStream, ModifyFileStream

_FASTER = 0.05  # seconds


class PfsV2(TaskLists, Upkeep):
    """pfs_v2.API; RPCs in the order of the proto file."""

    calls = methods.Pfs
    as_bytes = frozenset({"GetFile", "GetFileTAR"})

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._requests = RequestsV2(engine)
        self._reading = Reading(engine)
        self._ends_late = cycle((False, True))
        self.needs = pfs_needs(engine.profile)

    async def ActivateAuth(self, request: pb.ActivateAuthRequest, context: Context) -> pb.ActivateAuthResponse:
        # what is there has its bindings already
        self.engine.auth.require_active()
        return pb.ActivateAuthResponse()

    async def CreateRepo(self, request: pb.CreateRepoRequest, context: Context) -> Empty:
        return self._requests.transacted("create_repo", request, context, Empty())

    async def InspectRepo(self, request: pb.InspectRepoRequest, context: Context) -> pb.RepoInfo:
        required(request, "repo")
        return self._repo_info(self.engine.repos.inspect(messages.repo_key(request.repo)), details=True)

    async def ListRepo(self, request: pb.ListRepoRequest, context: Context) -> AsyncIterator[pb.RepoInfo]:
        infos = self.engine.repos.list(request.type, [project.name for project in request.projects])
        infos = [info for info in infos if self.engine.guard.may_list(info.key)]
        first, number = request.page.page_index * request.page.page_size, request.page.page_size
        for info in infos[first : first + number] if request.HasField("page") else infos:
            yield self._repo_info(info, details=False)

    async def DeleteRepo(self, request: pb.DeleteRepoRequest, context: Context) -> pb.DeleteRepoResponse:
        return self._requests.transacted("delete_repo", request, context, pb.DeleteRepoResponse())

    async def DeleteRepos(self, request: pb.DeleteReposRequest, context: Context) -> pb.DeleteReposResponse:
        projects = [project.name for project in request.projects]
        if not projects and not request.all:
            return pb.DeleteReposResponse()
        gone = self.engine.repos.delete_every(projects, request.force)
        return pb.DeleteReposResponse(repos=map(messages.repo_message, gone))

    async def StartCommit(self, request: pb.StartCommitRequest, context: Context) -> pb.Commit:
        return self._requests.transacted("start_commit", request, context, pb.Commit())

    async def FinishCommit(self, request: pb.FinishCommitRequest, context: Context) -> Empty:
        return self._requests.transacted("finish_commit", request, context, Empty())

    async def ClearCommit(self, request: pb.ClearCommitRequest, context: Context) -> Empty:
        required(request, "commit")
        self.engine.commits.clear(messages.commit_ref(request.commit))
        return Empty()

    async def InspectCommit(self, request: pb.InspectCommitRequest, context: Context) -> pb.CommitInfo:
        required(request, "commit")
        ref = messages.commit_ref(request.commit)
        if self.engine.file_sets.is_file_set(ref):
            return messages.file_set_info(self.engine.file_sets.key(ref))
        state = messages.STATES[request.wait]
        waiting = self.engine.watching.inspect(ref, state)
        seconds = None if state is State.STARTED else context.time_remaining()
        return messages.commit_info(await self._within(seconds, waiting))

    async def _within(self, seconds: float | None, waiting: Awaitable[CommitInfo]) -> CommitInfo:
        """Wait, and every other time that a caller's time is up tell that as servers do that are a little faster."""
        if seconds is None:
            return await waiting
        try:
            return await asyncio.wait_for(waiting, max(0.0, seconds - _FASTER))
        except asyncio.TimeoutError:
            if next(self._ends_late):
                await asyncio.sleep(2 * _FASTER)
            raise self.engine.refusal(DEADLINE_OVER) from None

    async def ListCommit(self, request: pb.ListCommitRequest, context: Context) -> AsyncIterator[pb.CommitInfo]:
        repo = messages.repo_key(request.repo)
        # a list of all repos is about one without a name, which only administrators are let in
        self.engine.guard.check(repo, "REPO_LIST_COMMIT")
        for info in self.engine.commit_lists.list(
            repo if repo.name else None,
            to=messages.commit_ref(request.to_commit) if request.HasField("to_commit") else None,
            start=messages.commit_ref(request.from_commit) if request.HasField("from_commit") else None,
            number=request.number,
            reverse=request.reverse,
            origin=messages.ORIGINS.get(request.origin_kind),
            aliases=request.all,
            before=nanoseconds(request, "started_time"),
        ):
            yield messages.commit_info(info)

    async def SubscribeCommit(
        self, request: pb.SubscribeCommitRequest, context: Context
    ) -> AsyncIterator[pb.CommitInfo]:
        required(request, "repo")
        async for info in self.engine.watching.subscribe(
            messages.repo_key(request.repo),
            request.branch,
            start=messages.commit_ref(request.from_commit) if request.HasField("from_commit") else None,
            state=messages.STATES[request.state],
            origin=messages.ORIGINS.get(request.origin_kind),
            aliases=request.all,
        ):
            yield messages.commit_info(info)

    async def SquashCommit(self, request: pb.SquashCommitRequest, context: Context) -> pb.SquashCommitResponse:
        required(request, "commit")
        self.engine.removal.squash(messages.commit_ref(request.commit), request.recursive)
        return pb.SquashCommitResponse()

    async def DropCommit(self, request: pb.DropCommitRequest, context: Context) -> pb.DropCommitResponse:
        required(request, "commit")
        self.engine.removal.drop(messages.commit_ref(request.commit), request.recursive)
        return pb.DropCommitResponse()

    async def InspectCommitSet(
        self, request: pb.InspectCommitSetRequest, context: Context
    ) -> AsyncIterator[pb.CommitInfo]:
        required(request, "commit_set", "commitset cannot be nil")
        if request.wait:
            async for info in self.engine.watching.inspect_set(request.commit_set.id):
                yield messages.commit_info(info)
        else:
            for info in self.engine.commit_sets.inspect(request.commit_set.id):
                yield messages.commit_info(info)

    async def ListCommitSet(
        self, request: pb.ListCommitSetRequest, context: Context
    ) -> AsyncIterator[pb.CommitSetInfo]:
        for id, infos in self.engine.commit_sets.list(request.project.name):
            yield pb.CommitSetInfo(commit_set=pb.CommitSet(id=id), commits=map(messages.commit_info, infos))

    async def SquashCommitSet(self, request: pb.SquashCommitSetRequest, context: Context) -> Empty:
        return self._requests.transacted("squash_commit_set", request, context, Empty())

    async def DropCommitSet(self, request: pb.DropCommitSetRequest, context: Context) -> Empty:
        required(request, "commit_set")
        self.engine.removal.drop_set(request.commit_set.id)
        return Empty()

    async def FindCommits(
        self, request: pb.FindCommitsRequest, context: Context
    ) -> AsyncIterator[pb.FindCommitsResponse]:
        async for reply in self._reading.find_commits(request):
            yield reply

    async def CreateBranch(self, request: pb.CreateBranchRequest, context: Context) -> Empty:
        return self._requests.transacted("create_branch", request, context, Empty())

    async def InspectBranch(self, request: pb.InspectBranchRequest, context: Context) -> pb.BranchInfo:
        required(request, "branch")
        return messages.branch_info(self.engine.branches.inspect(messages.branch_key(request.branch)))

    async def ListBranch(self, request: pb.ListBranchRequest, context: Context) -> AsyncIterator[pb.BranchInfo]:
        repo: RepoKey | None = messages.repo_key(request.repo) if request.HasField("repo") else None
        if repo is None and self.engine.auth.active:
            raise refused("Cannot list branches from all repos with auth activated")
        for info in self.engine.branches.list(repo, request.reverse):
            yield messages.branch_info(info)

    async def DeleteBranch(self, request: pb.DeleteBranchRequest, context: Context) -> Empty:
        return self._requests.transacted("delete_branch", request, context, Empty())

    async def ModifyFile(self, requests: AsyncIterator[pb.ModifyFileRequest], context: Context) -> Empty:
        async with ModifyFileStream(self.engine) as upload:
            async for request in whole(requests, context):
                await upload.take(request)
            await upload.commit()
        return Empty()

    def GetFile(self, request: pb.GetFileRequest, context: Context) -> AsyncIterator[bytes]:
        return self._reading.get(request)

    def GetFileTAR(self, request: pb.GetFileRequest, context: Context) -> AsyncIterator[bytes]:
        return self._reading.tar(request)

    async def InspectFile(self, request: pb.InspectFileRequest, context: Context) -> pb.FileInfo:
        required(request, "file")
        view = await self._reading.view(request.file)
        return messages.file_info(view.inspect(request.file.path))

    async def ListFile(self, request: pb.ListFileRequest, context: Context) -> AsyncIterator[pb.FileInfo]:
        required(request, "file")
        view = await self._reading.view(request.file)
        for info in view.entries(request.file.path, page_of(request)):
            yield messages.file_info(info)

    async def WalkFile(self, request: pb.WalkFileRequest, context: Context) -> AsyncIterator[pb.FileInfo]:
        required(request, "file")
        view = await self._reading.view(request.file)
        for info in view.walk(request.file.path, page_of(request)):
            yield messages.file_info(info)

    async def GlobFile(self, request: pb.GlobFileRequest, context: Context) -> AsyncIterator[pb.FileInfo]:
        required(request, "commit")
        view = await self._reading.open(messages.commit_ref(request.commit))
        for info in view.glob(request.pattern, range_of(request)):
            yield messages.file_info(info)

    async def DiffFile(self, request: pb.DiffFileRequest, context: Context) -> AsyncIterator[pb.DiffFileResponse]:
        if not request.HasField("new_file"):
            raise refused("file cannot be nil")
        new, old, old_path = await self._reading.compared(request)
        for newer, older in diff(new, request.new_file.path, old, old_path):
            yield pb.DiffFileResponse(
                new_file=messages.file_info(newer) if newer else None,
                old_file=messages.file_info(older) if older else None,
            )

    async def DeleteAll(self, request: Empty, context: Context) -> Empty:
        self.engine.repos.delete_all()
        return Empty()

    async def CreateFileSet(
        self, requests: AsyncIterator[pb.ModifyFileRequest], context: Context
    ) -> pb.CreateFileSetResponse:
        async with ChangeStream(self.engine) as changes:
            async for request in whole(requests, context):
                await changes.take(request)
            return pb.CreateFileSetResponse(file_set_id=self.engine.file_sets.create(await changes.all_changes()))

    async def GetFileSet(self, request: pb.GetFileSetRequest, context: Context) -> pb.CreateFileSetResponse:
        required(request, "commit")
        only_changes = request.type == pb.GetFileSetRequest.FILE_SET_TYPE_DIFF
        id = self.engine.file_sets.of_commit(messages.commit_ref(request.commit), only_changes)
        return pb.CreateFileSetResponse(file_set_id=id)

    async def AddFileSet(self, request: pb.AddFileSetRequest, context: Context) -> Empty:
        required(request, "commit")
        self.engine.file_sets.add(messages.commit_ref(request.commit), request.file_set_id)
        return Empty()

    async def RenewFileSet(self, request: pb.RenewFileSetRequest, context: Context) -> Empty:
        self.engine.file_sets.renew(request.file_set_id, request.ttl_seconds)
        return Empty()

    async def ComposeFileSet(self, request: pb.ComposeFileSetRequest, context: Context) -> pb.CreateFileSetResponse:
        id = self.engine.file_sets.compose(request.file_set_ids, request.ttl_seconds, request.compact)
        return pb.CreateFileSetResponse(file_set_id=id)

    async def ShardFileSet(self, request: pb.ShardFileSetRequest, context: Context) -> pb.ShardFileSetResponse:
        shards = self.engine.file_sets.shards(request.file_set_id, request.num_files, request.size_bytes)
        return pb.ShardFileSetResponse(shards=[pb.PathRange(lower=lower, upper=upper) for lower, upper in shards])

    async def CreateProject(self, request: pb.CreateProjectRequest, context: Context) -> Empty:
        self.engine.projects.create(request.project.name, request.description, request.update)
        return Empty()

    async def InspectProject(self, request: pb.InspectProjectRequest, context: Context) -> pb.ProjectInfo:
        return self._project_info(self.engine.projects.inspect(request.project.name))

    async def ListProject(self, request: pb.ListProjectRequest, context: Context) -> AsyncIterator[pb.ProjectInfo]:
        for info in self.engine.projects.list():
            yield self._project_info(info)

    async def DeleteProject(self, request: pb.DeleteProjectRequest, context: Context) -> Empty:
        self.engine.projects.delete(request.project.name, request.force)
        return Empty()

    # ---- shared -------------------------------------------------------------------------

    def _repo_info(self, info: RepoInfo, details: bool) -> pb.RepoInfo:
        message = messages.repo_info(info, details)
        self._add_permissions(message, resource_of(info.key))
        return message

    def _project_info(self, info: ProjectInfo) -> pb.ProjectInfo:
        message = messages.project_info(info)
        self._add_permissions(message, Resource("PROJECT", info.name))
        return message

    def _add_permissions(self, message: pb.RepoInfo | pb.ProjectInfo, resource: Resource) -> None:
        """Add what the caller may do, while authentication is on."""
        if self.engine.auth.active:
            permissions, roles = self.engine.roles.permissions(self.engine.auth.user(), resource)
            message.auth_info.permissions.extend(map(messages.permission, permissions))
            message.auth_info.roles.extend(roles)
