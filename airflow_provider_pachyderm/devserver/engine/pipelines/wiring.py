"""The repos and branches of pipelines, and the commits of their specs."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.branches.branches import Branches
from airflow_provider_pachyderm.devserver.engine.commits.commits import Commits
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.datums.inputs import CronInput, PfsInput, leaves
from airflow_provider_pachyderm.devserver.engine.datums.specs import input_tree
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitRef
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey, Spec
from airflow_provider_pachyderm.devserver.engine.repos.repos import Repos
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups


class Wiring:
    """What a pipeline is to PFS (2.x): a repo of each type, and branches that are made from its inputs and its spec."""

    def __init__(self, core: Core, lookups: Lookups, repos: Repos, branches: Branches, commits: Commits) -> None:
        self._core = core
        self._lookups = lookups
        self._repos = repos
        self._branches = branches
        self._commits = commits

    def spec_branch(self, key: PipelineKey) -> BranchKey:
        """The branch with a commit for each version of the spec."""
        return key.spec_branch

    def inputs_of(self, key: PipelineKey, spec: Spec) -> list[PfsInput]:
        """The inputs of a spec that have files."""
        return list(leaves(input_tree(spec["input"], key.project))) if spec.get("input") else []

    def check_inputs(self, inputs: list[PfsInput]) -> None:
        """Refuse inputs whose repos are not there."""
        for leaf in inputs:
            if not isinstance(leaf, CronInput):
                self._lookups.repo(leaf.repo)

    def check_spec_commit(self, key: PipelineKey, id: str) -> None:
        """Refuse a commit of a spec, which only restoring a cluster from a backup gives."""
        with during("error inspecting spec commit"):
            self._commits.resolve(CommitRef(key.spec_branch.repo, id))
        raise EngineError("UNIMPLEMENTED", "this dev server makes the commits of specs itself; leave spec_commit out")

    def make_repos(self, key: PipelineKey, inputs: list[PfsInput]) -> None:
        """The repos of a new pipeline, and those that its clocks tick in."""
        name = self._core.words.pipeline(key)
        self._repos.create(key.repo, f"Output repo for pipeline {name}.")
        self._repos.create(key.spec_branch.repo, f"Spec repo for pipeline {name}.")
        self._repos.create(key.meta_repo, f"Meta repo for pipeline {key.name}")
        self.make_cron_repos(key, inputs)

    def make_cron_repos(self, key: PipelineKey, inputs: list[PfsInput]) -> None:
        """The repos that the clocks of a pipeline tick in; those that are there are taken."""
        for leaf in inputs:
            if isinstance(leaf, CronInput) and self._lookups.find_repo(leaf.repo) is None:
                self._repos.create(leaf.repo, f"Cron tick repo for pipeline {self._core.words.pipeline(key)}.")

    def write_spec(self, unit: Unit, key: PipelineKey) -> str:
        """Make the commit of a new version of the spec; its id."""
        commit = self._commits.start(self.spec_branch(key))
        row = self._lookups.find_commit(commit) or self._lookups.head(self.spec_branch(key))
        assert row is not None, "a commit that was started is there"
        self._commits.finish_row(unit, row)
        return row.id

    def connect(self, key: PipelineKey, spec: Spec, inputs: list[PfsInput], anew: bool = False) -> None:
        """Let the pipeline's branches follow its inputs.

        :param anew: the next commit has no parent (1.x).
        """
        for leaf in inputs:
            if leaf.trigger is not None:
                with during("could not create/update trigger branch"):
                    self._branches.create(BranchKey(leaf.repo, leaf.branch), trigger=leaf.trigger)
        provenance = [*(BranchKey(leaf.repo, leaf.branch) for leaf in inputs), key.spec_branch]
        with during("could not create/update output branch"):
            for branch in self._outputs(key, spec):
                self._branches.create(branch, provenance=provenance)

    def disconnect(self, key: PipelineKey, spec: Spec) -> None:
        """Let the pipeline's branches follow nothing."""
        for branch in self._outputs(key, spec):
            if self._lookups.find_branch(branch) is not None:
                self._branches.create(branch)

    def _outputs(self, key: PipelineKey, spec: Spec) -> list[BranchKey]:
        return [BranchKey(repo, spec["output_branch"]) for repo in (key.repo, key.meta_repo)]

    def remove(self, key: PipelineKey, inputs: list[PfsInput], force: bool, keep_repo: bool) -> None:
        """Delete the repos of a pipeline, and those of its clocks.

        :param force: also if other pipelines need them.
        :param keep_repo: not that with the output.
        """
        repos = [key.meta_repo, key.spec_branch.repo] if keep_repo else [key.repo]
        cron = [leaf.repo for leaf in inputs if isinstance(leaf, CronInput)]
        self._repos.drop([*repos, *dict.fromkeys(cron)], force)
