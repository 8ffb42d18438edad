"""The graph of branches as 1.7 to 1.13 keep it: with all that is upstream and downstream written down.

What is written down is changed step by step, as the servers do it, and not made anew: deleted branches and loops by way
of other branches leave in it what they leave on a real server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.branches.provenance import Provenance, parse_repo
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import (
    BRANCH_LOOP,
    BRANCH_OF_ITSELF,
    OWN_PROVENANCE_IS_NAMED,
)
from airflow_provider_pachyderm.devserver.engine.model import BranchKey


@dataclass
class _Branch:
    """What is written down about a branch that is being changed; others may change it meanwhile, which is lost then."""

    key: BranchKey
    direct: list[BranchKey]
    upstream: list[BranchKey]
    downstream: list[BranchKey]


class BranchGraph(Provenance):
    """Branches by the branches they are made from, and by those that are made from them."""

    def upstream(self, branch: BranchKey) -> list[BranchKey]:
        """All that a branch was made from when it was last changed, in order of their names."""
        row = self._lookups.find_branch(branch)
        return [] if row is None else _load(row.upstream)

    def downstream(self, branch: BranchKey) -> list[BranchKey]:
        """All that is made from a branch and not deleted, in order of their names."""
        row = self._lookups.find_branch(branch)
        return [] if row is None else _load(row.downstream)

    def direct_users(self, branch: BranchKey) -> list[BranchKey]:
        """Branches that keep it from being deleted: all that are made from it."""
        return self.downstream(branch)

    def rewire(
        self, branch: BranchKey, inputs: Iterable[BranchKey], ensure: Callable[[BranchKey], None]
    ) -> list[BranchKey]:
        """Set what a branch is made from, and what follows for those that are made from it.

        :param ensure: makes a branch if it is not there.
        :returns: the branches that were looked at.
        """
        direct = sorted(dict.fromkeys(inputs), key=_order)
        if branch in direct and self._core.profile[OWN_PROVENANCE_IS_NAMED]:
            raise self._core.refusal(BRANCH_OF_ITSELF, branch=branch)
        self.replace(branch, direct)
        changed = [self._loaded(key) for key in (branch, *self.downstream(branch))]
        for one in sorted(changed, key=lambda one: len(one.upstream)):
            self._rewire_one(one, ensure)
        return [one.key for one in changed]

    def _loaded(self, key: BranchKey) -> _Branch:
        self._lookups.branch(key)
        return _Branch(key, self.direct(key), self.upstream(key), self.downstream(key))

    def _rewire_one(self, one: _Branch, ensure: Callable[[BranchKey], None]) -> None:
        before, one.upstream = one.upstream, []
        for source in one.direct:
            self._add(one, source, ensure)
            for above in self.upstream(source):
                self._add(one, above, ensure)
        self._write(one.key, "upstream", one.upstream)
        self._write(one.key, "downstream", one.downstream)
        for gone in before:
            if gone not in one.upstream:
                self._drop_downstream(gone, one.key)

    def _add(self, one: _Branch, source: BranchKey, ensure: Callable[[BranchKey], None]) -> None:
        if source == one.key:
            raise self._core.refusal(BRANCH_LOOP, branch=one.key, through=source)
        one.upstream = sorted({*one.upstream, source}, key=_order)
        ensure(source)
        self._write(source, "downstream", sorted({*self.downstream(source), one.key}, key=_order))

    def _drop_downstream(self, branch: BranchKey, gone: BranchKey) -> None:
        if self._lookups.find_branch(branch) is not None:
            self._write(branch, "downstream", [key for key in self.downstream(branch) if key != gone])

    def _write(self, branch: BranchKey, column: str, keys: Iterable[BranchKey]) -> None:
        text = json.dumps([[key.repo.path, key.name] for key in keys])
        self._store.run(f"UPDATE branches SET {column} = ? WHERE path = ?", text, branch.path)

    def forget(self, branch: BranchKey) -> None:
        """A branch is being deleted: what it is made from does not lead to it any more; what is made from it does."""
        for source in self.upstream(branch):
            self._drop_downstream(source, branch)


def _load(text: str) -> list[BranchKey]:
    return [BranchKey(parse_repo(repo), name) for repo, name in json.loads(text)]


def _order(key: BranchKey) -> str:
    return f"{key.repo.name}/{key.name}"
