"""The tasks that a group makes of specs, and their order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_pachyderm.client import InvalidSpec
from airflow_provider_pachyderm.operators.pachyderm import PachydermPutFileOperator
from airflow_provider_pachyderm.task_groups.pachyderm import PachydermPipelinesTaskGroup


def spec(name: str, *inputs: str, project: str = "", **more: Any) -> dict[str, Any]:
    def leaf(source: str) -> dict[str, Any]:
        place, _, repo = source.rpartition("/")
        return {"pfs": {"repo": repo, "glob": "/*", **({"project": place} if place else {})}}

    named = {"name": name, **({"project": {"name": project}} if project else {})}
    input = {"input": {"cross": [leaf(source) for source in inputs]}} if inputs else {}
    return {"pipeline": named, "transform": {"cmd": ["true"]}, **input, **more}


def group_of(specs: Any, **arguments: Any) -> PachydermPipelinesTaskGroup:
    with DAG("d", schedule=None):
        arguments = {"commit": "{{ params.commit }}", **arguments}
        return PachydermPipelinesTaskGroup(specs=specs, **arguments)


def edges(group: PachydermPipelinesTaskGroup) -> dict[str, list[str]]:
    return {
        task.task_id.removeprefix("pipelines."): sorted(
            each.removeprefix("pipelines.") for each in task.upstream_task_ids
        )
        for task in group._jobs.values()
    }


def test_the_graph_is_the_provenance() -> None:
    specs = [
        spec("montage", "edges", "images"),
        spec("edges", "images"),
        spec("far", "montage", project="other"),
        spec("near", "other/far", "other/edges"),
    ]
    specs[2]["input"] = {"pfs": {"repo": "montage", "project": "default", "glob": "/"}}
    group = group_of(specs)
    assert edges(group) == {"edges": [], "montage": ["edges"], "other.far": ["montage"], "near": ["other.far"]}
    assert group.job_of("other/far").upstream_commits[0].operator is group.job_of("montage")
    assert group.job_of("default/edges").commit == "{{ params.commit }}"
    assert group.job_of("near").commit == "{{ params.commit }}"  # it reads other/edges, which no pipeline makes
    assert group.job_of("other/far").commit is None
    rules = {task.task_id: str(getattr(task.trigger_rule, "value", task.trigger_rule)) for task in group._jobs.values()}
    assert rules["pipelines.edges"] == "all_success"
    assert rules["pipelines.montage"] == "none_failed"


def test_pipelines_of_the_groups_project_are_named_alone() -> None:
    group = group_of([spec("a", "r", project="p"), spec("b", "a", project="p"), spec("c", "p/b")], project="p")
    assert edges(group) == {"a": [], "b": ["a"], "c": ["b"]}


def test_what_has_no_job_that_ends_has_no_task() -> None:
    served = {"service": {"internal_port": 80, "external_port": 30080}}
    group = group_of([spec("s", "a", **served), spec("a", "r"), spec("spout", spout={}), spec("b", "spout", "a")])
    assert edges(group) == {"a": [], "b": ["a"]}
    with pytest.raises(KeyError):
        group.job_of("spout")


def test_specs_come_from_files_and_the_commit_from_a_task(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(spec("b", "a")))
    (tmp_path / "two.yaml").write_text("pipeline: {name: a}\ninput: {cron: {name: tick, spec: '@daily'}}\n")
    with DAG("d", schedule=None) as dag:
        put = PachydermPutFileOperator(task_id="put", repo="r", path="/a", content="A")
        arguments: dict[str, Any] = {"retries": 4, "timeout": 60}
        group = PachydermPipelinesTaskGroup("g", specs=tmp_path, commit=put.output, default_args=arguments)
    assert dag.task_ids == ["put", "g.a", "g.b"]
    assert dag.task_dict["g.a"].upstream_task_ids == {"put"}
    assert dag.task_dict["g.b"].upstream_task_ids == {"g.a"}
    assert (group.job_of("b").retries, group.job_of("b").timeout) == (4, 60)


def test_a_wrong_spec_is_refused_when_the_dag_is_parsed() -> None:
    with pytest.raises(InvalidSpec, match=r"input\.pfs\.glob is missing"):
        group_of({"pipeline": {"name": "a"}, "input": {"pfs": {"repo": "r"}}})
    with pytest.raises(InvalidSpec, match="circle"):
        group_of([spec("a", "b"), spec("b", "a")])
