"""How pipelines are stopped, started and deleted."""

from __future__ import annotations

import json
from collections.abc import Collection

from airflow_provider_pachyderm.devserver.engine.commits.names import split_ancestry
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import during
from airflow_provider_pachyderm.devserver.engine.jobs.jobs import Jobs
from airflow_provider_pachyderm.devserver.engine.jobs.rules import PAUSED_REASON
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey
from airflow_provider_pachyderm.devserver.engine.pipelines.pipelines import PIPELINES, Pipelines
from airflow_provider_pachyderm.devserver.engine.pipelines.rules import (
    JOBS_END_WHEN_STOPPED,
    MISSING_IS_STOPPED,
    NAMING_PIPELINE_TO_STOP,
    STOPPED_BEFORE_DELETE,
    UNKNOWN_USER,
)
from airflow_provider_pachyderm.devserver.engine.pipelines.wiring import Wiring


class Lifecycle:
    """Stops, starts, reruns and deletes existing pipelines."""

    def __init__(self, core: Core, pipelines: Pipelines, wiring: Wiring, jobs: Jobs) -> None:
        self._core = core
        self._store = core.store
        self._pipelines = pipelines
        self._wiring = wiring
        self._jobs = jobs

    def stop(self, key: PipelineKey, must_exist: bool = True, user: str = "") -> None:
        """StopPipeline: no new jobs are created, and open ones end (2.x).

        :param must_exist: refuse a pipeline that does not exist; otherwise nothing happens.
        """
        if not must_exist and self._core.profile[MISSING_IS_STOPPED] and self._pipelines.find(key) is None:
            return
        info = self._pipelines.inspect(key)
        with self._core.unit() as unit:
            self._wiring.disconnect(info.key, info.spec)
            if self._core.profile[JOBS_END_WHEN_STOPPED]:
                self._jobs.end_all(unit, info.key, self._core.profile[PAUSED_REASON].format(user=user or UNKNOWN_USER))
            self._set_stopped(info.key, True)
            unit.touched.add(PIPELINES)

    def start(self, key: PipelineKey) -> None:
        """StartPipeline: a stopped pipeline follows its inputs again, and gets a job for their current commits."""
        info = self._pipelines.inspect(key)
        with self._core.unit() as unit:
            self._wiring.connect(info.key, info.spec, self._wiring.inputs_of(info.key, info.spec))
            self._set_stopped(info.key, False)
            unit.touched.add(PIPELINES)

    def _set_stopped(self, key: PipelineKey, stopped: bool) -> None:
        self._store.run("UPDATE pipelines SET stopped = ? WHERE num = ?", stopped, self._pipelines.row(key).num)

    def rerun(self, key: PipelineKey, reprocess: bool, user: str = "") -> None:
        """RerunPipeline: a new version with the same spec."""
        with during(f'inspect pipeline "{self._core.words.pipeline(key)}"'):
            info = self._pipelines.inspect(key)
        spec = {field: value for field, value in info.spec.items() if field != "salt"}
        self._pipelines.create(spec, True, reprocess, info.user_json, info.effective_json, user)

    def delete(
        self, key: PipelineKey, force: bool = False, keep_repo: bool = False, must_exist: bool = False, user: str = ""
    ) -> None:
        """DeletePipeline: delete a pipeline, its jobs and its repos.

        2.x stops it first, and leaves it stopped when deleting it is refused.

        :param force: delete it even if other pipelines read its output.
        :param keep_repo: keep the repo with its output.
        :param must_exist: refuse a pipeline that does not exist; otherwise nothing happens.
        """
        named = PipelineKey(split_ancestry(key.name, "^~.", strict=True)[0], key.project)
        if self._pipelines.find(named) is None and not must_exist:
            return
        if self._core.profile[STOPPED_BEFORE_DELETE]:
            with self._core.during(NAMING_PIPELINE_TO_STOP, pipeline=named):
                self.stop(key, user=user)
        info = self._pipelines.inspect(key)
        with self._core.unit() as unit:
            versions = self._store.values(
                str, "SELECT v.spec FROM pipeline_versions v JOIN pipelines p ON p.num = v.pipeline WHERE p.num = ?",
                self._pipelines.row(info.key).num,
            )  # fmt: skip
            inputs = [leaf for spec in versions for leaf in self._wiring.inputs_of(info.key, json.loads(spec))]
            for job in self._jobs.list(info.key):
                unit.touched.add(job.key.wakes)
            self._store.run("DELETE FROM pipelines WHERE num = ?", self._pipelines.row(info.key).num)
            self._wiring.disconnect(info.key, info.spec)
            self._wiring.remove(info.key, inputs, force, keep_repo)
            unit.touched.add(PIPELINES)

    def delete_every(
        self, projects: Collection[str] = (), force: bool = False, keep_repo: bool = False, user: str = ""
    ) -> list[PipelineKey]:
        """DeletePipelines: delete the pipelines of some projects, or all, newest first, so that none is still read.

        :returns: the pipelines that were deleted.
        """
        gone = [info.key for info in self._pipelines.list(projects=projects)]
        for key in gone:
            self.delete(key, force, keep_repo, user=user)
        return gone
