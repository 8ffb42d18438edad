"""Parses what users write for pipelines and jobs into the values of ``_pps_models``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from airflow_provider_pachyderm.client import _refs
from airflow_provider_pachyderm.client._errors import InvalidReference
from airflow_provider_pachyderm.client._pps_models import Datum, DatumInfo, Job, JobInfo, Pipeline, PipelineInfo

PipelineLike: TypeAlias = "Pipeline | PipelineInfo | str"
JobLike: TypeAlias = "Job | JobInfo | str | Sequence[PipelineLike]"


def parse_pipeline(value: PipelineLike, project: str | None = None) -> Pipeline:
    """Read a pipeline: ``name``, ``project/name``, a :class:`Pipeline` or a :class:`PipelineInfo`.

    A version before the newest is named as ``name^`` or ``name~2``, for :meth:`PpsClient.inspect_pipeline`.

    :param project: project of a bare name.
    :raises InvalidReference: for anything else.
    """
    if isinstance(value, PipelineInfo):
        value = value.pipeline
    if isinstance(value, Pipeline):
        pipeline = value
    elif isinstance(value, str):
        outer, slash, name = value.rpartition("/")
        pipeline = Pipeline(name, outer if slash else project)
    else:
        raise InvalidReference(f"a pipeline must be a str or a Pipeline, not {type(value).__name__}")
    _refs.check_name("pipeline", _refs.ancestry_base("pipeline", pipeline.name))
    if pipeline.project is not None:
        _refs.check_name("project", pipeline.project)
    return pipeline


def parse_job(value: JobLike, project: str | None = None) -> Job:
    """Read a job: ``pipeline@id``, ``project/pipeline@id``, ``(pipeline, id)``, a :class:`Job` or a :class:`JobInfo`.

    :param project: project of a bare pipeline name.
    :raises InvalidReference: for anything else.
    """
    if isinstance(value, JobInfo):
        value = value.job
    if isinstance(value, Job):
        pipeline, id = value.pipeline, value.id
    elif isinstance(value, str):
        name, at, id = value.partition("@")
        if not at:
            raise InvalidReference(f"{value!r} does not name a job: write 'pipeline@id' or ('pipeline', 'id')")
        pipeline = parse_pipeline(name, project)
    elif isinstance(value, (tuple, list)) and len(value) == 2 and isinstance(value[1], str):
        pipeline, id = parse_pipeline(value[0], project), value[1]
    else:
        raise InvalidReference(f"a job must be 'pipeline@id', ('pipeline', 'id') or a Job, not {value!r}")
    if not _refs.is_commit_id(id):
        raise InvalidReference(f"{id!r} is not the ID of a job, which has 32 hex digits")
    return Job(pipeline, id)


def parse_datum(value: Datum | DatumInfo | str, job: JobLike | None, project: str | None = None) -> Datum:
    """Read a datum: its ID and the job, a :class:`Datum`, or a :class:`DatumInfo`.

    :raises InvalidReference: if its job or its ID is not given.
    """
    if isinstance(value, Datum):
        return value
    if isinstance(value, DatumInfo):
        job, value = value.job if job is None else job, value.id
    if not value:
        raise InvalidReference("the ID of the datum is empty")
    if job is None:
        raise InvalidReference(f"the job of datum {value!r} is not given")
    return Datum(parse_job(job, project), value)
