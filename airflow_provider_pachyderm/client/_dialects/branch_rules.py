"""What branches have to do with each other: what a client must refuse, as servers accept it or do not survive it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import TypeVar

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature, World
from airflow_provider_pachyderm.client._errors import BranchNotFound, Conflict
from airflow_provider_pachyderm.client._models import Branch, BranchInfo, Trigger
from airflow_provider_pachyderm.client._refs import same_repo

T = TypeVar("T")


def refuse_circle(capabilities: Capabilities, branch: Branch, source: Branch, infos: Iterable[BranchInfo]) -> None:
    """Refuse to make a branch from another one that is made from it.

    2.6 accepts that where no commits are made yet, and fsck finds the fault. 1.x servers accept it of two repos that
    are made from each other by different branches, and cannot delete anything then.

    :param infos: the branches of the other one's repo.
    """
    if same_repo(source.repo, branch.repo):
        raise _refusal(branch, f"cannot be made from {source}, which is in the same repo")
    for info in infos:
        for upstream in info.provenance:
            if not same_repo(upstream.repo, branch.repo):
                continue
            if capabilities.world is World.V1:
                raise _refusal(branch, f"cannot be made from {source}: the repos would form a circle")
            if info.branch.name == source.name and upstream.name == branch.name:
                raise _refusal(branch, f"cannot be made from {source}: the branches would form a circle")


def refuse_trigger(
    capabilities: Capabilities, branch: Branch, trigger: Trigger, infos: Iterable[BranchInfo], *, alone: bool
) -> None:
    """Refuse a trigger that only some servers refuse, or that a server would never answer for.

    :param infos: the branches of the repo, the newest first.
    :param alone: there is no transaction, in which the branch to follow may be made.
    """
    known = {info.branch.name: info for info in infos}
    if alone and trigger.branch not in (*known, branch.name, ""):
        followed = Branch(branch.repo, trigger.branch)
        raise BranchNotFound(
            f"branch {followed} not found: the trigger of {branch} would follow it", reference=str(followed)
        )
    follows = {info.branch.name: info.trigger.branch for info in known.values() if info.trigger is not None}
    followed_too = {branch.name}
    name: str | None = trigger.branch
    while name is not None and name not in followed_too:
        followed_too.add(name)
        name = follows.get(name)
    if name == branch.name:
        raise _refusal(branch, f"cannot follow branch {trigger.branch!r}: triggers cannot form a loop")
    oldest = next(reversed(known.values()), None)
    if oldest and oldest.trigger and {oldest.trigger.branch, trigger.branch} <= known.keys():
        capabilities.require(Feature.TRIGGER_BEHIND_TRIGGER)


def refuse_provenance(branch: Branch, infos: Iterable[BranchInfo]) -> None:
    """Refuse to make a branch that has a trigger from others, too.

    :param infos: the branches of its repo.
    """
    for info in infos:
        if info.branch.name == branch.name and info.trigger is not None:
            raise _refusal(
                branch,
                f"cannot have both provenance and a trigger, and it follows branch {info.trigger.branch!r}: "
                "delete it first",
            )


def refuse_deletion(branch: Branch, infos: Iterable[BranchInfo]) -> None:
    """Refuse to delete a branch that others follow.

    Servers before 2.8 leave triggers behind that follow nothing; later ones refuse, or by force take the triggers off,
    which can kill them if one goes by the clock.

    :param infos: the branches of its repo.
    """
    followers = [str(info.branch) for info in infos if info.trigger is not None and info.trigger.branch == branch.name]
    if followers:
        raise _refusal(
            branch, f"cannot be deleted: the triggers of {', '.join(followers)} follow it; delete these branches first"
        )


def followers_first(infos: Iterable[BranchInfo]) -> list[BranchInfo]:
    """Put the branches that have triggers in an order in which they can be deleted."""
    triggered = {info.branch.name: info for info in infos if info.trigger is not None}
    follows = {name: {info.trigger.branch} for name, info in triggered.items() if info.trigger is not None}
    return [triggered[name] for name in outputs_first(follows)]


def outputs_first(upstream: Mapping[T, Set[T]]) -> list[T]:
    """Put repos or branches in an order in which they can be deleted: those that others need last.

    :param upstream: those that each is made from, or follows.
    """
    left = dict(upstream)
    order: list[T] = []
    while left:
        needed = {each for sources in left.values() for each in sources}
        # where branches follow each other in a circle, which 2.0 to 2.5 accept, any order will do
        free = [each for each in left if each not in needed] or [*left]
        order += free
        left = {each: sources for each, sources in left.items() if each not in free}
    return order


def _refusal(branch: Branch, what: str) -> Conflict:
    return Conflict(f"branch {branch} {what}", reference=str(branch))
