"""What our dialects send for pipelines, and how they read, against what real servers with real workers said.

As in ``test_golden``: each recorded request that the client can express is turned back into the arguments it came from.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timezone
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from airflow_provider_pachyderm.client import (
    Commit,
    Datum,
    DatumInfo,
    InvalidSpec,
    Job,
    JobInfo,
    JobSetInfo,
    LogMessage,
    Pipeline,
    PipelineInfo,
    Repo,
    SecretInfo,
    Unsupported,
    Version,
)
from airflow_provider_pachyderm.client._capabilities import World
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing
from airflow_provider_pachyderm.client._dialects.choose import choose
from airflow_provider_pachyderm.client._dialects.datums import DatumFilter
from airflow_provider_pachyderm.client._dialects.jobs import JobFilter
from airflow_provider_pachyderm.client._dialects.logs import LogFilter
from airflow_provider_pachyderm.client._dialects.pps_replies import spec_in
from airflow_provider_pachyderm.client._dialects.pps_replies_v2 import STATES
from tests.support import recordings

FOLDER = recordings.GOLDEN / "pipelines"
VERSIONS = recordings.versions(FOLDER)
NAMES = (
    *(
        "CreatePipeline",
        "InspectPipeline",
        "ListPipeline",
        "DeletePipeline",
        "StartPipeline",
        "StopPipeline",
        "RunCron",
    ),
    *("InspectJob", "ListJob", "StopJob", "DeleteJob", "ListDatum", "InspectDatum", "RestartDatum", "GetLogs"),
    *("ListSecret", "DeleteAll"),
)
V1 = (*NAMES, "FlushJob", "RunPipeline")
V2 = (
    *(*NAMES, "CreatePipelineV2", "RerunPipeline", "InspectJobSet", "ListJobSet", "SubscribeJob", "RenderTemplate"),
    *("CreateSecret", "InspectSecret", "DeleteSecret", "GetClusterDefaults", "GetProjectDefaults"),
    *("SetClusterDefaults", "SetProjectDefaults"),
)


class NotOurs(Exception):
    """The client has no way to make this request."""


def calls(version: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """Give the recorded calls of PPS that send one message, each with that."""
    for scenario in recordings.scenarios(version, FOLDER):
        for step in scenario["steps"]:
            if step.get("call", "").startswith(("/pps.", "/pps_v2.")) and len(step["requests"]) == 1:
                method = recordings.method(step["call"])
                yield step, method.request_type.FromString(base64.b64decode(step["requests"][0]["wire"]))


class Inverse:
    """From a recorded request to the call that our dialect makes of the same arguments."""

    def __init__(self, version: str) -> None:
        self.dialect: Any = choose(Version.parse(version))
        self.v1 = self.dialect.capabilities.world is World.V1

    def __call__(self, name: str, message: Any) -> Call[Any]:
        build: Callable[[Any], Any] | None = getattr(self, name, None)
        if build is None:
            raise NotOurs
        made = build(message)
        step = made if isinstance(made, (Call, Listing)) else next(made)
        source = step.source if isinstance(step, Listing) else step
        assert isinstance(source, Call)
        return source

    # arguments

    def pipeline(self, message: Any) -> Pipeline:
        if not message.HasField("pipeline"):
            raise NotOurs
        return self.named(message.pipeline)

    def named(self, message: Any) -> Pipeline:
        if self.v1:
            return Pipeline(message.name)
        if not message.HasField("project"):
            raise NotOurs  # we always name it to a server that knows projects
        return Pipeline(message.name, message.project.name)

    def optional(self, message: Any) -> Pipeline | None:
        return self.pipeline(message) if message.HasField("pipeline") else None

    def project(self, message: Any) -> str | None:
        if self.v1:
            return None
        if len(message.projects) > 1:
            raise NotOurs
        return message.projects[0].name if message.projects else None

    def job(self, message: Any) -> Job:
        if self.v1:
            return Job(Pipeline("p"), message.id)
        if not message.HasField("pipeline"):
            raise NotOurs
        return Job(self.named(message.pipeline), message.id)

    def commit(self, message: Any) -> Commit:
        if self.v1:
            return Commit(Repo(message.repo.name), id=message.id)
        repo = message.branch.repo
        return Commit(Repo(repo.name, repo.project.name, repo.type), message.branch.name, message.id)

    # calls

    def CreatePipeline(self, message: Any) -> Any:
        if message.HasField("spec_commit") or not message.HasField("pipeline"):
            raise NotOurs
        pipelines, how = self.dialect.pipelines, {"update": message.update, "reprocess": message.reprocess}
        spec = spec_in(message)
        if self.v1:
            return pipelines.create(self.pipeline(message), spec, **how)
        # servers of this release are sent JSON, older ones of 2.x the message
        request = pipelines._request(self.pipeline(message), spec, **how)
        return Call(recordings.method("/pps_v2.API/CreatePipeline"), request, lambda reply: None)

    def CreatePipelineV2(self, message: Any) -> Any:
        try:
            written = json.loads(message.create_pipeline_request_json)
            spec, named = spec_in(message), written["pipeline"]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise NotOurs from None
        if not isinstance(named.get("name"), str):
            raise NotOurs
        pipeline = Pipeline(named["name"], named.get("project", {}).get("name"))
        pipelines = self.dialect.pipelines
        if message.dry_run:
            return pipelines.effective(pipeline, spec)
        return pipelines.create(pipeline, spec, update=message.update, reprocess=message.reprocess)

    def InspectPipeline(self, message: Any) -> Any:
        return self.dialect.pipelines.inspect(self.pipeline(message))

    def ListPipeline(self, message: Any) -> Any:
        if not self.v1 and message.HasField("page"):
            raise NotOurs
        if not self.v1 and message.HasField("commit_set"):
            return self.dialect.pipelines.of_commit_set(message.commit_set.id)
        return self.dialect.pipelines.list(
            self.optional(message), self.project(message), history=message.history, jq_filter=message.jqFilter
        )

    def DeletePipeline(self, message: Any) -> Any:
        if not self.v1 and message.must_exist:
            raise NotOurs
        return self.dialect.pipelines.remove(self.pipeline(message), force=message.force, keep_repo=message.keep_repo)

    def StartPipeline(self, message: Any) -> Any:
        return self.dialect.pipelines.start(self.pipeline(message))

    def StopPipeline(self, message: Any) -> Any:
        if not self.v1 and message.must_exist:
            raise NotOurs
        return self.dialect.pipelines.stop(self.pipeline(message))

    def RunCron(self, message: Any) -> Any:
        return self.dialect.pipelines.run_cron(self.pipeline(message))

    def RunPipeline(self, message: Any) -> Any:
        return self.dialect.pipelines.run(self.pipeline(message), [], message.job_id)

    def RerunPipeline(self, message: Any) -> Any:
        return self.dialect.pipelines.rerun(self.pipeline(message), reprocess=message.reprocess)

    def RenderTemplate(self, message: Any) -> Any:
        return self.dialect.pipelines.render(message.template, dict(message.args))

    def DeleteAll(self, message: Any) -> Any:
        return self.dialect.pipelines.remove_all()

    def InspectJob(self, message: Any) -> Any:
        if self.v1:
            how = {"wait": message.block_state, "details": message.full}
            if message.HasField("output_commit"):
                commit = self.commit(message.output_commit)
                return self.dialect.jobs.of_commit(Pipeline(commit.repo.name), commit, **how)
            return self.dialect.jobs.inspect(self.job(message.job), **how)
        if not message.HasField("job"):
            raise NotOurs
        return self.dialect.jobs.inspect(self.job(message.job), wait=message.wait, details=message.details)

    def ListJob(self, message: Any) -> Any:
        if self.v1 and message.HasField("output_commit"):
            raise NotOurs
        wanted = JobFilter(
            pipeline=self.optional(message),
            project=self.project(message),
            inputs=list(map(self.commit, message.input_commit)),
            history=message.history,
            details=message.full if self.v1 else message.details,
            jq_filter=message.jqFilter,
            **self.pages(message),
        )
        return self.dialect.jobs.list(wanted)

    def pages(self, message: Any) -> dict[str, Any]:
        if self.v1:
            return {}
        before = None
        if message.HasField("paginationMarker"):
            before = message.paginationMarker.ToDatetime(tzinfo=timezone.utc)
        return {"number": message.number, "reverse": message.reverse, "before": before}

    def FlushJob(self, message: Any) -> Any:
        (commit,) = message.commits
        return self.dialect.jobs.downstream(self.commit(commit), list(map(self.named, message.to_pipelines)))

    def StopJob(self, message: Any) -> Any:
        return self.dialect.jobs.stop(self.job(message.job), "" if self.v1 else message.reason)

    def DeleteJob(self, message: Any) -> Any:
        return self.dialect.jobs.remove(self.job(message.job))

    def SubscribeJob(self, message: Any) -> Any:
        return self.dialect.jobs.subscribe(self.pipeline(message), details=message.details)

    def InspectJobSet(self, message: Any) -> Any:
        if not message.HasField("job_set"):
            raise NotOurs
        return self.dialect.jobs.of_set(message.job_set.id, wait=message.wait, details=message.details)

    def ListJobSet(self, message: Any) -> Any:
        wanted = JobFilter(
            project=self.project(message), details=message.details, jq_filter=message.jqFilter, **self.pages(message)
        )
        return self.dialect.jobs.sets(wanted)

    def ListDatum(self, message: Any) -> Any:
        wanted = DatumFilter()
        if not self.v1:
            states = list(map(STATES.datum, message.filter.state))
            wanted = DatumFilter(
                states=states, number=message.number, reverse=message.reverse, after=message.paginationMarker
            )
        if message.HasField("input"):
            if message.HasField("job") or wanted.states:
                raise NotOurs
            return self.dialect.datums.of_input(MessageToDict(message.input, preserving_proto_field_name=True), wanted)
        if not message.HasField("job"):
            raise NotOurs
        return self.dialect.datums.list(self.job(message.job), wanted)

    def datum(self, message: Any) -> Datum:
        if not message.id or not message.HasField("job"):
            raise NotOurs
        return Datum(self.job(message.job), message.id)

    def InspectDatum(self, message: Any) -> Any:
        if not message.HasField("datum"):
            raise NotOurs
        return self.dialect.datums.inspect(self.datum(message.datum))

    def RestartDatum(self, message: Any) -> Any:
        return self.dialect.datums.restart(self.job(message.job), list(message.data_filters))

    def GetLogs(self, message: Any) -> Any:
        wanted = LogFilter(
            pipeline=self.optional(message),
            job=self.job(message.job) if message.HasField("job") else None,
            datum=self.datum(message.datum) if message.HasField("datum") else None,
            data_filters=list(message.data_filters),
            master=message.master,
            follow=message.follow,
            tail=message.tail,
            loki=message.use_loki_backend,
        )
        return self.dialect.logs.get(wanted)

    def CreateSecret(self, message: Any) -> Any:
        try:
            manifest = json.loads(message.file)
            metadata, data = manifest["metadata"], manifest["data"]
        except (ValueError, KeyError, TypeError):
            raise NotOurs from None
        content = {key: base64.b64decode(value) for key, value in data.items()}
        labels, annotations = metadata.get("labels", {}), metadata.get("annotations", {})
        return self.dialect.secrets.create(metadata["name"], content, labels, annotations)

    def InspectSecret(self, message: Any) -> Any:
        return self.dialect.secrets.inspect(self.secret(message))

    def DeleteSecret(self, message: Any) -> Any:
        return self.dialect.secrets.remove(self.secret(message))

    def secret(self, message: Any) -> str:
        if not message.secret.name:
            raise NotOurs
        name: str = message.secret.name
        return name

    def ListSecret(self, message: Any) -> Any:
        return self.dialect.secrets.list()

    def GetClusterDefaults(self, message: Any) -> Any:
        return self.dialect.defaults.get(None)

    def GetProjectDefaults(self, message: Any) -> Any:
        return self.dialect.defaults.get(message.project.name)

    def SetClusterDefaults(self, message: Any) -> Any:
        return self.defaults(None, message.cluster_defaults_json, message)

    def SetProjectDefaults(self, message: Any) -> Any:
        return self.defaults(message.project.name, message.project_defaults_json, message)

    def defaults(self, project: str | None, text: str, message: Any) -> Any:
        try:
            values = as_values(text)
        except (ValueError, AttributeError):
            raise NotOurs from None
        how = {"regenerate": message.regenerate, "reprocess": message.reprocess, "dry_run": message.dry_run}
        return self.dialect.defaults.set(project, values, **how)


def as_values(text: str) -> Any:
    """What is in the JSON of defaults."""
    whole = json.loads(text)
    return whole.get("createPipelineRequest", whole.get("create_pipeline_request", {}))


def plain(message: Message) -> Any:
    """A request as it has to be: the text of JSON in it may be spaced, ordered and spelled otherwise."""
    fields = {field.name: value for field, value in message.ListFields()}
    for name, read in (
        ("create_pipeline_request_json", lambda text: spec_in(message)),
        ("cluster_defaults_json", as_values),
        ("project_defaults_json", as_values),
        ("file", json.loads),
    ):
        if name in fields:
            fields[name] = read(fields[name])
    return fields


def as_we_ask(name: str, message: Any) -> Any:
    """The same request with what we always ask for: details, a project, without which servers regenerate nothing."""
    if name in ("InspectPipeline", "ListPipeline") and hasattr(message, "details"):
        message.details = True
    if name == "CreatePipelineV2":
        written = json.loads(message.create_pipeline_request_json)
        written["pipeline"].setdefault("project", {"name": "default"})
        message.create_pipeline_request_json = json.dumps(written)
    return message


@pytest.mark.parametrize("version", VERSIONS)
def test_requests_are_as_recorded(version: str) -> None:
    inverse = Inverse(version)
    equal: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for step, message in calls(version):
        name = step["call"].rpartition("/")[2]
        try:
            ours = inverse(name, message)
        except (NotOurs, InvalidSpec, Unsupported):
            others[name] += 1
            continue
        assert ours.method.name.removesuffix("Stream") == name
        assert plain(ours.request) == plain(as_we_ask(name, message)), step["call"]
        equal[name] += 1
    assert set(equal) == set(V1 if inverse.v1 else V2)
    assert sum(equal.values()) > (180 if inverse.v1 else 900)
    assert sum(others.values()) < sum(equal.values()) / 15, others


@pytest.mark.parametrize("version", VERSIONS)
def test_replies_are_read(version: str) -> None:
    inverse = Inverse(version)
    read: Counter[type] = Counter()
    for step, message in calls(version):
        if step.get("code") != "OK":
            continue
        name = step["call"].rpartition("/")[2]
        try:
            call = inverse(name, message)
        except (NotOurs, InvalidSpec, Unsupported):
            continue
        for reply in step["responses"]:
            for told, wire in items(reply, step["call"], call):
                value = call.read(wire)
                for item in value if isinstance(value, (list, tuple)) or hasattr(value, "__next__") else [value]:
                    check(item, told, inverse.v1)
                    read[type(item)] += 1
    assert read[PipelineInfo] > (9 if inverse.v1 else 80)
    assert read[JobInfo] > (70 if inverse.v1 else 400)
    assert read[DatumInfo] > (40 if inverse.v1 else 200)
    if not inverse.v1:
        assert read[JobSetInfo] > 5
        assert read[LogMessage] > 20
        assert read[SecretInfo] > 2


def items(reply: Any, path: str, call: Call[Any]) -> Iterator[tuple[Any, Any]]:
    """Give a recorded reply as our call gets it: what 1.x sends in one message when asked for that comes one by one."""
    wire = recordings.method(path).reply_type.FromString(base64.b64decode(reply["wire"]))
    kind = call.method.reply_type
    if isinstance(wire, kind):
        yield reply["json"], wire
        return
    for field in ("job_info", "datum_infos"):
        for told, each in zip(reply["json"].get(field, []), getattr(wire, field, []), strict=True):
            yield told, each if isinstance(each, kind) else kind(datum_info=each)


def check(item: Any, told: Any, v1: bool) -> None:
    """Compare a value with what it was read from, field by field."""
    if isinstance(item, PipelineInfo):
        whole = told.get("pipeline_info")
        told = next(each for each in whole if each["pipeline"]["name"] == item.pipeline.name) if whole else told
        details = told if v1 else told.get("details", {})
        assert item.pipeline.name == told["pipeline"]["name"]
        assert item.version == int(told.get("version", 0))
        assert f"PIPELINE_{item.state.name}" == told["state"]
        assert item.stopped == told.get("stopped", False)
        assert item.reason == told.get("reason", "")
        assert (f"JOB_{item.last_job_state.name}" if item.last_job_state else None) == told.get("last_job_state")
        assert item.description == details.get("description", "")
        if details and "transform" in details:
            for field in ("transform", "input", "parallelism_spec", "datum_set_spec", "s3_out"):
                assert (field in item.spec) == (field in details)
            assert item.spec["transform"].get("cmd", []) == details["transform"].get("cmd", [])
    elif isinstance(item, JobInfo):
        assert item.job.id == told["job"]["id"]
        assert item.job.pipeline.name == (told if v1 else told["job"])["pipeline"]["name"]
        # on 1.x, what is left out is the first of all states
        assert f"JOB_{item.state.name}" == told.get("state", "JOB_STARTING")
        assert item.reason == told.get("reason", "")
        assert item.output_commit is not None and item.output_commit.id == told["output_commit"]["id"]
        for field in ("total", "processed", "skipped", "failed", "recovered"):
            assert getattr(item, f"data_{field}") == int(told.get(f"data_{field}", 0))
        assert (item.finished is not None) == ("finished" in told)
        assert item.restarts == int(told.get("restart", 0))
        assert item.stats.download_bytes == int(told.get("stats", {}).get("download_bytes", 0))
    elif isinstance(item, JobSetInfo):
        assert item.id == told["job_set"]["id"]
        assert [job.job.pipeline.name for job in item.jobs] == [job["job"]["pipeline"]["name"] for job in told["jobs"]]
    elif isinstance(item, DatumInfo):
        assert item.id == told.get("datum", {}).get("id", "")
        assert item.state.name == told.get("state", "FAILED" if v1 else "UNKNOWN")
        assert [file.path for file in item.files] == [
            "/" + file["file"]["path"].strip("/") for file in told.get("data", [])
        ]
    elif isinstance(item, LogMessage):
        assert item.message == told.get("message", "")
        assert item.user == told.get("user", False)
        assert item.datum_id == told.get("datum_id", "")
    elif isinstance(item, SecretInfo):
        names = [each["secret"].get("name", "") for each in told.get("secret_info", [told])]
        assert item.name in names
