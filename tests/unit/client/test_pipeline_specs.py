"""Pipeline specs: what is read, as what, what is refused, and in which order they come."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm._wire.v1 import pps_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import pps_pb2 as v2
from airflow_provider_pachyderm.client import InvalidSpec, Pipeline, read_pipeline_specs
from airflow_provider_pachyderm.client._capabilities import World
from airflow_provider_pachyderm.client._pipeline_specs import fields
from airflow_provider_pachyderm.client._pipeline_specs.durations import canonical

WHOLE = {"pipeline": {"name": "p"}, "transform": {"cmd": ["sh"]}, "input": {"pfs": {"repo": "r", "glob": "/*"}}}


def spec(name: str = "p", **more: Any) -> dict[str, Any]:
    return {**WHOLE, "pipeline": {"name": name}, **more}


def reading(name: str, *repos: str, **pfs: Any) -> dict[str, Any]:
    leaves = [{"pfs": {"repo": repo, "glob": "/", **pfs}} for repo in repos]
    return spec(name, input={"cross": leaves} if len(leaves) > 1 else leaves[0])


def names(source: Any, version: str | None = None) -> list[str]:
    return [str(each.pipeline) for each in read_pipeline_specs(source, version)]


def refusal(source: Any, version: str | None = None) -> str:
    with pytest.raises(InvalidSpec) as caught:
        read_pipeline_specs(source, version)
    return str(caught.value)


# reading


@pytest.mark.parametrize(
    "text",
    [
        '{"pipeline": {"name": "a"}} {"pipeline": {"name": "b"}}',
        '\ufeff\n\t{"pipeline": {"name": "a"}}\n{"pipeline": {"name": "b"}}\n',
        '[{"pipeline": {"name": "a"}}, {"pipeline": {"name": "b"}}]',
        "pipeline:\n  name: a\n---\npipeline: {name: b}\n",
        "- pipeline:\n    name: a\n- pipeline:\n    name: b\n",
        "---\n# nothing yet\n---\npipeline: {name: a}\n---\n- pipeline: {name: b}\n",
        '[{\n\t"pipeline": {"name": "a"},\t# a note\n},\n{"pipeline": {"name": "b",},}]',
    ],
)
def test_all_forms_of_text_are_read(text: str) -> None:
    assert names(text) == ["a", "b"]


def test_both_spellings_mean_the_same() -> None:
    snake = spec(datum_tries=3, datum_set_spec={"per_worker": "2"}, s3_out=True, egress={"URL": "s3://b"})
    camel = spec(datumTries="3", datumSetSpec={"perWorker": 2.0}, s3Out=True, egress={"URL": "s3://b"})
    (one,), (other,) = read_pipeline_specs(snake), read_pipeline_specs(camel)
    assert one == other
    assert one.spec["datum_tries"] == 3
    assert one.spec["datum_set_spec"] == {"per_worker": 2}


def test_yaml_is_read_as_pachctl_reads_it() -> None:
    (read,) = read_pipeline_specs(
        "$schema: https://example.org/spec.json\n"
        "pipeline: {name: p}\n"
        "transform:\n"
        "  cmd: [sh, -c, on, 1:30, 2024-01-31]\n"
        "  env: &env {1: 'yes', YES: no, WHEN: 2024-01-31}\n"
        "input:\n  cron: {name: tick, spec: '@daily', overwrite: true, start: 2024-01-31T00:00:00Z}\n"
        "resource_requests: {cpu: .5}\n"
        "description: ~\n"
    )
    assert read.spec == {
        "pipeline": {"name": "p"},
        "transform": {
            "cmd": ["sh", "-c", "on", "1:30", "2024-01-31"],
            "env": {"1": "yes", "YES": "no", "WHEN": "2024-01-31"},
        },
        "input": {"cron": {"name": "tick", "spec": "@daily", "overwrite": True, "start": "2024-01-31T00:00:00Z"}},
        "resource_requests": {"cpu": 0.5},
        "description": None,
    }


def test_how_to_deploy_is_not_taken_from_a_spec() -> None:
    (read,) = read_pipeline_specs(spec(update=True, reprocess=True))
    assert read.spec == WHOLE


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("90s", "90s"), ("1h30m", "5400s"), ("1.5s", "1.5s"), ("100ms", "0.1s"), ("300.000s", "300s")),
        *(("-2s", "-2s"), ("0s", "0s"), ("1h0m0.25s", "3600.25s"), ("1us", "0.000001s"), ("10s", "10s")),
    ],
)
def test_durations_are_written_in_seconds(written: str, meant: str) -> None:
    assert canonical(written) == meant
    (read,) = read_pipeline_specs(spec(job_timeout=written))
    assert read.spec["job_timeout"] == meant


def test_a_timedelta_is_a_duration() -> None:
    (read,) = read_pipeline_specs(spec(datum_timeout=timedelta(minutes=1, milliseconds=500)))
    assert read.spec["datum_timeout"] == "60.5s"


def test_a_training_job_becomes_text() -> None:
    assert "tf_job cannot be set" in refusal(spec(TFJob={"kind": "TFJob"}))


def test_files_and_directories_are_read(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"pipeline": {"name": "b"}, "input": {"pfs": {"repo": "c", "glob": "/"}}}')
    (tmp_path / "more").mkdir()
    (tmp_path / "more/c.YAML").write_text("pipeline: {name: c}\n")
    (tmp_path / "a.yml").write_text("pipeline: {name: a}\n---\npipeline: {name: d}\n")
    (tmp_path / "notes.md").write_text("no spec")
    assert names(tmp_path) == ["a", "d", "c", "b"]
    assert names(str(tmp_path / "b.json")) == ["b"]
    sources = {str(each.pipeline): each.source for each in read_pipeline_specs([tmp_path / "a.yml", spec("x")])}
    assert sources == {"a": f"{tmp_path / 'a.yml'}, spec 1", "d": f"{tmp_path / 'a.yml'}, spec 2", "x": "spec 2"}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{", "is neither JSON nor YAML"),
        ("a: b: c\n", "is neither JSON nor YAML"),
        ("\n", "has no pipeline spec"),
        ("no-such-file.json", "no-such-file.json cannot be read"),
        (7, "must be a dict, a text, a path or a list of these, not int"),
        ([7], "must be a dict, a text, a path or a list of these, not int"),
        ("- 7\n", "the spec must be an object, not a number (7)"),
    ],
)
def test_what_is_no_spec_is_refused(source: Any, text: str) -> None:
    assert text in refusal(source)


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    assert "has no .json, .yaml, .yml file" in refusal(tmp_path)


# checking


@pytest.mark.parametrize(
    ("wrong", "version", "text"),
    [
        ({"pipeline": {}}, None, "pipeline.name is missing"),
        ({"pipeline": {"name": "_p"}}, None, "the first a letter or a digit"),
        ({"pipeline": {"name": "a.b"}}, None, "may only have letters"),
        ({"pipeline": {"name": "p" * 52}}, "2.5.9", "has 52 characters: at most 51"),
        ({"pipeline": {"name": "p" * 64}}, "2.4.6", "has 64 characters: at most 63"),
        ({"pipeline": {"name": "p", "project": {"name": "x"}}}, "2.4.6", "pipeline.project needs Pachyderm 2.5.0"),
        ({"transfrom": {}}, None, "transfrom is not a field of a pipeline spec: did you mean transform?"),
        ({"transform": {"cmd": "sh"}}, None, "transform.cmd must be a list, not text ('sh')"),
        ({"transform": {"env": {"A": 1}}}, None, "transform.env.A must be text: write it in quotes, not a number (1)"),
        ({"datum_tries": 1.5}, None, "datum_tries must be a whole number"),
        ({"datum_tries": True}, None, "datum_tries must be a number, not a boolean (True)"),
        ({"s3_out": "true"}, None, "s3_out must be true or false, not text"),
        ({"job_timeout": 60}, None, 'job_timeout must be a duration such as "90s" or "1h30m", not a number (60)'),
        ({"job_timeout": "5 minutes"}, None, "job_timeout must be a duration"),
        (
            {"enable_stats": True},
            "2.0.8",
            "enable_stats needs Pachyderm 1.5.1 to 1.13 (this server is 2.0.8): remove it",
        ),
        ({"standby": True}, "2.11.6", "write autoscaling"),
        ({"autoscaling": True}, "1.12.5", "autoscaling needs Pachyderm 1.13.0 or later"),
        ({"chunk_spec": {"number": 1}}, "2.11.6", "write datum_set_spec"),
        ({"parallelism_spec": {"coefficient": 2}}, "2.11.6", "write constant"),
        ({"input": {"atom": {"repo": "r", "glob": "/"}}}, "1.13.4", "write pfs"),
        ({"input": {}}, None, "input is empty"),
        ({"input": {"cross": []}}, None, "input is empty"),
        ({"input": {"cross": [{}]}}, None, "input.cross[0] is empty"),
        (
            {"input": {"pfs": {"repo": "r", "glob": "/"}, "cron": {"name": "c", "spec": "@daily"}}},
            None,
            "exactly one of",
        ),
        ({"input": {"pfs": {"glob": "/"}}}, None, "input.pfs.repo is missing"),
        ({"input": {"pfs": {"repo": "r"}}}, None, "input.pfs.glob is missing"),
        ({"input": {"pfs": {"repo": "out", "glob": "/"}}}, None, "input.pfs.name cannot be 'out'"),
        ({"input": {"pfs": {"repo": "r", "glob": "/", "name": ".env"}}}, "2.6.11", "input.pfs.name cannot be '.env'"),
        ({"input": {"pfs": {"repo": "r", "glob": "/", "commit": "c"}}}, "2.6.11", "input.pfs.commit cannot be set"),
        ({"input": {"pfs": {"repo": "r", "glob": "/*", "s3": True}}}, None, "input.pfs.glob must be '/'"),
        (
            {"input": {"pfs": {"repo": "r", "glob": "/", "s3": True, "lazy": True}}},
            None,
            "input.pfs.lazy cannot be set",
        ),
        ({"input": {"union": [{"pfs": {"repo": "r", "glob": "/", "s3": True}}]}}, None, "s3 cannot be set in a union"),
        ({"input": {"cron": {"spec": "@daily"}}}, None, "input.cron.name is missing"),
        ({"service": {}, "spout": {}, "input": None}, None, "service and spout cannot both be set"),
        ({"service": {"internal_port": 1}, "parallelism_spec": {"constant": 2}}, None, "must be 1 for a service"),
        ({"service": {"type": "Port"}}, None, "service.type must be one of"),
        ({"spout": {}}, "1.13.4", "input cannot be set for a spout"),
        ({"spout": {}, "input": None, "autoscaling": True}, "2.0.8", "autoscaling cannot be set for a spout"),
        ({"service": {}, "s3_out": True}, None, "s3_out cannot be set"),
        ({"reprocess_spec": "never"}, None, "reprocess_spec must be one of until_success, every_job"),
        ({"pod_patch": "{"}, None, "pod_patch is not JSON"),
        ({"tolerations": [{"key": "k"}]}, None, "tolerations[0].operator must be EQUAL or EXISTS"),
        ({"tolerations": [{"operator": "IS"}]}, None, "operator must be one of EMPTY, EXISTS, EQUAL"),
        ({"transform": {"secrets": [{"name": "s", "env_var": "S"}]}}, "2.3.9", "transform.secrets[0].key is missing"),
    ],
)
def test_what_servers_refuse_is_told_before(wrong: dict[str, Any], version: str | None, text: str) -> None:
    assert text in refusal({**WHOLE, **wrong}, version)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidSpec) as caught:
        read_pipeline_specs({**WHOLE, "standby": True, "job_timeout": 1, "nonsense": 1}, "2.11.6")
    assert len(caught.value.problems) == 3
    assert caught.value.reference == "p"
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_names_of_inputs_clash_except_within_a_union() -> None:
    def leaf(name: str) -> dict[str, Any]:
        return {"pfs": {"name": name, "repo": "r", "glob": "/"}}

    union = {"union": [leaf("a"), leaf("a"), leaf("b")]}
    assert names(spec(input=union)) == ["p"]
    assert "input.name 'a' is used more than once" in refusal(spec(input={"cross": [union, leaf("a")]}))
    assert "input.name 'c' is used more than once" in refusal(spec(input={"join": [leaf("c"), leaf("c")]}))


def test_what_any_release_knew_is_read_where_no_server_is_named() -> None:
    old = spec("old", input={"atom": {"repo": "r", "glob": "/"}}, incremental=True, resource_spec={"gpu": 1})
    oldest = {"pipeline": {"name": "oldest"}, "inputs": [{"repo": {"name": "old"}, "glob": "/"}], "outputBranch": "b"}
    new = spec("new", autoscaling=True, datum_set_spec={"number": 1}, maximum_expected_uptime="1h")
    assert names([oldest, new, old]) == ["new", "old", "oldest"]


# order


def test_specs_come_behind_those_that_make_their_inputs() -> None:
    specs = [reading("montage", "edges", "images"), reading("last", "montage"), reading("edges", "images"), spec("x")]
    assert names(specs) == ["edges", "montage", "last", "x"]


def test_a_repo_of_another_project_is_another_one() -> None:
    other = reading("a", "b", project="other")
    assert names([other, spec("b")]) == ["a", "b"]
    there = spec("b", pipeline={"name": "b", "project": {"name": "other"}})
    assert names([other, there]) == ["other/b", "a"]
    inside = {**reading("c", "d"), "pipeline": {"name": "c", "project": {"name": "default"}}}
    assert names([inside, spec("d")]) == ["d", "default/c"]


def test_circles_and_doubles_are_refused() -> None:
    text = refusal([reading("a", "c"), reading("b", "a"), reading("c", "b")])
    assert "read each other in a circle" in text and " -> " in text
    assert "pipeline p has two specs: spec 1 and spec 2" in refusal([spec(), spec()])


def test_the_inputs_of_a_spec_are_known() -> None:
    (read,) = read_pipeline_specs(reading("p", "a", "b"))
    assert read.pipeline == Pipeline("p")
    assert [str(branch) for branch in read.inputs] == ["a@master", "b@master"]


# the table


def test_the_table_knows_what_the_wire_knows() -> None:
    for world, wire in ((World.V1, v1), (World.V2, v2)):
        files = [wire.DESCRIPTOR, *wire.DESCRIPTOR.dependencies]
        messages = {name: message for file in files for name, message in file.message_types_by_name.items()}
        for part, known in fields.FIELDS.items():
            message = messages.get(part)
            if message is None or part in ("Commit", "Repo"):
                continue
            there = {field.name for field in message.fields}
            unknown = there - set(known) - fields.ARGUMENTS - {"details_json", "gc_policy"}
            assert not unknown, f"{world}: {part} has {unknown}"


def test_every_hint_is_about_a_field() -> None:
    for place in fields.INSTEAD:
        part, _, field = place.partition(".")
        assert field in fields.FIELDS[part]
    kinds = {field.kind.strip("[]") for part in fields.FIELDS.values() for field in part.values()}
    plain = {"string", "bool", "int", "number", "duration", "time", "{string}"}
    assert kinds - plain == (set(fields.FIELDS) | set(fields.ENUMS)) - {fields.ROOT}
