"""Tables of pipelines, and their rows."""

from __future__ import annotations

from typing import NamedTuple

SCHEMA = """
CREATE TABLE pipelines (
    num INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', stopped INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    -- how many jobs are in which state, as JSON, and the state of the one that changed last
    job_counts TEXT NOT NULL DEFAULT '{}', last_changed TEXT NOT NULL DEFAULT '', UNIQUE (project, name));
-- specs are JSON
CREATE TABLE pipeline_versions (
    pipeline INTEGER NOT NULL REFERENCES pipelines(num) ON DELETE CASCADE, version INTEGER NOT NULL,
    spec_commit TEXT NOT NULL, spec TEXT NOT NULL, user_json TEXT NOT NULL, effective_json TEXT NOT NULL,
    created INTEGER NOT NULL, workers_started INTEGER, PRIMARY KEY (pipeline, version)) WITHOUT ROWID;
-- a job may outlive its commit; no stats: it has not begun
CREATE TABLE jobs (
    num INTEGER PRIMARY KEY AUTOINCREMENT, pipeline INTEGER NOT NULL REFERENCES pipelines(num) ON DELETE CASCADE,
    version INTEGER NOT NULL, id TEXT NOT NULL, branch TEXT NOT NULL, commit_id TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', created INTEGER NOT NULL, started INTEGER, finished INTEGER,
    restarts INTEGER NOT NULL DEFAULT 0, processed INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, recovered INTEGER NOT NULL DEFAULT 0,
    stats TEXT NOT NULL DEFAULT '', UNIQUE (pipeline, id));
CREATE INDEX job_ids ON jobs(id);
CREATE INDEX open_jobs ON jobs(num) WHERE finished IS NULL;
-- owner is the job that did it; what is in stats, files and outputs is JSON
CREATE TABLE datums (
    job INTEGER NOT NULL REFERENCES jobs(num) ON DELETE CASCADE, id TEXT NOT NULL, hash TEXT NOT NULL,
    state TEXT NOT NULL, owner TEXT NOT NULL, reason TEXT NOT NULL, stats TEXT NOT NULL, files TEXT NOT NULL,
    outputs TEXT NOT NULL, PRIMARY KEY (job, id)) WITHOUT ROWID;
-- 1.x: what datums put out, be their job there or not
CREATE TABLE datum_results (
    num INTEGER PRIMARY KEY AUTOINCREMENT, pipeline INTEGER NOT NULL REFERENCES pipelines(num) ON DELETE CASCADE,
    hash TEXT NOT NULL, owner TEXT NOT NULL, UNIQUE (pipeline, hash));
CREATE TABLE datum_result_changes (
    num INTEGER PRIMARY KEY AUTOINCREMENT, result INTEGER NOT NULL REFERENCES datum_results(num) ON DELETE CASCADE,
    kind TEXT NOT NULL, change TEXT NOT NULL);
CREATE INDEX datum_results_changed ON datum_result_changes(result, num);
CREATE TABLE logs (
    num INTEGER PRIMARY KEY AUTOINCREMENT, pipeline INTEGER NOT NULL REFERENCES pipelines(num) ON DELETE CASCADE,
    job TEXT NOT NULL, datum TEXT NOT NULL, master INTEGER NOT NULL, of_user INTEGER NOT NULL, time INTEGER NOT NULL,
    message TEXT NOT NULL, files TEXT NOT NULL);
CREATE INDEX logs_of_jobs ON logs(pipeline, job, num);
CREATE TABLE secrets (name TEXT PRIMARY KEY, type TEXT NOT NULL, created INTEGER NOT NULL, data TEXT NOT NULL);
-- those of the cluster are of no project
CREATE TABLE defaults (project TEXT PRIMARY KEY, json TEXT NOT NULL, created INTEGER NOT NULL);
"""


class PipelineRow(NamedTuple):
    """A pipeline.

    :param version: the newest.
    :param created: when its first version was made.
    :param job_counts: JSON: how many of its jobs are in which state; jobs that are deleted still count.
    :param last_changed: state of the job that changed last.
    """

    num: int
    project: str
    name: str
    version: int
    state: str
    reason: str
    stopped: int
    created: int
    job_counts: str
    last_changed: str


class VersionRow(NamedTuple):
    """A version of a pipeline.

    :param spec_commit: id of the commit of its spec.
    :param workers_started: when its workers were there.
    """

    pipeline: int
    version: int
    spec_commit: str
    spec: str
    user_json: str
    effective_json: str
    created: int
    workers_started: int | None


class JobRow(NamedTuple):
    """A job.

    :param branch: name of the branch that its output commit is on.
    :param stats: JSON; empty until it has begun.
    """

    num: int
    pipeline: int
    version: int
    id: str
    branch: str
    commit_id: str
    state: str
    reason: str
    created: int
    started: int | None
    finished: int | None
    restarts: int
    processed: int
    skipped: int
    total: int
    failed: int
    recovered: int
    stats: str


class LogRow(NamedTuple):
    """A line of a log."""

    num: int
    pipeline: int
    job: str
    datum: str
    master: int
    of_user: int
    time: int
    message: str
    files: str


class SecretRow(NamedTuple):
    """A secret."""

    name: str
    type: str
    created: int
    data: str


class DefaultsRow(NamedTuple):
    """What pipelines of a project, or of the cluster, are given."""

    project: str
    json: str
    created: int


class NewJobRow(NamedTuple):
    """What is known of a job that is to be made."""

    pipeline: int
    version: int
    id: str
    branch: str
