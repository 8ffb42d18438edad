"""What every server refuses in a spec, told before it is sent, and all of it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from airflow_provider_pachyderm.client._capabilities import Capabilities
from airflow_provider_pachyderm.client._pipeline_specs import inputs as tree

Spec = dict[str, Any]

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")
_LONGEST: Final = (("2.5.0+", 51), ("", 63))
_SERVICE_TYPES = ("ExternalName", "ClusterIP", "LoadBalancer", "NodePort")
_REPROCESS = ("until_success", "every_job")


def problems(spec: Spec, capabilities: Capabilities | None) -> Iterator[str]:
    """Yield what servers would refuse, with the place in the spec.

    :param spec: a normal one.
    :param capabilities: of the server; None for what all releases refuse that this client deploys to.
    """
    since = _since(capabilities)
    yield from _name(spec, since)
    yield from _pods(spec)
    yield from _kinds(spec, since)
    yield from _secrets(spec, since)
    if isinstance(spec.get("input"), dict):
        yield from input_problems(spec["input"], capabilities)


def input_problems(root: Spec, capabilities: Capabilities | None) -> Iterator[str]:
    """Yield what servers would refuse in an input."""
    yield from _input(root, "input", _since(capabilities))
    yield from _clashes(root)[0]


def _since(capabilities: Capabilities | None) -> Callable[[str], bool]:
    """Make what says whether the server is known to be one of some releases."""
    return lambda versions: capabilities is not None and capabilities.within(versions)


def _name(spec: Spec, since: Callable[[str], bool]) -> Iterator[str]:
    name = (spec.get("pipeline") or {}).get("name")
    if not name:
        yield "pipeline.name is missing"
        return
    if _NAME.fullmatch(name) is None:
        yield f"pipeline.name {name!r} may only have letters, digits, '_' and '-', the first a letter or a digit"
    longest = next(length for versions, length in _LONGEST if not versions or since(versions))
    if len(name) > longest:
        yield f"pipeline.name {name!r} has {len(name)} characters: at most {longest} are allowed"


def _pods(spec: Spec) -> Iterator[str]:
    for field in ("pod_spec", "pod_patch"):
        text = spec.get(field)
        if text:
            try:
                json.loads(text)
            except ValueError as error:
                yield f"{field} is not JSON: {error}"


def _kinds(spec: Spec, since: Callable[[str], bool]) -> Iterator[str]:
    service, spout = spec.get("service"), spec.get("spout")
    workers = (spec.get("parallelism_spec") or {}).get("constant")
    if service is not None and spout is not None:
        yield "service and spout cannot both be set: a spout has a service of its own, spout.service"
    if service is not None and workers not in (None, 0, 1):
        yield f"parallelism_spec.constant must be 1 for a service, not {workers}"
    for place, given in (("service", service), ("spout.service", (spout or {}).get("service"))):
        if given and given.get("type") and given["type"] not in _SERVICE_TYPES:
            yield f"{place}.type must be one of {', '.join(_SERVICE_TYPES)}, not {given['type']!r}"
    if spout is not None and not spout.get("service") and spec.get("input") and since("1.10.2+"):
        yield "input cannot be set for a spout without spout.service"
    if spout is not None and spec.get("autoscaling") and since("2.0.0+"):
        yield "autoscaling cannot be set for a spout, as nothing outside starts it"
    if spec.get("s3_out") and (spout is not None or service is not None):
        yield "s3_out cannot be set for a spout or a service"
    if spec.get("tf_job"):
        yield "tf_job cannot be set: no server runs one yet"
    reprocess = spec.get("reprocess_spec")
    if reprocess and reprocess not in _REPROCESS:
        yield f"reprocess_spec must be one of {', '.join(_REPROCESS)}, not {reprocess!r}"
    for index, toleration in enumerate(spec.get("tolerations") or ()):
        if toleration.get("operator", "EMPTY") == "EMPTY":
            yield f"tolerations[{index}].operator must be EQUAL or EXISTS"


def _secrets(spec: Spec, since: Callable[[str], bool]) -> Iterator[str]:
    if since("2.3.0+"):
        for index, secret in enumerate((spec.get("transform") or {}).get("secrets") or ()):
            if secret.get("env_var") and not secret.get("key"):
                yield f"transform.secrets[{index}].key is missing, as env_var is set"


def _input(node: Spec, path: str, since: Callable[[str], bool], outer: str = "") -> Iterator[str]:
    """Check an input and those in it.

    :param outer: the kind of combination that it is in.
    """
    kinds = [kind for kind in tree.KINDS if node.get(kind) not in (None, [])]
    if len(kinds) != 1:
        said = " and ".join(kinds)
        yield f"{path} must have exactly one of {', '.join(tree.NOW)}, not {said}" if kinds else f"{path} is empty"
        return
    (kind,) = kinds
    inner = node[kind]
    if kind in tree.COMBINED:
        for index, child in enumerate(inner):
            yield from _input(child, f"{path}.{kind}[{index}]", since, kind)
    else:
        yield from _LEAVES.get(kind, _other)(inner, f"{path}.{kind}", since, outer)


def _pfs(leaf: Spec, path: str, since: Callable[[str], bool], outer: str) -> Iterator[str]:
    for field in ("repo", "glob"):
        if not leaf.get(field):
            yield f"{path}.{field} is missing"
    name = leaf.get("name") or leaf.get("repo")
    if name == "out" or (name == ".env" and since("2.6.0+")):
        yield f"{path}.name cannot be {name!r}, as that is used by Pachyderm itself: set name to something else"
    if leaf.get("commit") and since("2.6.0+"):
        yield f"{path}.commit cannot be set: give a branch whose head is that commit"
    if leaf.get("s3"):
        if leaf.get("glob") != "/":
            yield f"{path}.glob must be '/', as s3 is set"
        for field in ("lazy", "empty_files"):
            if leaf.get(field):
                yield f"{path}.{field} cannot be set together with s3"
        if outer in ("join", "group", "union"):
            yield f"{path}.s3 cannot be set in a {outer}"


def _cron(leaf: Spec, path: str, since: Callable[[str], bool], outer: str) -> Iterator[str]:
    for field in ("name", "spec"):
        if not leaf.get(field):
            yield f"{path}.{field} is missing"


def _other(leaf: Spec, path: str, since: Callable[[str], bool], outer: str) -> Iterator[str]:
    yield from ()


_LEAVES: Final[dict[str, Callable[[Spec, str, Callable[[str], bool], str], Iterator[str]]]] = {
    "pfs": _pfs,
    "atom": _pfs,
    "cron": _cron,
}


def _clashes(node: Spec) -> tuple[list[str], set[str]]:
    """Say which names several inputs have, and give all names. Those of a union may share one."""
    kind = next((kind for kind in tree.KINDS if node.get(kind)), None)
    if kind is None:
        return [], set()
    if kind not in tree.COMBINED:
        name = tree.name_of(kind, node[kind])
        return [], {name} if name else set()
    found: list[str] = []
    names: set[str] = set()
    for child in node[kind]:
        inner, of_child = _clashes(child)
        found += inner
        if kind != "union":
            found += [f"input.name {name!r} is used more than once" for name in sorted(names & of_child)]
        names |= of_child
    return found, names
