"""A pipeline spec that was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_pachyderm.client._capabilities import Capabilities
from airflow_provider_pachyderm.client._errors import InvalidSpec
from airflow_provider_pachyderm.client._models import Branch, Repo
from airflow_provider_pachyderm.client._pipeline_specs import checks, inputs
from airflow_provider_pachyderm.client._pipeline_specs.fields import ROOT
from airflow_provider_pachyderm.client._pipeline_specs.normal import Normaliser
from airflow_provider_pachyderm.client._pps_models import Pipeline

DEFAULT_BRANCH = "master"


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """The spec of a pipeline, as :func:`read_pipeline_specs` reads it.

    :param spec: what it says, with the names of fields as in ``datum_tries``, durations in seconds (``"90s"``), and
        without ``update`` and ``reprocess``, which are arguments of the calls.
    :param source: where it was read, such as ``edges.json`` or ``pipelines.yaml, document 2``.
    """

    spec: Mapping[str, Any]
    source: str = ""

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline; its project is the one that the spec names, if any."""
        named = self.spec["pipeline"]
        return Pipeline(named["name"], (named.get("project") or {}).get("name") or None)

    @property
    def inputs(self) -> tuple[Branch, ...]:
        """The branches that it reads. A repo without a project is in that of the pipeline."""
        return tuple(
            Branch(
                Repo(leaf["repo"], leaf.get("project") or self.pipeline.project, leaf.get("repo_type") or "user"),
                leaf.get("branch") or DEFAULT_BRANCH,
            )
            for kind, leaf in inputs.leaves(dict(self.spec))
            if kind in ("pfs", "atom")
        )


def make_spec(document: object, source: str, capabilities: Capabilities | None) -> PipelineSpec:
    """Normalise and check what was read of a spec.

    :param capabilities: of the server that it is for; None if any may be meant.
    :raises InvalidSpec: with everything that is wrong.
    """
    normaliser = Normaliser(capabilities)
    spec = normaliser.part(ROOT, document)
    found = normaliser.problems or list(checks.problems(spec, capabilities))
    if found:
        name = str((spec.get("pipeline") or {}).get("name") or "")
        where = ", ".join(filter(None, (source, name and f"pipeline {name}")))
        lines = "; ".join(found)
        raise InvalidSpec(f"{where}: {lines}" if where else lines, problems=tuple(found), reference=name)
    return PipelineSpec(spec, source)


def read_input(document: object, capabilities: Capabilities | None) -> dict[str, Any]:
    """Normalise and check an input that has no pipeline.

    :raises InvalidSpec: with everything that is wrong.
    """
    return _part("Input", document, capabilities, lambda tree: checks.input_problems(tree, capabilities))


def read_defaults(document: object, capabilities: Capabilities | None) -> dict[str, Any]:
    """Normalise parts of a spec that others are put into.

    :raises InvalidSpec: with everything that is wrong.
    """
    return _part(ROOT, document, capabilities, lambda _: ())


def _part(
    name: str, document: object, capabilities: Capabilities | None, check: Callable[[dict[str, Any]], Iterable[str]]
) -> dict[str, Any]:
    normaliser = Normaliser(capabilities)
    part = normaliser.part(name, document)
    found = normaliser.problems or list(check(part))
    if found:
        raise InvalidSpec("; ".join(found), problems=tuple(found))
    return part
