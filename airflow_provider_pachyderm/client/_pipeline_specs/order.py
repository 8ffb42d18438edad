"""Sorting specs: each behind those that make its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from airflow_provider_pachyderm.client._errors import InvalidSpec
from airflow_provider_pachyderm.client._pipeline_specs.spec import PipelineSpec
from airflow_provider_pachyderm.client._pps_models import Pipeline
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT


def by_inputs(specs: Sequence[PipelineSpec]) -> list[PipelineSpec]:
    """Sort specs by their inputs, else keep their order.

    :raises InvalidSpec: if two are of the same pipeline, or some read each other in a circle.
    """
    places: dict[Pipeline, int] = {}
    for index, spec in enumerate(specs):
        pipeline = whole(spec.pipeline)
        if pipeline in places:
            first = specs[places[pipeline]]
            raise InvalidSpec(
                f"pipeline {spec.pipeline} has two specs: {first.source or 'one'} and {spec.source or 'another'}",
                reference=str(spec.pipeline),
            )
        places[pipeline] = index
    graph = {place: _sources(specs[place], places) for place in places.values()}
    try:
        sorter = TopologicalSorter(graph)
        sorter.prepare()
    except CycleError as error:
        names = " -> ".join(str(specs[place].pipeline) for place in reversed(error.args[1]))
        raise InvalidSpec(f"pipelines read each other in a circle: {names}") from error
    return [specs[place] for place in _taken(sorter)]


def whole(pipeline: Pipeline) -> Pipeline:
    """Name a pipeline with its project, which is the default one if none is given."""
    return Pipeline(pipeline.name, pipeline.project or DEFAULT_PROJECT)


def _sources(spec: PipelineSpec, places: dict[Pipeline, int]) -> list[int]:
    read = (whole(Pipeline(branch.repo.name, branch.repo.project)) for branch in spec.inputs)
    return sorted({places[pipeline] for pipeline in read if pipeline in places})


def _taken(sorter: TopologicalSorter[int]) -> list[int]:
    """Take what is ready, the first one first."""
    order: list[int] = []
    ready: list[int] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        place = ready.pop(0)
        order.append(place)
        sorter.done(place)
    return order
