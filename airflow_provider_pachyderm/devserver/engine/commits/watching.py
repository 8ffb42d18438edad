"""Waiting for commits: InspectCommit and InspectCommitSet that wait, SubscribeCommit, FlushCommit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import FLUSH_BY_REPO
from airflow_provider_pachyderm.devserver.engine.commits.commit_sets import CommitSets
from airflow_provider_pachyderm.devserver.engine.commits.graph_v1 import CommitGraph
from airflow_provider_pachyderm.devserver.engine.commits.infos import CommitInfos
from airflow_provider_pachyderm.devserver.engine.commits.listing import fits
from airflow_provider_pachyderm.devserver.engine.commits.references import References
from airflow_provider_pachyderm.devserver.engine.commits.rules import (
    COMMIT_DELETED,
    COMMITS_BY_BRANCH,
    INSPECTING_COMMIT,
)
from airflow_provider_pachyderm.devserver.engine.commits.watch_rules import (
    FLUSH_LOOKS_AGAIN,
    FLUSH_WAITS_FOR_INPUT,
    SUBSCRIBE_FROM,
    SUBSCRIBE_NEEDS_REPO,
    SUBSCRIBE_NO_BRANCH,
    WAITS_FOR_FINISHING,
)
from airflow_provider_pachyderm.devserver.engine.core import Core, repo_key
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.model import (
    BranchKey,
    CommitInfo,
    CommitKey,
    CommitRef,
    Origin,
    RepoKey,
    State,
)
from airflow_provider_pachyderm.devserver.engine.repos.repo_provenance import RepoProvenance
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow, RepoRow


class Watching:
    """Coroutines that sleep until a commit has come far enough."""

    def __init__(
        self,
        core: Core,
        lookups: Lookups,
        references: References,
        infos: CommitInfos,
        commit_sets: CommitSets,
        repo_provenance: RepoProvenance,
        graph: CommitGraph | None,
    ) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._references = references
        self._infos = infos
        self._commit_sets = commit_sets
        self._graph = graph
        self._repo_provenance = repo_provenance

    async def inspect(self, ref: CommitRef, state: State = State.STARTED) -> CommitInfo:
        """InspectCommit: wait until the commit has reached a state."""
        with self._core.during(INSPECTING_COMMIT):
            num = self._references.resolve(ref).num
            return await self._reached(num, state, ref.repo)

    async def finished(self, ref: CommitRef) -> None:
        """Wait until a commit that is to be read is finished, if it is not open any more (2.x)."""
        row = self._references.find_any(ref)
        if row is not None and row.finishing is not None and row.finished is None:
            await self._reached(row.num, State.FINISHED, ref.repo)

    async def _reached(self, num: int, state: State, repo: RepoKey) -> CommitInfo:
        row = self._lookups.commit_by_num(num)
        key = self._lookups.commit_key(row) if row is not None else CommitKey(repo, "")
        while row is not None and not self._has_reached(row, state):
            if row.finishing is not None:
                self._core.awaited.set()
            await self._core.notifier.wait(self._keys(row))
            row = self._lookups.commit_by_num(num)
            if row is not None and num in self._core.as_finished and self._has_reached(row, state):
                return self._core.as_finished[num]
        if row is None:
            raise self._core.refusal(COMMIT_DELETED, commit=key)
        return self._infos.info(row)

    def _has_reached(self, row: CommitRow, state: State) -> bool:
        if state is State.FINISHED:
            return row.finished is not None
        if state is State.FINISHING:
            return row.finishing is not None or not self._core.profile[WAITS_FOR_FINISHING]
        return state is State.STARTED or not self._unfinished_inputs(row.num)

    def _unfinished_inputs(self, num: int) -> list[CommitRow]:
        return self._store.all(
            CommitRow,
            "SELECT c.* FROM commit_provenance p JOIN commits c ON c.num = p.input "
            "WHERE p.downstream = ? AND c.finished IS NULL",
            num,
        )

    def _keys(self, row: CommitRow) -> Iterable[str]:
        """What to sleep on for a commit: its repo and those of its inputs."""
        repos = {one.repo for one in (row, *self._unfinished_inputs(row.num))}
        return [repo_key(self._lookups.repo_of(num)) for num in repos]

    async def inspect_set(self, set_id: str) -> AsyncIterator[CommitInfo]:
        """InspectCommitSet that waits: each commit when it is finished, those first that are.

        Up to 2.5 in their order, and also commits that came to the set meanwhile.
        """
        sent: set[int] = set()
        while rest := [info for info in self._commit_sets.inspect(set_id) if info.num not in sent]:
            if self._core.profile[COMMITS_BY_BRANCH]:
                del rest[1:]
            for info in sorted(rest, key=lambda info: info.finished is None):
                sent.add(info.num)
                yield await self._reached(info.num, State.FINISHED, info.key.repo)
            if not self._core.profile[COMMITS_BY_BRANCH]:
                return

    async def subscribe(
        self,
        repo: RepoKey,
        branch: str = "",
        start: CommitRef | None = None,
        state: State = State.STARTED,
        origin: Origin | None = None,
        aliases: bool = False,
        wanted: Callable[[CommitInfo], bool] = lambda info: True,
    ) -> AsyncIterator[CommitInfo]:
        """SubscribeCommit: all commits of a branch in the order they were made, each once it has reached a state.

        :param branch: empty means all branches.
        :param aliases: also ALIAS commits, which are left out if no origin is asked for.
        :param start: left out (its ancestors are not).
        """
        if start is not None and start.repo != repo:
            raise refused(f"the `from` commit needs to be from repo {self._core.words.repo(repo)}")
        if not branch and self._core.profile[SUBSCRIBE_NO_BRANCH] == "refused":
            raise refused("cannot resolve commit with no ID or branch")
        if branch and self._core.profile[SUBSCRIBE_FROM] != "it":
            async for info in self._heads(BranchKey(repo, branch), start, state):
                yield info
            return
        lives = self._repo_row(repo)
        latest, skipped = 0, start.id if start is not None else ""
        while True:
            row = self._next(repo, branch, latest)
            if row is None:
                await self._core.notifier.wait([repo_key(repo)])
                self._check_lives(lives, latest)
                continue
            latest = row.num
            if not branch and not self._core.profile[SUBSCRIBE_NO_BRANCH]:
                continue
            if row.id != skipped and fits(row, origin, aliases):
                info = await self._reached(row.num, state, repo)
                if wanted(info):
                    yield info

    async def _heads(self, branch: BranchKey, start: CommitRef | None, state: State) -> AsyncIterator[CommitInfo]:
        """Before 1.9.6: the history of the head, then whatever becomes the head and was not sent yet."""
        waiting, seen = self._history_of(branch, start)
        latest = self._store.value(int, "SELECT max(num) FROM commits") or 0
        while True:
            for row in waiting:
                seen.add(row.num)
                yield await self._reached(row.num, state, branch.repo)
            waiting = [row for row in self._heads_since(branch, latest) if row.num not in seen]
            latest = max([latest, *(row.num for row in waiting)])
            if not waiting:
                await self._core.notifier.wait([repo_key(branch.repo)])

    def _history_of(self, branch: BranchKey, start: CommitRef | None) -> tuple[list[CommitRow], set[int]]:
        """What a subscription begins with, oldest first (only the head without ``start``), and what it leaves out."""
        head = self._lookups.head(branch)
        if start is None:
            return self._oldest_first(head), set()
        try:
            stop = self._references.resolve(start).num
        except EngineError:
            return self._oldest_first(head, None if head is None else head.parent), set()
        if self._core.profile[SUBSCRIBE_FROM] == "head":
            # not in the history, but as the head it comes
            return self._oldest_first(head, stop), set()
        return self._oldest_first(head, stop), {stop}

    def _oldest_first(self, row: CommitRow | None, stop: int | None = None) -> list[CommitRow]:
        return self._lookups.line(row, stop)[::-1]

    def _heads_since(self, branch: BranchKey, latest: int) -> list[CommitRow]:
        """Commits that were made on a branch, or that it was moved to."""
        made = self._store.all(
            CommitRow,
            "SELECT c.* FROM commits c JOIN repos r ON r.num = c.repo "
            "WHERE r.path = ? AND c.branch_name = ? AND c.num > ? ORDER BY c.num",
            branch.repo.path, branch.name, latest,
        )  # fmt: skip
        head = self._lookups.head(branch)
        return made if head is None or head.num in {one.num for one in made} else [*made, head]

    def _repo_row(self, repo: RepoKey) -> RepoRow | None:
        """The repo's row where a subscription lives and dies with the repo."""
        if not self._core.profile[SUBSCRIBE_NEEDS_REPO]:
            return None
        row = self._lookups.find_repo(repo)
        if row is None:
            words = f"repo (id=0, project={repo.project}, name={repo.name}, type={repo.type}) not found"
            raise refused(f"get repo ID: {words}", "NOT_FOUND")
        return row

    def _check_lives(self, row: RepoRow | None, latest: int) -> None:
        if row is not None and not self._store.exists("SELECT 1 FROM repos WHERE num = ?", row.num):
            raise refused(f"commit (int_id={latest}, commit_id=) not found", "NOT_FOUND")

    def _next(self, repo: RepoKey, branch: str, latest: int) -> CommitRow | None:
        return self._store.one(
            CommitRow,
            "SELECT c.* FROM commits c JOIN repos r ON r.num = c.repo WHERE r.path = ? AND c.num > ? "
            "AND (? = '' OR c.branch_name = ?) ORDER BY c.num LIMIT 1",
            repo.path, latest, branch, branch,
        )  # fmt: skip

    async def flush(self, refs: Iterable[CommitRef], repos: Iterable[RepoKey] = ()) -> AsyncIterator[CommitInfo]:
        """FlushCommit (1.x): what is made from all of these commits, each when it is finished.

        :param repos: only commits of these repos.
        """
        inputs = [self._references.resolve(ref) for ref in refs]
        if not inputs:
            raise refused("fromCommits cannot be empty")
        if self._core.profile[FLUSH_BY_REPO]:
            async for info in self._flush_by_repo(inputs, {*repos}):
                yield info
            return
        async for info in self._flush_ranges(inputs, {repo.path for repo in repos}):
            yield info
        for row in inputs if self._core.profile[FLUSH_WAITS_FOR_INPUT] else ():
            await self._reached(row.num, State.FINISHED, self._lookups.repo_of(row.repo))

    async def _flush_ranges(self, inputs: list[CommitRow], only: set[str]) -> AsyncIterator[CommitInfo]:
        """The newest commit of each range that all of these have, when it is finished."""
        assert self._graph is not None  # asked for in 1.x only
        first, *others = [self._graph.upper_ends(row) for row in inputs]
        waiting = [end for end in first if all(end in ends for ends in others)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            end = waiting.pop(0)
            row = self._graph.find(*end)
            if end in seen or row is None or (only and end[0] not in only):
                continue
            seen.add(end)
            yield await self._reached(row.num, State.FINISHED, self._lookups.repo_of(row.repo))
            after = self._lookups.commit_by_num(row.num)
            if self._core.profile[FLUSH_LOOKS_AGAIN] and after is not None:
                waiting += self._graph.upper_ends(after)

    async def _flush_by_repo(self, inputs: list[CommitRow], only: set[RepoKey]) -> AsyncIterator[CommitInfo]:
        """One commit of each repo downstream (up to 1.6), as soon as it is there; open or not."""
        rows = self._repo_provenance.downstream(self._lookups.repo_of(row.repo) for row in inputs)
        waiting = [row.num for row in rows if not only or row.key in only]
        while waiting:
            common = set.intersection(*(self._downstream(row.num) for row in inputs))
            found = {row.repo: row for row in map(self._lookups.commit, sorted(common))}
            for repo in [repo for repo in waiting if repo in found]:
                waiting.remove(repo)
                yield self._infos.info(found[repo])
            if waiting:
                await self._core.notifier.wait([repo_key(self._lookups.repo_of(num)) for num in waiting])

    def _downstream(self, num: int) -> set[int]:
        return set(self._store.values(int, "SELECT downstream FROM commit_provenance WHERE input = ?", num))
