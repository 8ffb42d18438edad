"""What was made from what, for servers that only say what each commit was made from directly."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.client._models import Commit, CommitInfo


def made_from(commits: Iterable[Commit], infos: Iterable[CommitInfo]) -> list[CommitInfo]:
    """Choose the commits in repos of users that were made, directly or not, from every one of ``commits``."""
    upstream = _Upstream(infos)
    sources = set(map(_bare, commits))
    return [
        info for info in upstream.infos.values() if info.commit.repo.type == "user" and sources <= upstream.of(info)
    ]


class _Upstream:
    def __init__(self, infos: Iterable[CommitInfo]) -> None:
        self.infos = {_bare(info.commit): info for info in infos}
        self._found: dict[Commit, set[Commit]] = {}

    def of(self, info: CommitInfo) -> set[Commit]:
        """Find all that a commit was made from."""
        commit = _bare(info.commit)
        if commit not in self._found:
            self._found[commit] = found = {_bare(source) for source in info.provenance}
            for source in list(found):
                if source in self.infos:
                    found |= self.of(self.infos[source])
        return self._found[commit]


def _bare(commit: Commit) -> Commit:
    """Leave out the branch, which not all servers send everywhere."""
    return Commit(commit.repo, id=commit.id)
