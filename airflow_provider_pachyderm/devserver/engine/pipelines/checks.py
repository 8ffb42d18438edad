"""What CreatePipeline refuses, and what it fills in."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

from airflow_provider_pachyderm.devserver.engine.branches.cron import BadCron, Cron
from airflow_provider_pachyderm.devserver.engine.commits.names import check_name
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT
from airflow_provider_pachyderm.devserver.engine.pipelines.inputs import COMBINED, Input, leaves, sort_by_name
from airflow_provider_pachyderm.devserver.engine.pipelines.model import MASTER, PipelineKey, Spec, parallelism_of
from airflow_provider_pachyderm.devserver.engine.pipelines.rules import (
    AUTOSCALING_WITH_SPOUTS,
    DEFAULT_IMAGE,
    GLOBS_ARE_CLEANED,
    HAS_REPROCESS_SPEC,
    INPUT_COMMITS_REFUSED,
    INPUT_NAME_TAKEN,
    INPUT_NAMES_TAKEN,
    LONGEST_NAME,
    NAME_TOO_LONG,
    REPROCESS_SPECS,
)

_SERVICE_TYPES = ("", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_FIRST = re.compile(r"[a-zA-Z0-9]")
_S3_NEEDS = "as 's3' requires input data to be accessed via Pachyderm's S3 gateway rather than the file system"


class Checks:
    """The checks of specs that need nothing but the spec, in the words of a release."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._profile = core.profile

    # ---- what is wrong whatever the defaults are ----------------------------------------

    def statically(self, spec: Spec) -> None:
        """Refuse values that none of the releases can use."""
        if "tf_job" in spec:
            raise refused("embedding TFJobs in pipelines is not supported yet")
        known = spec.get("reprocess_spec", "") in ("", "until_success", "every_job")
        if self._profile[HAS_REPROCESS_SPEC] and not known:
            raise self._core.refusal(REPROCESS_SPECS)
        tolerations = spec.get("tolerations", [])
        for number, toleration in enumerate(tolerations, 1):
            if toleration.get("operator", "EMPTY") == "EMPTY":
                text = "cannot omit key/value comparison operator; specify EQUAL or EXISTS"
                raise refused(f"toleration {number}/{len(tolerations)}: {text}")
        for field, name in (("pod_spec", "PodSpec"), ("pod_patch", "PodPatch")):
            if spec.get(field) and not _is_json(spec[field]):
                raise refused(f"malformed {name}")
        service = spec.get("service", {}).get("type", "")
        if service not in _SERVICE_TYPES:
            raise refused(f"the following service type {service} is not allowed")

    # ---- what is wrong with the whole ---------------------------------------------------

    def kind(self, spec: Spec) -> None:
        """Refuse what spouts and services cannot have."""
        spout, service = "spout" in spec, "service" in spec
        if spec.get("s3_out") and (spout or service):
            raise refused("s3 output is not supported in spouts or services")
        if "transform" not in spec:
            raise refused("pipeline must specify a transform")
        if spec.get("autoscaling") and spout and not self._profile[AUTOSCALING_WITH_SPOUTS]:
            raise refused("autoscaling can't be used with spouts (spouts aren't triggered externally)")
        if service and parallelism_of(spec) != 1:
            raise refused("services can only be run with a constant parallelism of 1")
        if spout and "service" not in spec["spout"] and "input" in spec:
            raise refused("spout pipelines (without a service) must not have an input")
        sql = spec.get("egress", {}).get("sql_database")
        if sql is not None and "secret" not in sql:
            raise refused("egress.sql_database.secret is required")

    def name(self, name: str) -> None:
        """Refuse what cannot be the name of a pipeline."""
        with during("invalid pipeline name"):
            check_name(name)
        if not _FIRST.match(name):
            raise refused("pipeline names must start with an alphanumeric character")
        longest = self._profile[LONGEST_NAME]
        if len(name) > longest:
            more = len(name) - longest
            raise self._core.refusal(NAME_TOO_LONG, name=name, length=len(name), more=more, less=-more)

    # ---- inputs -------------------------------------------------------------------------

    def input(self, input: Input) -> None:
        """Refuse an input that cannot be used; its defaults are filled in."""
        self._shape(input)
        self._distinct(input, set())
        for kind, leaf in leaves(input):
            self._leaf(kind, leaf)

    def _shape(self, input: Input) -> None:
        kinds = [kind for kind in (*COMBINED, "pfs", "cron", "git") if kind in input]
        if not kinds:
            raise refused("no input set")
        for kind in COMBINED:
            for part in input.get(kind, ()):
                self._shape(part)
        if len(kinds) > 1:
            raise refused("multiple input types set")
        if kinds[0] in ("join", "group", "union") and any(leaf.get("s3") for _, leaf in leaves(input)):
            raise refused(f"S3 inputs in {kinds[0]} expressions are not supported")

    def _distinct(self, input: Input, names: set[str]) -> None:
        for kind in ("pfs", "cron", "git"):
            if kind in input:
                name = input[kind].get("name", "")
                if name and name in names:
                    raise refused(f'name "{name}" was used more than once')
                names.add(name)
        branches = [{*names} for _ in input.get("union", ())]
        for part, known in zip(input.get("union", ()), branches, strict=True):
            self._distinct(part, known)
        names.update(*branches)
        for kind in ("cross", "join", "group"):
            for part in input.get(kind, ()):
                self._distinct(part, names)

    def _leaf(self, kind: str, leaf: Input) -> None:
        if not leaf.get("name"):
            raise refused("input must specify a name")
        if leaf["name"] in self._profile[INPUT_NAMES_TAKEN]:
            raise self._core.refusal(INPUT_NAME_TAKEN, name=leaf["name"])
        if kind == "git" and not str(leaf.get("url", "")).endswith(".git"):
            raise refused("clone URL is missing .git suffix (example clone URL https://github.com/org/foo.git)")
        if kind == "cron":
            _check_cron(leaf.get("spec", ""))
            return
        for field in ("repo", "branch", "glob") if kind == "pfs" else ():
            if not leaf.get(field):
                raise refused(f"input must specify a {field}")
        self._s3(leaf)
        if leaf.get("commit") and self._profile[INPUT_COMMITS_REFUSED]:
            raise refused("input cannot come from a commit; use a branch with head pointing to the commit")

    def _s3(self, leaf: Input) -> None:
        if not leaf.get("s3"):
            return
        if leaf["glob"] != "/":
            raise refused(
                "inputs that set 's3' to 'true' must also set 'glob', to \"/\", as the S3 gateway is only able to "
                "expose data at the commit level"
            )
        for field in ("lazy", "empty_files"):
            if leaf.get(field):
                raise refused(f"input cannot specify both 's3' and '{field}', {_S3_NEEDS}")

    # ---- defaults -----------------------------------------------------------------------

    def fill_in(self, spec: Spec, key: PipelineKey) -> None:
        """Fill in what a spec leaves open."""
        spec["transform"].setdefault("image", self._profile[DEFAULT_IMAGE])
        spec.setdefault("output_branch", MASTER)
        if not int(spec.get("datum_tries", 0)):
            spec["datum_tries"] = "3"
        if self._profile[HAS_REPROCESS_SPEC]:
            spec.setdefault("reprocess_spec", "until_success")
        if self._profile.world == "v1":
            spec.setdefault("cache_size", "64M")
            if not int(spec.get("max_queue_size", 0)):
                spec["max_queue_size"] = "1"
        if "service" in spec:
            spec["service"].setdefault("type", "NodePort")
        if "input" in spec:
            self._fill_in_inputs(spec["input"], key)

    def _fill_in_inputs(self, input: Input, key: PipelineKey) -> None:
        triggers: Iterator[int] = iter(range(1, 1_000_000))
        for kind, leaf in leaves(input):
            if self._profile.world == "v2" and kind != "git":
                leaf.setdefault("project", key.project)
            fill: Callable[[Input, PipelineKey, Iterator[int]], None] = {
                "pfs": self._fill_in_pfs,
                "cron": self._fill_in_cron,
                "git": _fill_in_git,
            }[kind]
            fill(leaf, key, triggers)
        sort_by_name(input)

    def _fill_in_pfs(self, leaf: Input, key: PipelineKey, triggers: Iterator[int]) -> None:
        leaf.setdefault("name", leaf.get("repo", ""))
        if self._profile.world == "v2":
            leaf.setdefault("repo_type", "user")
        if "trigger" in leaf:
            leaf.setdefault("branch", f"{key.name}-trigger-{next(triggers)}")
            leaf["trigger"].setdefault("branch", MASTER)
        leaf.setdefault("branch", MASTER)
        if leaf.get("glob") and self._profile[GLOBS_ARE_CLEANED]:
            leaf["glob"] = posixpath.normpath("/" + leaf["glob"].lstrip("/"))

    def _fill_in_cron(self, leaf: Input, key: PipelineKey, triggers: Iterator[int]) -> None:
        if leaf.get("name"):
            leaf.setdefault("repo", f"{key.name}_{leaf['name']}")
        now = datetime.fromtimestamp(self._core.time() // 1_000_000_000, timezone.utc)
        leaf.setdefault("start", now.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _fill_in_git(leaf: Input, key: PipelineKey, triggers: Iterator[int]) -> None:
    leaf.setdefault("branch", MASTER)
    leaf.setdefault("name", leaf.get("url", "").rpartition("/")[2].removesuffix(".git"))


def _check_cron(expression: str) -> None:
    try:
        if not expression:
            raise BadCron("Empty spec string")
        Cron.parse(expression)
    except BadCron as error:
        raise refused(f"error parsing cron-spec: {error}") from None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def key_of(spec: Spec) -> PipelineKey:
    """The pipeline that a spec is for; without a project it is in the default one."""
    pipeline: dict[str, Any] = spec["pipeline"]
    project = pipeline.get("project", {}).get("name") or DEFAULT_PROJECT
    return PipelineKey(pipeline.get("name", ""), project)


def effective_refusal(effective_json: str, error: EngineError) -> EngineError:
    """What static checks say of a spec that was completed with defaults (2.8 and later)."""
    text = f"could not make effective spec: invalid effective spec {effective_json}: {error.text}"
    return EngineError("INVALID_ARGUMENT", text)
