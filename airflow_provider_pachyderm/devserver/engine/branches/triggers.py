"""Branches that move to the head of another one of their repo when enough has come there (1.11.4 and later)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from airflow_provider_pachyderm.devserver.engine.branches.cron import BadCron, Cron
from airflow_provider_pachyderm.devserver.engine.branches.trigger_rules import (
    CRON_NEVER,
    FINISHED_TRIGGERS_OWN_BRANCH,
    RATE_LIMIT_IS_CALLED,
    TRIGGER_NEEDS_BRANCH,
    TRIGGER_SKIPS_ROOT,
    TRIGGERS_SEEN_AS_OLDEST,
)
from airflow_provider_pachyderm.devserver.engine.clock import utc
from airflow_provider_pachyderm.devserver.engine.commits.aliases import Aliases
from airflow_provider_pachyderm.devserver.engine.commits.making import CommitMaker
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMITS_BY_BRANCH
from airflow_provider_pachyderm.devserver.engine.core import TIMED, Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import NeverAnswers, refused
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, Origin, Trigger
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import BranchRow, CommitRow

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?", re.IGNORECASE)


class Triggers:
    """Triggers of branches."""

    def __init__(self, core: Core, lookups: Lookups, maker: CommitMaker, aliases: Aliases) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._maker = maker
        self._aliases = aliases

    def of(self, branch: BranchRow) -> Trigger | None:
        """The trigger of a branch, by its row."""
        return Trigger(**json.loads(branch.moves_on)) if branch.moves_on else None

    def followers(self, branch: BranchKey) -> list[BranchKey]:
        """Branches whose triggers follow a branch, oldest first."""
        rows = self._store.all(
            BranchRow,
            "SELECT b.* FROM branches b JOIN repos r ON r.num = b.repo WHERE r.path = ? "
            "AND b.moves_on != '' ORDER BY b.num",
            branch.repo.path,
        )
        return [
            self._lookups.branch_key(row) for row in rows if (t := self.of(row)) is not None and t.branch == branch.name
        ]

    def forget(self, branch: BranchKey) -> None:
        """A branch was deleted: those that followed it do not any more."""
        for key in self.followers(branch):
            self._store.run("UPDATE branches SET moves_on = '' WHERE path = ?", key.path)

    def check(self, branch: BranchKey, trigger: Trigger) -> None:
        """Refuse a trigger that makes no sense."""
        if not trigger.branch:
            raise refused("triggers must specify a branch to trigger on")
        if trigger.rate_limit:
            self._check_cron(trigger.rate_limit, self._core.profile[RATE_LIMIT_IS_CALLED])
        if trigger.size:
            _bytes(trigger.size)
        if trigger.commits < 0:
            raise refused("can't trigger on a negative number of commits")
        if trigger.cron:
            self._check_cron(trigger.cron, "cron spec")
        self._check_no_loop(branch, trigger)

    def _check_cron(self, spec: str, name: str) -> None:
        try:
            if Cron.parse(spec).never and not self._core.profile[CRON_NEVER]:
                raise BadCron(f"Unrecognized descriptor: {spec}")
        except BadCron as error:
            raise refused(f"invalid trigger {name}: {error}") from error

    def _check_no_loop(self, branch: BranchKey, trigger: Trigger) -> None:
        if self._core.profile[TRIGGERS_SEEN_AS_OLDEST]:
            self._check_oldest(branch, trigger)
            return
        seen = {branch.name}
        following: Trigger | None = trigger
        while following is not None:
            if following.branch in seen:
                raise refused("triggers cannot form a loop")
            seen.add(following.branch)
            row = self._lookups.find_branch(BranchKey(branch.repo, following.branch))
            following = None if row is None else self.of(row)

    def _check_oldest(self, branch: BranchKey, trigger: Trigger) -> None:
        """Up to 2.5 the oldest branch is taken for every one of its repo, so that the look for loops may not end."""
        sql = "SELECT b.* FROM branches b JOIN repos r ON r.num = b.repo WHERE r.path = ? ORDER BY b.num"
        rows = self._store.all(BranchRow, sql, branch.repo.path)
        names, oldest = {row.name for row in rows}, self.of(rows[0]) if rows else None
        seen: set[str] = set()
        following = trigger.branch
        while following != branch.name:
            if following not in names or oldest is None:
                return
            if following in seen:
                raise NeverAnswers
            seen.add(following)
            following = oldest.branch
        raise refused("triggers cannot form a loop")

    def set(self, unit: Unit, branch: BranchKey, trigger: Trigger) -> None:
        """Give a branch a trigger."""
        followed = BranchKey(branch.repo, trigger.branch)
        if self._core.profile[TRIGGER_NEEDS_BRANCH] and self._lookups.find_branch(followed) is None:
            missing = f"branch (id=0, branch={self._core.words.branch(followed)}) not found"
            raise refused(f"create branch: updating branch trigger: {missing}", "NOT_FOUND")
        num = self._lookups.branch(branch).num
        self._store.run("UPDATE branches SET moves_on = ? WHERE num = ?", json.dumps(asdict(trigger)), num)
        unit.touched.add(TIMED)

    def follow(self, row: BranchRow, trigger: Trigger) -> bool:
        """Move a branch to the head of the one that it follows, whatever that is; False if there is none."""
        repo = self._lookups.repo_of(row.repo)
        followed = self._lookups.find_branch(BranchKey(repo, trigger.branch))
        if followed is None:
            return False
        with self._core.unit() as unit:
            unit.touch(repo)
            self._maker.point(unit, row, self._lookups.commit_by_num(followed.head))
        return True

    def fire(self, unit: Unit, commit: CommitRow) -> None:
        """A commit was finished: move the branches that were waiting for it, and those that wait for these."""
        if self._core.profile.world == "v1":
            self._fire_v1(unit, commit)
            return
        sql = "SELECT * FROM branches WHERE repo = ? AND moves_on != '' ORDER BY num"
        waiting = self._store.all(BranchRow, sql, commit.repo)
        heads = {commit.branch_name: commit}
        if self._core.profile[COMMITS_BY_BRANCH]:
            self._fire_once(unit, {row.name: row for row in waiting}, heads)
            return
        moved = True
        while moved:
            moved = False
            for row in waiting:
                trigger = self.of(row)
                if trigger is None or trigger.cron or row.name in heads or trigger.branch not in heads:
                    continue
                if self._is_enough(trigger, self._lookups.commit_by_num(row.head), heads[trigger.branch]):
                    heads[row.name] = self._move(unit, row, heads[trigger.branch])
                    moved = True

    def _fire_v1(self, unit: Unit, commit: CommitRow) -> None:
        """In 1.x all branches that are at the commit trigger others, by name; each is asked once."""
        sql = "SELECT * FROM branches WHERE repo = ?"
        rows = {row.name: row for row in self._store.all(BranchRow, sql, commit.repo)}
        heads = {name for name, row in rows.items() if row.head == commit.num}
        heads |= {commit.branch_name} if self._core.profile[FINISHED_TRIGGERS_OWN_BRANCH] else set()
        asked: set[str] = set()

        def ask(name: str) -> None:
            trigger = self.of(rows[name]) if name in rows and name not in asked else None
            asked.add(name)
            if trigger is None:
                return
            ask(trigger.branch)
            old = self._lookups.commit_by_num(rows[name].head)
            if trigger.branch in heads and self._is_enough(trigger, old, commit):
                self._maker.point(unit, rows[name], commit)
                heads.add(name)

        for name in sorted(rows):
            ask(name)

    def _fire_once(self, unit: Unit, waiting: Mapping[str, BranchRow], done: Mapping[str, CommitRow]) -> None:
        """Up to 2.5 a branch sees others move that are older than it, but not those that move for its sake."""
        heads: dict[str, CommitRow | None] = {**done}

        def visit(name: str) -> CommitRow | None:
            if name in heads:
                return heads[name]
            heads[name] = None
            row = waiting.get(name)
            trigger = None if row is None else self.of(row)
            if row is not None and trigger is not None:
                new = visit(trigger.branch)
                if new is not None and self._is_enough(trigger, self._lookups.commit_by_num(row.head), new):
                    heads[name] = self._move(unit, row, new)
            return None

        for name in waiting:
            visit(name)

    def _move(self, unit: Unit, branch: BranchRow, commit: CommitRow) -> CommitRow:
        key = self._lookups.branch_key(branch)
        if not self._core.profile[COMMITS_BY_BRANCH]:
            self._maker.point(unit, branch, commit)
            return commit
        self._aliases.make(unit, key, commit)
        return self._lookups.head(key) or commit

    def _is_enough(self, trigger: Trigger, old: CommitRow | None, new: CommitRow) -> bool:
        conditions = []
        if trigger.size:
            conditions.append(new.size - (old.size if old is not None else 0) >= _bytes(trigger.size))
        if trigger.rate_limit:
            due = Cron.parse(trigger.rate_limit).after(_time(old))
            conditions.append(due is not None and due < _time(new))
        if trigger.commits:
            conditions.append(self._count(old, new, trigger.commits) == trigger.commits)
        return all(conditions) if trigger.all else any(conditions)

    def _count(self, old: CommitRow | None, new: CommitRow, limit: int) -> int:
        """How many commits there are from one to another, which comes earlier; no more than a limit."""
        count = 0
        row: CommitRow | None = new
        while count < limit and row is not None and (old is None or row.id != old.id):
            is_given = row.parent is None and row.origin == Origin.AUTO.value
            count += not (is_given and self._core.profile[TRIGGER_SKIPS_ROOT])
            row = self._lookups.commit_by_num(row.parent)
        return count


def _time(commit: CommitRow | None) -> datetime:
    """When a commit was finished; long ago, if there is none."""
    return utc(0 if commit is None else commit.finishing or 0)


def _bytes(size: str) -> int:
    """A size such as ``100MB``, in steps of 1000."""
    match = _SIZE.fullmatch(size)
    if match is None:
        raise refused(f"invalid trigger size: invalid size: '{size}'")
    return int(float(match[1]) * 1000 ** " kmgtp".index(match[2].lower() or " "))
