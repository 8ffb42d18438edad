"""The rules of PFS and PPS without gRPC: an :class:`Engine` is a server's whole state and all that can be done with it.

Synchronous and meant for one event loop, so that every call is atomic and nothing needs a lock; only content
(``engine.blobs``, ``engine.files.read``) and waiting (``engine.watching``) are asynchronous.

=======================  ==================================================================  ===========================
``engine.projects``      CreateProject, InspectProject, ListProject, DeleteProject           :mod:`.repos.projects`
``engine.repos``         CreateRepo, InspectRepo, ListRepo, DeleteRepo, DeleteAll            :mod:`.repos.repos`
``engine.branches``      CreateBranch, InspectBranch, ListBranch, DeleteBranch               :mod:`.branches.branches`
``engine.triggers``      branches that follow others (1.11.4 and later)                      :mod:`.branches.triggers`
``engine.timetable``     branches that move by the clock (2.6.6 and later)                   :mod:`.branches.timetable`
``engine.commits``       StartCommit, FinishCommit, InspectCommit, ClearCommit, ``resolve``  :mod:`.commits.commits`
``engine.commit_lists``  ListCommit, ancestors                                               :mod:`.commits.listing`
``engine.commit_infos``  what is told about a commit                                         :mod:`.commits.infos`
``engine.commit_sets``   InspectCommitSet, ListCommitSet                                     :mod:`.commits.commit_sets`
``engine.removal``       Squash*, Drop* (2.x), DeleteCommit (1.x)                            :mod:`.commits.removal`
``engine.watching``      Inspect* that wait, SubscribeCommit, FlushCommit                    :mod:`.commits.watching`
``engine.finisher``      what 2.x does after FinishCommit has returned                       :mod:`.commits.finisher`
``engine.files``         ``modify`` (atomic), ``copy_changes``, ``open`` -> View, ``read``   :mod:`.files.files`
``engine.file_sets``     CreateFileSet, GetFileSet, AddFileSet, Renew*, Compose*, Shard*     :mod:`.files.file_sets`
``engine.pipelines``     CreatePipeline, InspectPipeline, ListPipeline                       :mod:`.pipelines.pipelines`
``engine.lifecycle``     Start-, Stop-, DeletePipeline, RerunPipeline                        :mod:`.pipelines.lifecycle`
``engine.ticks``         RunCron, and clocks of pipelines                                    :mod:`.pipelines.ticks`
``engine.controller``    states of pipelines, as a cluster keeps them                        :mod:`.pipelines.control`
``engine.jobs``          InspectJob, ListJob, job sets, StopJob, DeleteJob                   :mod:`.jobs.jobs`
``engine.job_watching``  jobs that are waited for, SubscribeJob                              :mod:`.jobs.watching`
``engine.work``          jobs, for whoever does them                                         :mod:`.jobs.work`
``engine.datums``        what became of datums                                               :mod:`.datums.records`
``engine.running_datums``  RestartDatum                                                      :mod:`.datums.running`
``engine.logs``          GetLogs                                                             :mod:`.logs.logs`
``engine.secrets``       CreateSecret, InspectSecret, ListSecret, DeleteSecret               :mod:`.secrets.secrets`
``engine.defaults``      defaults of the cluster and of projects (2.8 and later)             :mod:`.defaults.defaults`
``engine.transactions``  requests kept until FinishTransaction                               :mod:`.transactions`
``engine.auth``          tokens, and whom they stand for                                     :mod:`.auth.authentication`
``engine.guard``         what the caller may do: by roles (2.x) or scopes (1.x)              :mod:`.auth.guard`
``engine.roles``         role bindings, and what roles allow (2.x)                           :mod:`.auth.roles`
``engine.scopes``        scopes on repos, administrators (1.x)                               :mod:`.auth.scopes`
``engine.bindings``      where roles, scopes and groups are kept                             :mod:`.auth.bindings`
``engine.blobs``         content: ``open_writer``, ``read``                                  :mod:`.store.blobs`
``engine.collector``     removes content that nothing refers to any more                     :mod:`.store.collector`
``engine.unit()``        makes several calls one; ``dry_run=True`` undoes them at the end    :mod:`.core`
=======================  ==================================================================  ===========================

What the files of a commit are, from the changes of an open one to what is stored, is in :mod:`.snapshots`; the database
and the content on the disk are in :mod:`.store`.

Values are in :mod:`.model`; what is refused raises :class:`.errors.EngineError` in the words of the version.
Commits are requested with a ``CommitRef(repo, id, branch)``: 1.x puts branch names and ids into ``id`` alone.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from airflow_provider_pachyderm.devserver.engine.auth.authentication import Authentication
from airflow_provider_pachyderm.devserver.engine.auth.bindings import Bindings
from airflow_provider_pachyderm.devserver.engine.auth.guard import Guard, Permissions
from airflow_provider_pachyderm.devserver.engine.auth.roles import Roles
from airflow_provider_pachyderm.devserver.engine.auth.rules import ROOT_USER
from airflow_provider_pachyderm.devserver.engine.auth.scopes import Scopes
from airflow_provider_pachyderm.devserver.engine.branches.branches import Branches
from airflow_provider_pachyderm.devserver.engine.branches.graph_v1 import BranchGraph
from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance
from airflow_provider_pachyderm.devserver.engine.branches.timetable import Timetable
from airflow_provider_pachyderm.devserver.engine.branches.triggers import Triggers
from airflow_provider_pachyderm.devserver.engine.clock import Clock
from airflow_provider_pachyderm.devserver.engine.commits.aliases import Aliases
from airflow_provider_pachyderm.devserver.engine.commits.commit_sets import CommitSets
from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.commits.finisher import Finisher
from airflow_provider_pachyderm.devserver.engine.commits.graph_v1 import CommitGraph
from airflow_provider_pachyderm.devserver.engine.commits.infos import CommitInfos
from airflow_provider_pachyderm.devserver.engine.commits.listing import CommitLists
from airflow_provider_pachyderm.devserver.engine.commits.making import CommitMaker
from airflow_provider_pachyderm.devserver.engine.commits.propagation import Propagation
from airflow_provider_pachyderm.devserver.engine.commits.propagation_v1 import PropagationV1
from airflow_provider_pachyderm.devserver.engine.commits.references import References
from airflow_provider_pachyderm.devserver.engine.commits.removal import Removal
from airflow_provider_pachyderm.devserver.engine.commits.removal_v1 import RemovalV1
from airflow_provider_pachyderm.devserver.engine.commits.watching import Watching
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.datums.records import DatumRecords
from airflow_provider_pachyderm.devserver.engine.datums.results import DatumResults
from airflow_provider_pachyderm.devserver.engine.datums.running import RunningDatums
from airflow_provider_pachyderm.devserver.engine.defaults.defaults import Defaults
from airflow_provider_pachyderm.devserver.engine.errors import DataFolderError, EngineError
from airflow_provider_pachyderm.devserver.engine.files.file_sets import FileSets
from airflow_provider_pachyderm.devserver.engine.files.files import Files
from airflow_provider_pachyderm.devserver.engine.ids import Ids, random_id
from airflow_provider_pachyderm.devserver.engine.jobs.following import JobFollowing
from airflow_provider_pachyderm.devserver.engine.jobs.following_v1 import JobFollowingV1
from airflow_provider_pachyderm.devserver.engine.jobs.jobs import Jobs
from airflow_provider_pachyderm.devserver.engine.jobs.watching import JobWatching
from airflow_provider_pachyderm.devserver.engine.jobs.work import Work
from airflow_provider_pachyderm.devserver.engine.logs.logs import Logs
from airflow_provider_pachyderm.devserver.engine.pipelines.checks import Checks
from airflow_provider_pachyderm.devserver.engine.pipelines.control import Controller
from airflow_provider_pachyderm.devserver.engine.pipelines.lifecycle import Lifecycle
from airflow_provider_pachyderm.devserver.engine.pipelines.pipelines import Pipelines
from airflow_provider_pachyderm.devserver.engine.pipelines.ticks import Ticks
from airflow_provider_pachyderm.devserver.engine.pipelines.wiring import Wiring
from airflow_provider_pachyderm.devserver.engine.pipelines.wiring_v1 import WiringV1
from airflow_provider_pachyderm.devserver.engine.repos.projects import Projects
from airflow_provider_pachyderm.devserver.engine.repos.repo_provenance import RepoProvenance
from airflow_provider_pachyderm.devserver.engine.repos.repos import Repos
from airflow_provider_pachyderm.devserver.engine.secrets.secrets import Secrets
from airflow_provider_pachyderm.devserver.engine.snapshots.layers import Layers
from airflow_provider_pachyderm.devserver.engine.snapshots.snapshots import Snapshots
from airflow_provider_pachyderm.devserver.engine.store.blobs import LONG, SHORT, BlobStore, DirectoryBlobs, MemoryBlobs
from airflow_provider_pachyderm.devserver.engine.store.collector import REMOVED, Collector
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.reserve import Reserve, disk_is_full
from airflow_provider_pachyderm.devserver.engine.store.sqlite import BLOBS, DATABASE, Store
from airflow_provider_pachyderm.devserver.engine.transactions import Transactions
from airflow_provider_pachyderm.devserver.engine.words import Words
from airflow_provider_pachyderm.devserver.releases.text import Text
from airflow_provider_pachyderm.devserver.url_limits import URL_LIMITS, UrlLimits

if TYPE_CHECKING:
    from airflow_provider_pachyderm.devserver.releases.profile import Profile

__all__ = ["DATABASE", "DataFolderError", "Engine", "EngineError"]


T = TypeVar("T")


class Engine:
    """One server's state and rules.

    :param profile: the version that is played.
    :param folder: where data live; None keeps all in memory.
    :param clock: the time.
    :param new_id: ids of commits and transactions.
    :param auth: who may call; anyone by default.
    :param url_limits: how far URLs are followed that it is told to fetch.
    :param durable: what was answered is still there when the machine has crashed, not only the process.
    :raises DataFolderError: if the folder belongs to the other world or another release of the dev server.
    """

    def __init__(
        self,
        profile: Profile,
        folder: Path | None = None,
        clock: Clock = time.time_ns,
        new_id: Ids = random_id,
        auth: Authentication | None = None,
        url_limits: UrlLimits = URL_LIMITS,
        durable: bool = False,
    ) -> None:
        self.profile = profile
        self.url_limits = url_limits
        self.auth = auth or Authentication(profile, clock)
        # first the database: it says whether the folder is ours
        self._store = Store(None if folder is None else folder / DATABASE, profile.world, durable)
        self.blobs = _blobs(folder, durable, LONG if profile.world == "v1" else SHORT)
        self.reserve = Reserve(folder)
        self._core = Core(self._store, profile, clock, new_id)
        self._make_parts(self._core, Lookups(self._core))
        self._begin()

    def _make_parts(self, core: Core, lookups: Lookups) -> None:
        self.bindings = Bindings(core)
        self.roles = Roles(core, self.auth, self.bindings)
        self.scopes = Scopes(core, self.auth, self.bindings, lookups)
        self._rules: Guard = self.roles if core.profile.world == "v2" else self.scopes
        self._permissions = Permissions(self.auth, self._rules)
        self._layers = Layers(core)
        self._snapshots = Snapshots(core, lookups, self._layers)
        core.caches = [self._layers, self._snapshots]
        self._make_commits(core, lookups)
        self.file_sets = FileSets(core, self.commits, self._snapshots)
        self.files = Files(core, lookups, self.commits, self._maker, self._snapshots, self.blobs, self.file_sets)
        self.transactions = Transactions(core)
        self.collector = Collector(core, self._layers, self.blobs, self.reserve)
        self._make_pipelines(core, lookups)

    def _make_commits(self, core: Core, lookups: Lookups) -> None:
        """Repos, branches and commits, of which those of 1.x know more of one another."""
        snapshots = self._snapshots
        commit_graph = CommitGraph(core, lookups) if core.profile.world == "v1" else None
        branch_graph = BranchGraph(core, lookups) if core.profile.world == "v1" else None
        provenance = branch_graph or Provenance(core, lookups)
        repo_provenance = RepoProvenance(core, lookups)
        references = References(core, lookups)

        self._maker = maker = CommitMaker(core, lookups, provenance)
        aliases = Aliases(core, lookups, provenance, maker)
        self.triggers = triggers = Triggers(core, lookups, maker, aliases)
        self.timetable = Timetable(core, lookups, triggers)
        infos = CommitInfos(core, lookups, commit_graph)
        self.commits = commits = Commits(
            core, lookups, provenance, snapshots, references, maker, aliases, triggers, infos, commit_graph
        )
        self.commit_infos = infos
        self.commit_lists = CommitLists(core, lookups, references, infos)
        self.commit_sets = CommitSets(core, infos)
        self.branches = Branches(core, lookups, provenance, commits, maker, aliases, triggers)
        self.projects = Projects(core, self._permissions)
        self.repos = Repos(
            core, lookups, self._permissions, self.projects, self.branches, repo_provenance, commit_graph
        )
        self.watching = Watching(core, lookups, references, infos, self.commit_sets, repo_provenance, commit_graph)
        self.finisher = Finisher(core, lookups, snapshots, aliases, triggers, infos)
        removal_v1 = None
        if branch_graph is not None and commit_graph is not None:
            removal_v1 = RemovalV1(core, lookups, branch_graph, commit_graph)
            core.before_commit = [PropagationV1(core, lookups, branch_graph, commit_graph, maker).run]
        else:
            core.before_commit = [Propagation(core, lookups, provenance, maker, aliases).run]
        self.removal = Removal(core, lookups, commits, self.commit_sets, snapshots, removal_v1)

    def _make_pipelines(self, core: Core, lookups: Lookups) -> None:
        self.secrets, self.defaults, self.logs = Secrets(core), Defaults(core), Logs(core)
        self.checks, self.datums, self.running_datums = Checks(core), DatumRecords(core), RunningDatums()
        self.jobs = jobs = Jobs(core, lookups, self.commits)
        self.job_watching = JobWatching(core, jobs)
        first = core.profile.world == "v1"
        wiring = (WiringV1 if first else Wiring)(core, lookups, self.repos, self.branches, self.commits)
        self.pipelines = Pipelines(core, lookups, wiring, jobs, self.secrets, self.checks)
        self.lifecycle = Lifecycle(core, self.pipelines, wiring, jobs)
        self.ticks = Ticks(core, lookups, self.pipelines, wiring, self.files, self._snapshots)
        self.controller = Controller(core, self.pipelines, jobs, self.ticks)
        self.work = Work(core, lookups, jobs, self.commits, self._snapshots, self.datums, DatumResults(core))
        if first:
            core.before_commit.append(JobFollowingV1(core, lookups, jobs).run)
            return
        following = JobFollowing(core, lookups, jobs)
        core.before_commit.append(following.run)
        core.after_finishing.append(following.finished)

    def _begin(self) -> None:
        """Prepare a data folder for the first call."""
        self.reserve.renew()
        self.projects.make_default()
        self._layers.collect()
        if self.auth.active:
            self._rules.begin(self.profile[ROOT_USER])

    @property
    def words(self) -> Words:
        """How the release names repos, branches and commits."""
        return self._core.words

    def refusal(self, text: Text, **values: object) -> EngineError:
        """A refusal in the words of the release, see :meth:`.Words.refusal`."""
        return self.words.refusal(text, **values)

    def unit(self, set_id: str = "", dry_run: bool = False) -> AbstractContextManager[Unit]:
        """Make several calls one unit of work.

        :param set_id: id of commits started in it, where those made together share one (2.x).
        :param dry_run: undo everything at the end.
        """
        return self._core.unit(set_id, dry_run)

    def now(self) -> int:
        """What the clock shows, in nanoseconds since 1970."""
        return self._core.time()

    async def removing(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something that removes: on a full disk there is room kept back for it, and what it leaves is collected."""
        try:
            result = await work()
        except Exception as error:
            if not (disk_is_full(error) and self.reserve.release()):
                raise
            result = await work()
        self.reserve.renew()
        self._core.notifier.wake([REMOVED])
        return result

    @property
    def guard(self) -> Guard:
        """What callers may do: all of it, while authentication is off."""
        return self._permissions.guard

    def activate(self, token: str, admin: str = "") -> str:
        """Turn authentication on; all there is belongs to the administrator, whose token this gives.

        :param admin: the root user by default.
        """
        admin = admin or self.profile[ROOT_USER]
        token = self.auth.activate(token, admin)
        self._rules.begin(admin)
        return token

    def deactivate(self) -> None:
        """Turn authentication off: tokens, roles and groups are lost."""
        self.auth.deactivate()
        self.bindings.clear()

    @property
    def cluster_id(self) -> str:
        """The id of this server; it is kept with the data."""
        known = self._store.value(str, "SELECT value FROM meta WHERE key = 'cluster'")
        if known is not None:
            return known
        self._store.run("INSERT INTO meta VALUES ('cluster', ?)", random_id())
        return self.cluster_id

    def content(self) -> Collection[str]:
        """Hashes of all content that something refers to."""
        return self.collector.used()

    def close(self) -> None:
        """Close the database; nothing more can be asked."""
        self._store.close()


def _blobs(folder: Path | None, durable: bool, algorithm: str) -> BlobStore:
    return MemoryBlobs(algorithm) if folder is None else DirectoryBlobs(folder / BLOBS, durable, algorithm)
