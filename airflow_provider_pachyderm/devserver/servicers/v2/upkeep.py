"""Calls of pfs_v2 about storage and the graph of commits: storage, the cache, walks of provenance, sums."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

from google.protobuf import any_pb2
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.model import (
    DEFAULT_PROJECT,
    CommitInfo,
    CommitLink,
    CommitRef,
    RepoKey,
)
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer
from airflow_provider_pachyderm.devserver.servicers.v2 import messages
from airflow_provider_pachyderm.devserver.servicers.v2.rules import CHECK_STORAGE_FAILS

Links = Callable[[CommitInfo], Iterable[CommitLink]]


class Upkeep(Servicer):
    """RPCs in the order of the proto file."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        # by key: a value and a tag
        self._cache: dict[str, tuple[any_pb2.Any, str]] = {}

    async def Fsck(self, request: pb.FsckRequest, context: Context) -> AsyncIterator[pb.FsckResponse]:
        """Nothing can be broken here; zombies are looked for in the repo that pipelines keep beside their own."""
        if request.HasField("zombie_target"):
            ref = messages.commit_ref(request.zombie_target)
            repo = RepoKey(ref.repo.name, ref.repo.project, "meta")
            self.engine.commits.resolve(CommitRef(repo, ref.id, ref.branch))
        nothing: tuple[pb.FsckResponse, ...] = ()
        for reply in nothing:
            yield reply

    async def CheckStorage(self, request: pb.CheckStorageRequest, context: Context) -> pb.CheckStorageResponse:
        """How many pieces of content are kept."""
        fails = self.engine.profile[CHECK_STORAGE_FAILS]
        if fails and not request.read_chunk_data:
            raise refused("sql: expected 0 destination arguments in Scan, not 1")
        return pb.CheckStorageResponse(chunk_object_count=len(self.engine.content()))

    async def PutCache(self, request: pb.PutCacheRequest, context: Context) -> Empty:
        """Keep a value; it goes with the server."""
        self._cache[request.key] = request.value, request.tag
        return Empty()

    async def GetCache(self, request: pb.GetCacheRequest, context: Context) -> pb.GetCacheResponse:
        """A value that is kept."""
        if request.key not in self._cache:
            raise refused("sql: no rows in result set")
        return pb.GetCacheResponse(value=self._cache[request.key][0])

    async def ClearCache(self, request: pb.ClearCacheRequest, context: Context) -> Empty:
        """Forget the values whose tags begin so."""
        kept = {key: value for key, value in self._cache.items() if not value[1].startswith(request.tag_prefix)}
        self._cache = kept
        return Empty()

    async def WalkCommitProvenance(
        self, request: pb.WalkCommitProvenanceRequest, context: Context
    ) -> AsyncIterator[pb.CommitInfo]:
        """What commits were made from, nearest first."""
        for info in self._walk(request, lambda info: info.provenance):
            yield messages.commit_info(info)

    async def WalkCommitSubvenance(
        self, request: pb.WalkCommitSubvenanceRequest, context: Context
    ) -> AsyncIterator[pb.CommitInfo]:
        """What was made from commits, nearest first."""
        for info in self._walk(request, lambda info: info.subvenance):
            yield messages.commit_info(info)

    def _walk(
        self, request: pb.WalkCommitProvenanceRequest | pb.WalkCommitSubvenanceRequest, links: Links
    ) -> Iterable[CommitInfo]:
        for start in request.start:
            found: dict[int, CommitInfo] = {}
            level, depth = [self._picked(start)], 0
            while level and (not request.max_depth or depth < request.max_depth):
                refs = [CommitRef(link.key.repo, link.key.id) for info in level for link in links(info)]
                near = map(self.engine.commits.inspect, refs)
                level = [info for info in near if info.num not in found]
                found.update((info.num, info) for info in level)
                depth += 1
            yield from list(found.values())[: request.max_commits or None]

    def _picked(self, picker: pb.CommitPicker) -> CommitInfo:
        """The commit that a picker means."""
        kind = picker.WhichOneof("picker")
        if kind == "id":
            return self._found(CommitRef(_repo(picker.id.repo), picker.id.id))
        if kind == "branch_head":
            branch = picker.branch_head.name
            return self._found(CommitRef(_repo(branch.repo), branch=branch.name))
        if kind == "branch_root":
            branch = picker.branch_root.branch.name
            first = picker.branch_root.offset + 1
            return self._found(CommitRef(_repo(branch.repo), f"{branch.name}.{first}"))
        if kind == "ancestor":
            start = self._picked(picker.ancestor.start)
            return self._found(CommitRef(start.key.repo, f"{start.key.id}^{picker.ancestor.offset}"))
        raise EngineError("INVALID_ARGUMENT", "validate request: invalid CommitPicker.Picker: value is required")

    def _found(self, ref: CommitRef) -> CommitInfo:
        return self.engine.commit_infos.info(self.engine.commits.resolve(ref))

    async def ReposSummary(self, request: pb.ReposSummaryRequest, context: Context) -> pb.ReposSummaryResponse:
        """How many repos projects have, and how large these are; nothing of projects without any."""
        asked = [picker.name for picker in request.projects]
        repos = [info for info in self.engine.repos.list("user") if info.key.project in asked]
        summaries = [
            pb.ReposSummary(
                project=pb.Project(name=name),
                user_repo_count=len(sizes),
                size_bytes=sum(sizes),
            )
            for name in asked
            if (sizes := [info.size for info in repos if info.key.project == name])
        ]
        return pb.ReposSummaryResponse(summaries=summaries)


def _repo(picker: pb.RepoPicker) -> RepoKey:
    return RepoKey(picker.name.name, picker.name.project.name or DEFAULT_PROJECT, picker.name.type or "user")
