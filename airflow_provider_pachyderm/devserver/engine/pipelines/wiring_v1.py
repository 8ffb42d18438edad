"""The repos and branches of pipelines of 1.x, whose specs all are in one hidden repo."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.datums.inputs import CronInput, PfsInput
from airflow_provider_pachyderm.devserver.engine.errors import during
from airflow_provider_pachyderm.devserver.engine.model import SPECS, BranchKey, CommitRef
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey, Spec
from airflow_provider_pachyderm.devserver.engine.pipelines.wiring import Wiring


class WiringV1(Wiring):
    """What a pipeline is to PFS: a repo with a branch that is made from its inputs and a branch of ``__spec__``."""

    def spec_branch(self, key: PipelineKey) -> BranchKey:
        """A branch of the repo that all pipelines share."""
        return BranchKey(SPECS, key.name)

    def make_repos(self, key: PipelineKey, inputs: list[PfsInput]) -> None:
        """The repo of a new pipeline, which may be there, and those that its clocks tick in."""
        self._repos.create(key.repo, f"Output repo for pipeline {key.name}.", update=True)
        if self._lookups.find_repo(SPECS) is None:
            self._repos.create(SPECS)
        self.make_cron_repos(key, inputs)

    def connect(self, key: PipelineKey, spec: Spec, inputs: list[PfsInput], anew: bool = False) -> None:
        """Let the pipeline's branch follow its inputs.

        :param anew: its next commit has no parent.
        """
        for leaf in inputs:
            if leaf.trigger is not None:
                with during("could not create/update trigger branch"):
                    self._branches.create(BranchKey(leaf.repo, leaf.branch), trigger=leaf.trigger)
        provenance = [*(BranchKey(leaf.repo, leaf.branch) for leaf in inputs), self.spec_branch(key)]
        branch = BranchKey(key.repo, spec["output_branch"])
        with during("could not create/update output branch"):
            self._branches.create(branch, None if anew else self._head(branch), provenance)

    def disconnect(self, key: PipelineKey, spec: Spec) -> None:
        """Let the pipeline's branch follow nothing."""
        branch = BranchKey(key.repo, spec["output_branch"])
        if self._lookups.find_branch(branch) is not None:
            self._branches.create(branch, self._head(branch))

    def _head(self, branch: BranchKey) -> CommitRef | None:
        """Where a branch is, to leave it there: without a head it would lose the one that it has."""
        return None if self._lookups.head(branch) is None else CommitRef(branch.repo, branch.name)

    def remove(self, key: PipelineKey, inputs: list[PfsInput], force: bool, keep_repo: bool) -> None:
        """Delete the repo of a pipeline, those of its clocks, and its branch of specs."""
        cron = [leaf.repo for leaf in inputs if isinstance(leaf, CronInput)]
        if not keep_repo:
            self._repos.drop([key.repo, *dict.fromkeys(cron)], force)
        if self._lookups.find_branch(self.spec_branch(key)) is not None:
            self._branches.delete(self.spec_branch(key), force=True)
