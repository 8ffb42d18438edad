"""Pipelines: how they are created and updated, and what is told of them."""

from __future__ import annotations

import builtins
import copy
import json
from collections.abc import Collection

from airflow_provider_pachyderm.devserver.engine.commits.names import split_ancestry
from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.engine.jobs.jobs import Jobs
from airflow_provider_pachyderm.devserver.engine.jobs.rules import UPDATED_REASON
from airflow_provider_pachyderm.devserver.engine.pipelines.checks import Checks, key_of
from airflow_provider_pachyderm.devserver.engine.pipelines.model import (
    PipelineInfo,
    PipelineKey,
    PipelineState,
    Spec,
    parallelism_of,
)
from airflow_provider_pachyderm.devserver.engine.pipelines.rules import (
    COMMAND_FOR_LICENCE,
    LAST_CHANGED_JOB,
    LISTING_PIPELINES,
    NO_PIPELINE_GIVEN,
    PIPELINE_EXISTS,
    PIPELINE_NOT_FOUND,
    PIPELINE_TO_INSPECT_NOT_FOUND,
    PIPELINES_LIMITED,
    REPO_BLOCKS_PIPELINE,
    SECRETS_CHECKED,
    UNKNOWN_USER,
    VERSION_TOO_OLD,
)
from airflow_provider_pachyderm.devserver.engine.pipelines.wiring import Wiring
from airflow_provider_pachyderm.devserver.engine.secrets.secrets import Secrets
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import PipelineRow, VersionRow

PIPELINES = "pipelines"
"""Key that is woken when a pipeline came or was changed."""

_MOST, _MOST_WORKERS = 16, 8
_NO_LICENCE = (
    "Pachyderm Community Edition requires an activation key to create {what}. Use the command `pachctl {command} "
    "activate` to enter your key.\n\nPachyderm offers readily available activation keys for proofs-of-concept, "
    "startups, academic, nonprofit, or open-source projects. Tell us about your project to get one.\n\nLearn about "
    "Pachyderm Enterprise here:\n\nhttps://www.pachyderm.com/trial"
)
_NOT_RUN = "this dev server runs pipelines that transform files; it does not run {what}"


class Pipelines:
    """All pipelines."""

    def __init__(
        self, core: Core, lookups: Lookups, wiring: Wiring, jobs: Jobs, secrets: Secrets, checks: Checks
    ) -> None:
        self._core = core
        self._store = core.store
        self._lookups = lookups
        self._wiring = wiring
        self._jobs = jobs
        self._secrets = secrets
        self._checks = checks

    # ---- creating -----------------------------------------------------------------------

    def create(
        self,
        spec: Spec,
        update: bool = False,
        reprocess: bool = False,
        user_json: str = "",
        effective_json: str = "",
        user: str = "",
    ) -> None:
        """CreatePipeline.

        :param spec: with the defaults of cluster and project, where there are these.
        :param update: a pipeline that is there gets a new version.
        :param reprocess: what earlier versions did is done again.
        :param user_json: what the user gave, and ``effective_json`` the spec, to be told as they are.
        :param user: who asks for it.
        """
        if "pipeline" not in spec:
            raise self._core.refusal(NO_PIPELINE_GIVEN)
        if not spec["pipeline"].get("name"):
            raise refused("invalid pipeline spec: request.Pipeline.Name cannot be empty")
        spec = copy.deepcopy(spec)
        self._checks.statically(spec)
        self._check_licence_of(spec)
        self._check_secrets(spec)
        given = key_of(spec)
        key = PipelineKey(split_ancestry(given.name, "^~.", strict=True)[0], given.project)
        existing = self.find(key)
        if existing is not None and not update:
            raise self._core.refusal(PIPELINE_EXISTS, pipeline=key)
        self._check_licence_for_one_more(existing)
        self._checks.kind(spec)
        self._checks.name(key.name)
        self._checks.fill_in(spec, key)
        if "input" in spec:
            self._checks.input(spec["input"])
        _check_runs(spec)
        if "spec_commit" in spec:
            self._wiring.check_spec_commit(key, spec["spec_commit"].get("id", ""))
        spec["pipeline"]["name"] = key.name
        with self._core.unit() as unit:
            unit.touched.add(PIPELINES)
            if existing is None:
                self._insert(unit, key, spec, user_json, effective_json)
            else:
                self._update(unit, key, existing, spec, reprocess, user_json, effective_json, user)

    def _check_licence_of(self, spec: Spec) -> None:
        if self._core.profile[PIPELINES_LIMITED] and parallelism_of(spec) > _MOST_WORKERS:
            raise refused(self._no_licence(f"pipelines with parallelism more than {_MOST_WORKERS}"))

    def _check_licence_for_one_more(self, existing: PipelineRow | None) -> None:
        count = self._store.value(int, "SELECT count(*) FROM pipelines") or 0
        if self._core.profile[PIPELINES_LIMITED] and existing is None and count >= _MOST:
            raise refused(self._no_licence(f"more than {_MOST} total pipelines (you have {count})"))

    def _no_licence(self, what: str) -> str:
        return _NO_LICENCE.format(what=what, command=self._core.profile[COMMAND_FOR_LICENCE])

    def _check_secrets(self, spec: Spec) -> None:
        for mount in spec.get("transform", {}).get("secrets", ()) if self._core.profile[SECRETS_CHECKED] else ():
            name, key = mount.get("name", ""), mount.get("key", "")
            if mount.get("env_var") and not key:
                raise refused(f"secret {name} has env_var set but is missing key")
            keys = self._secrets.keys(name)
            if keys is None:
                raise refused(f"missing Kubernetes secret {name}")
            if key and key not in keys:
                raise refused(f"Kubernetes secret {name} missing key {key}")

    def _insert(self, unit: Unit, key: PipelineKey, spec: Spec, user_json: str, effective_json: str) -> None:
        inputs = self._wiring.inputs_of(key, spec)
        self._wiring.check_inputs(inputs)
        if self._core.profile[REPO_BLOCKS_PIPELINE] and self._lookups.find_repo(key.repo) is not None:
            raise refused(f'pipeline "{key.name}" cannot be created because a repo with the same name already exists')
        self._wiring.make_repos(key, inputs)
        sql = "INSERT INTO pipelines (project, name, version, state, created) VALUES (?, ?, 1, ?, ?)"
        num = self._store.run(sql, key.project, key.name, PipelineState.STARTING.value, self._core.now())
        self._write(unit, num, 1, key, spec, self._core.new_id(), user_json, effective_json)
        self._wiring.connect(key, spec, inputs)

    def _update(
        self,
        unit: Unit,
        key: PipelineKey,
        row: PipelineRow,
        spec: Spec,
        reprocess: bool,
        user_json: str,
        effective_json: str,
        user: str,
    ) -> None:
        inputs = self._wiring.inputs_of(key, spec)
        self._wiring.check_inputs(inputs)
        self._wiring.make_cron_repos(key, inputs)
        reason = self._core.profile[UPDATED_REASON].format(user=user or UNKNOWN_USER)
        self._jobs.end_all(unit, key, reason)
        salt = self._core.new_id() if reprocess else self.version(row, row.version)["salt"]
        version = row.version + 1
        sql = "UPDATE pipelines SET version = ?, state = ?, reason = '', job_counts = '{}' WHERE num = ?"
        self._store.run(sql, version, PipelineState.STARTING.value, row.num)
        self._write(unit, row.num, version, key, spec, salt, user_json, effective_json)
        if not row.stopped:
            self._wiring.connect(key, spec, inputs, reprocess)

    def _write(
        self,
        unit: Unit,
        num: int,
        version: int,
        key: PipelineKey,
        spec: Spec,
        salt: str,
        user_json: str,
        effective_json: str,
    ) -> None:
        spec_commit = self._wiring.write_spec(unit, key)
        spec.setdefault("salt", salt)
        for field in ("update", "reprocess", "dry_run"):
            spec.pop(field, None)
        sql = "INSERT INTO pipeline_versions VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"
        values = (json.dumps(spec), user_json, effective_json, self._core.now())
        self._store.run(sql, num, version, spec_commit, *values)

    # ---- telling ------------------------------------------------------------------------

    def find(self, key: PipelineKey) -> PipelineRow | None:
        """The pipeline's row or None."""
        sql = "SELECT * FROM pipelines WHERE project = ? AND name = ?"
        return self._store.one(PipelineRow, sql, key.project, key.name)

    def row(self, key: PipelineKey) -> PipelineRow:
        """The pipeline's row; refused if there is none."""
        row = self.find(key)
        if row is None:
            raise self._core.refusal(PIPELINE_TO_INSPECT_NOT_FOUND, pipeline=key, repo=key.spec_branch.repo)
        return row

    def version(self, row: PipelineRow, version: int) -> Spec:
        """The spec of a version."""
        sql = "SELECT spec FROM pipeline_versions WHERE pipeline = ? AND version = ?"
        spec: Spec = json.loads(self._store.value(str, sql, row.num, version) or "{}")
        return spec

    def inspect(self, key: PipelineKey) -> PipelineInfo:
        """InspectPipeline; the name may have a suffix that asks for an older version."""
        name, back, number = split_ancestry(key.name, "^~.", strict=True)
        key = PipelineKey(name, key.project)
        row = self.row(key)
        if number:
            raise refused("cannot inspect future pipelines")
        if back >= row.version:
            raise self._core.refusal(VERSION_TOO_OLD, pipeline=key, versions=row.version, back=back)
        return self._info(row, self._versions(row)[back])

    def list(
        self,
        key: PipelineKey | None = None,
        history: int = 0,
        projects: Collection[str] = (),
        commit_set: str = "",
    ) -> builtins.list[PipelineInfo]:
        """ListPipeline, newest first.

        :param history: so many older versions, too; -1 means all.
        :param projects: only of these; none means all.
        :param commit_set: the versions as they were when this was made.
        """
        rows = self._store.all(PipelineRow, "SELECT * FROM pipelines ORDER BY num DESC")
        if key is not None:
            rows = [self.listed(key)]
        found = [row for row in rows if not projects or row.project in projects]
        pairs = [(row, version) for row in found for version in self._wanted(row, history, commit_set)]
        pairs.sort(key=lambda pair: pair[1].created, reverse=True)
        return [self._info(row, version) for row, version in pairs]

    def listed(self, key: PipelineKey) -> PipelineRow:
        """The pipeline's row; refused, where it is one of a list, if there is none."""
        row = self.find(key)
        if row is None:
            with self._core.during(LISTING_PIPELINES):
                raise self.missing(key)
        return row

    def missing(self, key: PipelineKey) -> EngineError:
        """What is said of a pipeline that is not there, where something of it is listed."""
        return self._core.refusal(PIPELINE_NOT_FOUND, pipeline=key)

    def _wanted(self, row: PipelineRow, history: int, commit_set: str) -> builtins.list[VersionRow]:
        versions = self._versions(row)
        if commit_set:
            sql = "SELECT max(num) FROM commits WHERE id = ?"
            made = self._store.value(int, sql, commit_set) or 0
            sql = "SELECT min(num) FROM commits WHERE id = ?"
            before = [one for one in versions if (self._store.value(int, sql, one.spec_commit) or 0) <= made]
            return before[:1]
        return versions if history < 0 else versions[: history + 1]

    def _versions(self, row: PipelineRow) -> builtins.list[VersionRow]:
        sql = "SELECT * FROM pipeline_versions WHERE pipeline = ? ORDER BY version DESC"
        return self._store.all(VersionRow, sql, row.num)

    def _info(self, row: PipelineRow, version: VersionRow) -> PipelineInfo:
        newest = "SELECT state FROM jobs WHERE pipeline = ? ORDER BY num DESC LIMIT 1"
        last = row.last_changed if self._core.profile[LAST_CHANGED_JOB] else self._store.value(str, newest, row.num)
        return PipelineInfo(
            PipelineKey(row.name, row.project),
            version.version,
            version.spec_commit,
            json.loads(version.spec),
            PipelineState(row.state),
            row.reason,
            bool(row.stopped),
            last or "",
            version.user_json,
            version.effective_json,
            row.created,
            version.created,
            version.workers_started,
            json.loads(row.job_counts),
        )


def _check_runs(spec: Spec) -> None:
    """Refuse what this server has nothing to do with: it would wait for ever."""
    for field, what in (("service", "services"), ("spout", "spouts"), ("egress", "egress")):
        if field in spec:
            raise EngineError("UNIMPLEMENTED", _NOT_RUN.format(what=what))
