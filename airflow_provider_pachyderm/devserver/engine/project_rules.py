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
    :param inspecting: what InspectProject puts before them.
    :param held: the words in which a project that holds repos is not deleted.
    :param held_code: the status of that.
    :param force: what DeleteProject does about repos with ``force``: it ``"fails"`` in other words, deletes
        ``"them"``, or does ``"nothing"`` else than without.
    :param newest_first: ListProject begins with the newest.
    """

    update_creates: bool = True
    taken: str = 'project "{name}" already exists\nproject {name} already exists'
    missing: str = 'get project by name: project "{name}" not found'
    inspecting: str = 'error getting project "{name}"'
    held: str = "cannot delete project {name}: repo {repo} still exists"
    held_code: str = "FAILED_PRECONDITION"
    force: str = "fails"
    newest_first: bool = False

    V2_5: ClassVar[ProjectRules]
    V2_6: ClassVar[ProjectRules]
    V2_7: ClassVar[ProjectRules]


ProjectRules.V2_5 = ProjectRules(
    update_creates=False,
    taken='project "{name}" already exists',
    missing='project "{name}" not found',
    inspecting="",
    held='project "{name}" contains {count} repos',
    held_code="UNKNOWN",
    force="them",
    newest_first=True,
)
ProjectRules.V2_6 = ProjectRules(
    update_creates=False,
    taken="project {name} already exists",
    missing='project "{name}" not found',
    inspecting="",
    force="nothing",
    newest_first=True,
)
ProjectRules.V2_7 = ProjectRules(taken="project {name} already exists", force="nothing")
