"""What all parts of the engine share: the store, the rules, the clock, ids, and units of work."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from airflow_provider_pachyderm.devserver.engine.clock import Clock
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during
from airflow_provider_pachyderm.devserver.engine.ids import Ids, random_id
from airflow_provider_pachyderm.devserver.engine.model import CommitInfo, RepoKey
from airflow_provider_pachyderm.devserver.engine.notify import Notifier
from airflow_provider_pachyderm.devserver.engine.words import Words
from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Text

if TYPE_CHECKING:
    from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow
    from airflow_provider_pachyderm.devserver.engine.store.sqlite import Store
    from airflow_provider_pachyderm.devserver.releases.profile import Profile

FINISHING = "finishing"
"""Key that is woken when a commit waits for the finisher."""

TIMED = "timed"
"""Key that is woken when a branch may have got a timetable."""


class Cache(Protocol):
    """Something that is kept in memory of what the database has."""

    def forget(self) -> None:
        """Keep nothing."""


@dataclass
class Unit:
    """One unit of work: everything in it happens or nothing does.

    :param set_id: id of all commits started in it, where commits of a set share one.
    :param began: when it began, which is when all that it makes was made in the eyes of 1.x.
    :param touched: keys to wake afterwards, see :func:`repo_key`.
    :param moved: branches whose heads or provenance changed, for propagation.
    """

    set_id: str
    began: int = 0
    touched: set[str] = field(default_factory=set)
    moved: dict[int, None] = field(default_factory=dict)

    def touch(self, repo: RepoKey) -> None:
        """Something about this repo changed."""
        self.touched.add(repo_key(repo))


def repo_key(repo: RepoKey) -> str:
    """The key on which to wait for changes of a repo."""
    return f"repo {repo.path}"


class Core:
    """Shared by the parts of one engine.

    :param clock: the time.
    :param new_id: ids of commits and transactions.
    """

    def __init__(
        self,
        store: Store,
        profile: Profile,
        clock: Clock = time.time_ns,
        new_id: Ids = random_id,
    ) -> None:
        self.store = store
        self.profile = profile
        self.words = Words(profile)
        self.new_id = new_id
        self.notifier = Notifier()
        self.before_commit: list[Callable[[Unit], None]] = []
        """What else is done at the end of a unit of work, before it holds."""
        self.after_finishing: list[Callable[[Unit, CommitRow], None]] = []
        """What else is done when a commit that was closed is finished (2.x)."""
        self.awaited = asyncio.Event()
        """Set when somebody waits for a commit that was closed to be finished."""
        self.as_finished: OrderedDict[int, CommitInfo] = OrderedDict()
        """How the last commits were when they were finished, which those are told who waited for it (up to 2.5)."""
        self.caches: list[Cache] = []
        """What is kept in memory of the database."""
        self._clock = clock
        self._latest = 0
        self._unit: Unit | None = None

    def time(self) -> int:
        """What the clock shows, in nanoseconds since 1970."""
        return self._clock()

    def now(self) -> int:
        """The time of something that happens, never twice the same."""
        self._latest = max(self.time(), self._latest + 1)
        return self._latest

    def refusal(self, text: Text, **values: object) -> EngineError:
        """A refusal in the words of the release, see :meth:`.Words.refusal`."""
        return self.words.refusal(text, **values)

    def during(self, context: Rule[str], **values: object) -> AbstractContextManager[None]:
        """Prefix refusals as the release does in a step, see :meth:`.Words.context`."""
        return during(self.words.context(context, **values))

    @contextmanager
    def unit(self, set_id: str = "", dry_run: bool = False) -> Iterator[Unit]:
        """A unit of work; inside another one it is a part of that.

        :param set_id: id of commits started in it; fresh by default.
        :param dry_run: undo everything at the end.
        """
        if self._unit is not None:
            yield self._unit
            return
        self._unit = unit = Unit(set_id or self.new_id(), self.now())
        self.store.run("BEGIN IMMEDIATE")
        try:
            yield unit
            for step in self.before_commit:
                step(unit)
            self._end(dry_run)
        except BaseException:
            self._end(dry_run=True)
            raise
        finally:
            self._unit = None
        if not dry_run:
            self.notifier.wake(unit.touched)

    def _end(self, dry_run: bool) -> None:
        if not dry_run:
            self.store.run("COMMIT")
        elif self.store.in_transaction:
            self.store.run("ROLLBACK")
            self.forget()

    def forget(self) -> None:
        """Keep nothing in memory of what the database has."""
        for cache in self.caches:
            cache.forget()
