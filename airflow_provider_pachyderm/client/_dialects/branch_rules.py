"""What branches have to do with each other: what a client must refuse, as servers accept it or do not survive it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature, World
from airflow_provider_pachyderm.client._errors import BranchNotFound, Conflict
from airflow_provider_pachyderm.client._models import Branch, BranchInfo, Repo, Trigger
from airflow_provider_pachyderm.client._refs import same_repo


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
    followed_too = {branch.name}
    name: str | None = trigger.branch
    while name is not None and name not in followed_too:
        followed_too.add(name)
        name = known[name].trigger.branch if name in known and known[name].trigger else None  # type: ignore[union-attr]
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
    left = [info for info in infos if info.trigger is not None]
    order: list[BranchInfo] = []
    while left:
        followed = {info.trigger.branch for info in left if info.trigger is not None}
        # where they follow each other in a circle, which 2.0 to 2.5 accept, any order will do
        free = [info for info in left if info.branch.name not in followed] or left
        order += free
        left = [info for info in left if info not in free]
    return order


def outputs_first(upstream: Mapping[Repo, Set[Repo]]) -> list[Repo]:
    """Put repos in an order in which they can be deleted: those that others are made from last.

    :param upstream: the repos that each is made from.
    """
    left = dict(upstream)
    order: list[Repo] = []
    while left:
        inputs = {repo for sources in left.values() for repo in sources}
        free = [repo for repo in left if repo not in inputs] or [*left]
        order += free
        left = {repo: sources for repo, sources in left.items() if repo not in free}
    return order


def _refusal(branch: Branch, what: str) -> Conflict:
    return Conflict(f"branch {branch} {what}", reference=str(branch))
