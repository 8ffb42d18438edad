"""What a release says: its refusals, and how it names repos, branches and commits in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_pachyderm.devserver.engine.commits.rules import COMMITS_SHOW_BRANCH
from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.jobs.model import JobKey
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitKey, RepoKey
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey
from airflow_provider_pachyderm.devserver.engine.repos.rules import NAMES_SHOW_PROJECTS, NAMES_SHOW_TYPES
from airflow_provider_pachyderm.devserver.releases.profile import Profile
from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Text

Key = RepoKey | BranchKey | CommitKey | PipelineKey | JobKey
"""What has a name that releases spell in their own ways."""


class Words:
    """The words of one release."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def refusal(self, text: Text, **values: object) -> EngineError:
        """A refusal.

        :param values: what the fields of the text stand for: texts, numbers, and keys of repos, branches and commits.
        """
        said = self._profile[text]
        return EngineError(said.code, self._filled(said.text, values), said.bare)

    def context(self, rule: Rule[str], **values: object) -> str:
        """What stands before a refusal; see :meth:`refusal`."""
        return self._filled(self._profile[rule], values)

    def _filled(self, words: str, values: dict[str, object]) -> str:
        return words.format(**{name: self._named(value) for name, value in values.items()})

    def _named(self, value: object) -> object:
        return _Named(self, value) if isinstance(value, Key) else value

    def repo(self, repo: RepoKey) -> str:
        """A repo in a sentence."""
        type = "" if repo.type == "user" or not self._profile[NAMES_SHOW_TYPES] else f".{repo.type}"
        if self._profile[NAMES_SHOW_PROJECTS]:
            return f"{repo.project}/{repo.name}{type}"
        return f"{repo.name}{type}" if repo.name else ""

    def branch(self, branch: BranchKey) -> str:
        """A branch in a sentence."""
        return f"{self.repo(branch.repo)}@{branch.name}"

    def branches(self, branches: Iterable[BranchKey]) -> str:
        """Several branches in a sentence."""
        return " ".join(map(self.branch, branches))

    def commit(self, commit: CommitKey) -> str:
        """A commit in a sentence."""
        branch = f"{commit.branch}=" if self._profile[COMMITS_SHOW_BRANCH] else ""
        return f"{self.repo(commit.repo)}@{branch}{commit.id}"

    def pipeline(self, pipeline: PipelineKey) -> str:
        """A pipeline in a sentence."""
        shown = self._profile[NAMES_SHOW_PROJECTS] and pipeline.name
        return f"{pipeline.project}/{pipeline.name}" if shown else pipeline.name

    def job(self, job: JobKey) -> str:
        """A job in a sentence."""
        return f"{self.pipeline(job.pipeline)}@{job.id}"

    def name(self, key: Key) -> str:
        """Any of them in a sentence."""
        if isinstance(key, RepoKey):
            return self.repo(key)
        if isinstance(key, BranchKey):
            return self.branch(key)
        if isinstance(key, PipelineKey):
            return self.pipeline(key)
        return self.job(key) if isinstance(key, JobKey) else self.commit(key)


class _Named:
    """A key in a text: by itself as the release names it in a sentence, and each of its parts."""

    def __init__(self, words: Words, key: Key) -> None:
        self._words = words
        self._key = key

    def __getattr__(self, part: str) -> object:
        return self._words._named(getattr(self._key, part))

    def __format__(self, spec: str) -> str:
        return self._words.name(self._key)
