"""How releases with projects treat them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class ProjectRules:
    """Rules of projects (2.5 and later).

    :param update_creates: CreateProject with ``update`` makes a project that is not there, else that is an error.
    :param taken: the words for a name that is taken.
    :param missing: the words for a project that is not there.
    :param needed: the words for one that a repo is to be made in, if they are others.
    :param inspecting: what InspectProject puts before them.
    :param updating: what CreateProject with ``update`` puts before them.
    :param deleting: the words of DeleteProject for that.
    :param before_repo: what a missing repo of such a project is told after, if anything is.
    :param held: the words in which a project that holds repos is not deleted.
    :param held_code: the status of that.
    :param force: what DeleteProject does about repos with ``force``: it ``"fails"`` in other words, deletes
        ``"them"``, or does ``"nothing"`` else than without.
    :param newest_first: ListProject begins with the newest.
    """

    update_creates: bool = False
    taken: str = 'project "{name}" already exists\nproject {name} already exists'
    missing: str = "get project by name: project {quoted}not found"
    needed: str = ""
    inspecting: str = 'error getting project "{name}"'
    updating: str = "get project {name}"
    deleting: str = 'project "{name}" not found'
    before_repo: str = 'get project by name: project "{name}" not found'
    held: str = "cannot delete project {name}: repo {repo} still exists"
    held_code: str = "FAILED_PRECONDITION"
    force: str = "fails"
    newest_first: bool = False

    V2_5: ClassVar[ProjectRules]
    V2_6: ClassVar[ProjectRules]
    V2_7: ClassVar[ProjectRules]
    V2_8: ClassVar[ProjectRules]

    def not_found(self, name: str, needed: bool = False) -> str:
        """The words for a project that is not there."""
        words = (self.needed if needed else "") or self.missing
        return words.format(name=name, quoted=f'"{name}" ' if name else "")


ProjectRules.V2_5 = ProjectRules(
    taken='project "{name}" already exists',
    missing="projects {name} not found",
    needed='project "{name}" not found',
    inspecting="",
    updating="",
    deleting="projects {name} not found",
    before_repo="",
    held='project "{name}" contains {count} repos',
    held_code="UNKNOWN",
    force="them",
    newest_first=True,
)
ProjectRules.V2_6 = ProjectRules(
    taken="project {name} already exists",
    missing="projects {name} not found",
    needed='project "{name}" not found',
    inspecting="",
    updating="",
    deleting="projects {name} not found",
    before_repo="",
    force="nothing",
    newest_first=True,
)
ProjectRules.V2_7 = ProjectRules(
    update_creates=True,
    taken="project {name} already exists",
    missing="project {quoted}not found",
    before_repo="",
    force="nothing",
)
ProjectRules.V2_8 = ProjectRules(
    update_creates=True, missing="project {quoted}not found", before_repo='project "{name}" not found'
)
