"""Inputs of pipelines: files of branches, and what combines them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.model import RepoKey, Trigger


@dataclass(frozen=True)
class PfsInput:
    """Files of a branch.

    :param name: the folder below ``/pfs`` that has them.
    :param commit: the commit that is read; empty: the head of the branch.
    :param join_on: what a join pairs its files by, with ``$1`` for what the pattern captures.
    :param outer_join: in a join, its files count also without partners.
    :param group_by: what a group gathers its files by.
    :param lazy: files are fetched when they are opened.
    :param empty_files: files are laid out without their content.
    :param s3: files are read through the S3 gateway.
    :param trigger: what moves the branch.
    """

    name: str
    repo: RepoKey
    branch: str = "master"
    glob: str = "/"
    commit: str = ""
    join_on: str = ""
    outer_join: bool = False
    group_by: str = ""
    lazy: bool = False
    empty_files: bool = False
    s3: bool = False
    trigger: Trigger | None = None


@dataclass(frozen=True)
class CronInput(PfsInput):
    """Ticks of a clock: files of a repo of its own, each named by its time.

    :param spec: when it ticks: five fields, ``@every 60s``, ``@daily``, ``@never``.
    :param start: nanoseconds since 1970 from which ticks are counted.
    :param overwrite: a tick removes those before it.
    """

    glob: str = "/*"
    spec: str = ""
    start: int = 0
    overwrite: bool = False


@dataclass(frozen=True)
class Cross:
    """Every combination of datums of its inputs."""

    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Union:
    """All datums of its inputs."""

    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Join:
    """Combinations of files for which ``join_on`` is the same."""

    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Group:
    """All files for which ``group_by`` is the same, in one datum."""

    inputs: tuple[Input, ...]


Input = PfsInput | Cross | Union | Join | Group


def leaves(tree: Input) -> Iterator[PfsInput]:
    """The inputs that have files, in the order of the tree."""
    if isinstance(tree, PfsInput):
        yield tree
    else:
        for part in tree.inputs:
            yield from leaves(part)
