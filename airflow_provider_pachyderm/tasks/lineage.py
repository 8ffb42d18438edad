"""What a task read and wrote, for Airflow's hook lineage, which passes it on to OpenLineage and its like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from airflow_provider_pachyderm._compat import get_hook_lineage_collector
from airflow_provider_pachyderm._urls import masked_url
from airflow_provider_pachyderm.assets.pachyderm import asset_uri, has_uri
from airflow_provider_pachyderm.client import InvalidReference, parse_branch

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import Branch, Commit
    from airflow_provider_pachyderm.tasks.connected import Connected


def report_input(hook: Connected, commit: Commit, paths: Iterable[str | None] = (None,)) -> None:
    """Say that a task read from a branch.

    :param hook: of the task; its connection says where the server is
    :param commit: what was read; one of which the branch is not known has no URI, and is left out, as is all that is
        behind a Unix socket
    :param paths: files and directories; None for all of the branch
    """
    collector = get_hook_lineage_collector()
    for uri in _uris(hook, commit, paths):
        collector.add_input_asset(context=hook, uri=uri)


def report_output(hook: Connected, commit: Commit, paths: Iterable[str | None] = (None,)) -> None:
    """Say that a task wrote to a branch; as ``report_input``."""
    collector = get_hook_lineage_collector()
    for uri in _uris(hook, commit, paths):
        collector.add_output_asset(context=hook, uri=uri)


def report_source(hook: Connected, uri: str) -> None:
    """Say where else a task read from.

    :param uri: of a local file or directory, or on the web; what is secret in it is masked
    """
    get_hook_lineage_collector().add_input_asset(context=hook, uri=masked_url(uri))


def report_target(hook: Connected, uri: str) -> None:
    """Say where else a task wrote to; as ``report_source``."""
    get_hook_lineage_collector().add_output_asset(context=hook, uri=masked_url(uri))


def _uris(hook: Connected, commit: Commit, paths: Iterable[str | None]) -> list[str]:
    branch, config = _branch(commit), hook.config()
    if branch is None or not has_uri(config):
        return []
    return [asset_uri(config, branch, path) for path in paths]


def _branch(commit: Commit) -> Branch | None:
    """Name the branch of a commit, if it is known; ``master^`` is none."""
    try:
        return parse_branch((commit.repo, commit.branch)) if commit.branch else None
    except InvalidReference:
        return None
