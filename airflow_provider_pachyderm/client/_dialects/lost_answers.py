"""Finding out what a call has done whose answer was lost. The rules are in :mod:`.._retries`; these are the looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, commits_in
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._dialects.pps_replies import spec_in
from airflow_provider_pachyderm.client._dialects.start_tokens import token_in
from airflow_provider_pachyderm.client._errors import BranchHasNoHead, NotFound, Unavailable
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._pipeline_specs.compare import differences

# the commit is the head of its branch unless somebody moves that at the same time
_NEWEST = 5


def look(dialect: Dialect, call: Call[Any]) -> Plan[Any]:
    """Find what a call has done.

    :return: what stands for its reply; None if it has not been carried out, or nothing tells.
    """
    looks = _LOOKS.get(call.method.name)
    return None if looks is None else (yield from looks(dialect, call))


def _started(dialect: Dialect, call: Call[Any]) -> Plan[Any]:
    request: Any = call.request
    token = token_in(request.description)
    if not token:
        return None
    branch: Any = call.about
    history: Any = dialect.commits.list(branch.repo, Commit(branch.repo, branch.name), None, _NEWEST)
    ours: Listing[Any] = Listing(replace(history.source, read=partial(_with_token, token)), limit=1)
    try:
        found = yield from ours.all()
    except (NotFound, BranchHasNoHead):
        return None
    return found[0] if found else None


def _with_token(token: str, reply: Any) -> Iterator[Any]:
    """Read the commits of a reply that have the token."""
    return (info.commit for info in commits_in(reply) if info.description.endswith(token))


def _repo_made(dialect: Dialect, call: Call[Any]) -> Plan[Any]:
    """Take a repo that is as it was wanted, and still empty, for the one that the call made."""
    request: Any = call.request
    repo: Any = call.about
    try:
        info = yield from dialect.repos.inspect(repo)
    except NotFound:
        return None
    untouched = not info.size_bytes and not info.branches
    return Empty() if untouched and info.description == request.description else None


def _project_made(dialect: Dialect, call: Call[Any]) -> Plan[Any]:
    request: Any = call.request
    try:
        info = yield from dialect.projects.inspect(request.project.name)
    except NotFound:
        return None
    return Empty() if info.description == request.description else None


def _deployed(dialect: Dialect, call: Call[Any]) -> Plan[Any]:
    """Take a pipeline that has the spec that it was to have for the one that the call made.

    :raises Unavailable: if nothing tells, as all datums were to be processed again.
    """
    request: Any = call.request
    if request.reprocess:
        raise Unavailable("the spec of a pipeline does not tell whether its datums are processed again")
    pipeline: Any = call.about
    info = yield from dialect.pipelines.deployed(pipeline)
    if info is None:
        return None
    spec = spec_in(request)
    effective = yield from dialect.pipelines.effective(pipeline, spec)
    return call.method.reply_type() if not differences(info.spec, effective, pipeline, given=spec) else None


_LOOKS: dict[str, Callable[[Dialect, Call[Any]], Plan[Any]]] = {
    "StartCommit": _started,
    "CreateRepo": _repo_made,
    "CreateProject": _project_made,
    "CreatePipeline": _deployed,
    "CreatePipelineV2": _deployed,
}
