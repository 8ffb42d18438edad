"""What the server answers about a commit."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.devserver.engine.branches.provenance import parse_repo
from airflow_provider_pachyderm.devserver.engine.branches.provenance_rules import (
    INPUTS_OUTLIVE_REPO,
    PROVENANCE_OUTLIVES,
)
from airflow_provider_pachyderm.devserver.engine.commits.graph_v1 import CommitGraph
from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMITS_BY_BRANCH, DETAILS
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.model import CommitInfo, CommitKey, CommitLink, Origin
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.rows import CommitRow, ProvenanceRow


class CommitInfos:
    """Describes commits.

    :param graph: what commits know of those that are made from them (1.x).
    """

    def __init__(self, core: Core, lookups: Lookups, graph: CommitGraph | None) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._graph = graph

    def info(self, row: CommitRow) -> CommitInfo:
        """All that is known about a commit."""
        itself = self._link(row)
        parent = self._lookups.commit_by_num(row.parent)
        children = self._store.all(CommitRow, "SELECT * FROM commits WHERE parent = ? ORDER BY num", row.num)
        return CommitInfo(
            num=row.num,
            key=itself.key,
            branch=itself.branch,
            parent=None if parent is None else self._lookups.commit_key(parent),
            children=tuple(map(self._link, children)),
            origin=Origin(row.origin),
            description=row.description,
            started=row.started,
            finishing=row.finishing,
            finished=row.finished,
            error=row.error,
            size=row.size,
            validated=bool(row.validated),
            detailed=self._is_detailed(row),
            created=row.created,
            updated=row.updated,
            provenance=tuple(self._provenance(row)),
            subvenance=() if self._graph is not None else tuple(self._subvenance(row)),
            ranges=() if self._graph is None else tuple(self._graph.ranges(row)),
            counted=(row.downstream_total, row.downstream_finished, row.downstream_failed),
        )

    def _is_detailed(self, row: CommitRow) -> bool:
        rule = self._core.profile[DETAILS]
        if rule == "always" or row.finished is not None:
            return rule == "always" or not _failed(row)
        return rule == "started" and row.origin == Origin.USER.value

    def _link(self, row: CommitRow) -> CommitLink:
        key = self._lookups.commit_key(row)
        return CommitLink(key, key.branch or self._lookups.branch_name(row))

    def _provenance(self, row: CommitRow) -> Iterable[CommitLink]:
        found = map(self._input, self._lookups.provenance(row.num))
        return (link for link in found if link is not None)

    def _input(self, row: ProvenanceRow) -> CommitLink | None:
        """A commit that another one is made from; None if it is gone, and is not named any more."""
        if self._core.profile[PROVENANCE_OUTLIVES] or self._core.profile[COMMITS_BY_BRANCH]:
            return CommitLink(CommitKey(parse_repo(row.repo), row.id), row.branch_name)
        if row.input is None and self._core.profile[INPUTS_OUTLIVE_REPO]:
            return CommitLink(CommitKey(parse_repo(row.repo), row.id, row.branch_name), row.branch_name)
        source = self._lookups.commit_by_num(row.input)
        return None if source is None else self._link(source)

    def _subvenance(self, row: CommitRow) -> Iterable[CommitLink]:
        rows = self._store.all(
            CommitRow,
            "SELECT c.* FROM commit_provenance p JOIN commits c ON c.num = p.downstream "
            "WHERE p.input = ? ORDER BY c.num",
            row.num,
        )
        return map(self._link, rows)


def _failed(row: CommitRow) -> bool:
    """Whether a commit was finished with an error, so that nothing was looked at."""
    return bool(row.error) and not row.validated
