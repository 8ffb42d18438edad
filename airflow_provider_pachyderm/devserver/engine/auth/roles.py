"""Who may do what in 2.x: roles that are bound to the cluster, to projects and to repos."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from airflow_provider_pachyderm.devserver.engine.auth.authentication import Authentication
from airflow_provider_pachyderm.devserver.engine.auth.bindings import CLUSTER, Binding, Bindings, Resource, resource_of
from airflow_provider_pachyderm.devserver.engine.auth.guard import Guard
from airflow_provider_pachyderm.devserver.engine.auth.role_rules import DELETE_LEAVES_QUIETLY, PERMISSIONS_TOLD_BY_ROLE
from airflow_provider_pachyderm.devserver.engine.auth.role_tables import Role, roles_of
from airflow_provider_pachyderm.devserver.engine.auth.rules import PERMISSION_MISSING
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import during, refused
from airflow_provider_pachyderm.devserver.engine.files.file_sets import FILE_SETS
from airflow_provider_pachyderm.devserver.engine.model import DEFAULT_PROJECT, RepoKey

EVERYBODY = "allClusterUsers"
_KINDS_OF_PRINCIPALS = ("pipeline", "internal", "robot", "pach", "user", "group")
_OF_EVERYBODY = ((CLUSTER, "projectCreator"), (Resource("PROJECT", DEFAULT_PROJECT), "projectWriter"))
# no resource of Pachyderm's: it keeps which of these were given
_GIVEN = Resource("GIVEN")
_TO_MODIFY = {
    "CLUSTER": "CLUSTER_MODIFY_BINDINGS",
    "PROJECT": "PROJECT_MODIFY_BINDINGS",
    "REPO": "REPO_MODIFY_BINDINGS",
}


@dataclass
class Grant:
    """What somebody was found to be allowed.

    :param missing: permissions that are asked for and were not found yet.
    """

    missing: list[str]
    roles: list[Role] = field(default_factory=list)
    satisfied: list[str] = field(default_factory=list)

    def take(self, role: Role) -> None:
        """Add what a role allows."""
        if role not in self.roles:
            self.roles.append(role)
            self.satisfied += [permission for permission in role.permissions if permission in self.missing]
            self.missing = [permission for permission in self.missing if permission not in role.permissions]


class Roles(Guard):
    """The roles of one server."""

    def __init__(self, core: Core, auth: Authentication, bindings: Bindings) -> None:
        self._core = core
        self._profile = core.profile
        self._auth = auth
        self._bindings = bindings
        self._known = roles_of(core.profile)

    def begin(self, admin: str) -> None:
        """Make somebody the administrator, and give everybody what they begin with, each role once.

        What was taken from everybody is not given again, but another version of the folder may know more roles.
        """
        with self._core.unit():
            self._bindings.add(CLUSTER, admin, "clusterAdmin")
            given = self._bindings.of(_GIVEN).get(EVERYBODY, ())
            for resource, role in _OF_EVERYBODY:
                if role in self._known and role not in given:
                    self._bindings.add(resource, EVERYBODY, role)
                    self._bindings.add(_GIVEN, EVERYBODY, role)

    # ---- checks -------------------------------------------------------------------------

    def check(self, repo: RepoKey, *needs: str) -> None:
        """See :class:`.Guard`; file sets are open to whoever knows their ids."""
        if repo.name == FILE_SETS:
            return
        kind = "SPEC_REPO" if repo.type == "spec" else "REPO"
        self.check_resource(Resource(kind, resource_of(repo).name), *needs)

    def check_cluster(self, *needs: str) -> None:
        """See :class:`.Guard`."""
        self.check_resource(CLUSTER, *needs)

    def check_resource(self, resource: Resource, *needs: str) -> None:
        """Refuse a caller who lacks one of these permissions on a resource."""
        user = self._auth.user()
        if self.grant(user, resource, needs).missing:
            raise self._core.refusal(
                PERMISSION_MISSING, user=user, needs=" ".join(needs), kind=resource.kind, name=self._name_of(resource)
            )

    def may(self, repo: RepoKey, *needs: str) -> bool:
        """See :class:`.Guard`."""
        return not self.grant(self._auth.user(), resource_of(repo), needs).missing

    def check_create(self, repo: RepoKey) -> None:
        """See :class:`.Guard`; up to 2.5 anyone may."""
        if "projectWriter" in self._known:
            with during("failed to create repo"):
                self.check_resource(Resource("PROJECT", repo.project), "PROJECT_CREATE_REPO")

    def repo_created(self, repo: RepoKey) -> None:
        """See :class:`.Guard`; repos that belong to a pipeline share the roles of its output."""
        if repo.type == "user":
            self._bindings.bind(resource_of(repo), self._auth.user(), ["repoOwner"])

    def check_describe(self, repo: RepoKey) -> None:
        """See :class:`.Guard`."""
        with during(f'could not update description of "{self._name_of(resource_of(repo))}"'):
            self.check(repo, "REPO_WRITE")

    def check_delete(self, repo: RepoKey) -> bool:
        """See :class:`.Guard`; from 2.6 on such a repo is left without a word."""
        if not self._profile[DELETE_LEAVES_QUIETLY]:
            self.check(repo, "REPO_DELETE")
        return self.may_delete(repo)

    def may_delete(self, repo: RepoKey) -> bool:
        """See :class:`.Guard`."""
        return self.may(repo, "REPO_DELETE")

    def may_list(self, repo: RepoKey) -> bool:
        """See :class:`.Guard`; up to 2.5 all are shown."""
        if "projectViewer" not in self._known:
            return True
        of_project = self.grant(self._auth.user(), Resource("PROJECT", repo.project), ["PROJECT_LIST_REPO"])
        return not of_project.missing or self.may(repo, "REPO_READ")

    def project_created(self, name: str) -> None:
        """See :class:`.Guard`."""
        if "projectOwner" in self._known:
            self._bindings.bind(Resource("PROJECT", name), self._auth.user(), ["projectOwner"])

    def check_delete_project(self, name: str) -> None:
        """See :class:`.Guard`."""
        if "projectOwner" not in self._known:
            return
        with during(f'user is not authorized to delete project "{name}"'):
            self.check_resource(Resource("PROJECT", name), "PROJECT_DELETE", "PROJECT_MODIFY_BINDINGS")

    # ---- finding out --------------------------------------------------------------------

    def grant(self, principal: str, resource: Resource, needs: Collection[str]) -> Grant:
        """Look up which permissions a principal has: on the cluster, the project, the repo, until all are found.

        :param needs: what is wanted.
        """
        grant = Grant(list(dict.fromkeys(needs)))
        names = [principal, EVERYBODY, *self._bindings.groups_of(principal)]
        for binding in self._above(resource):
            # another version of the folder may have bound roles that this one does not know
            for role in (role for name in names for role in binding.get(name, ()) if role in self._known):
                grant.take(self._known[role])
            if not grant.missing:
                break
        return grant

    def _above(self, resource: Resource) -> Iterator[Binding]:
        """What is bound to a resource and to what it is in, from the top."""
        if resource.kind == "SPEC_REPO":
            yield {EVERYBODY: ("repoReader",)}
            resource = Resource("REPO", resource.name)
        yield self._bindings.of(CLUSTER)
        project = Resource("PROJECT", resource.name.partition("/")[0])
        if resource.kind == "REPO" and "CreateProject" not in self._profile.lacks:
            yield self._bound(project)
        if resource != CLUSTER:
            yield self._bound(resource)

    def _bound(self, resource: Resource) -> Binding:
        if not self._bindings.exists(resource):
            raise refused(f"no role binding exists for {resource.kind} {self._name_of(resource)}")
        return self._bindings.of(resource)

    def permissions(self, principal: str, resource: Resource) -> tuple[Sequence[str], Sequence[str]]:
        """All that a principal may do, and the names of the roles that say so, as GetPermissions tells it."""
        every = {permission for role in self._known.values() for permission in role.permissions}
        # the last one stands for those that nobody has: it lets no look-up end early
        grant = self.grant(principal, resource, [*every, ""])
        kind = "REPO" if resource.kind == "SPEC_REPO" else resource.kind
        listed = sorted((role for role in grant.roles if kind in role.listed_for), key=lambda role: role.name)
        if not self._profile[PERMISSIONS_TOLD_BY_ROLE]:
            return grant.satisfied, [role.name for role in listed]
        return [permission for role in listed for permission in role.permissions], [role.name for role in listed]

    def roles_for(self, permission: str) -> list[Role]:
        """The roles that allow something."""
        return [role for role in self._known.values() if permission in role.permissions]

    def binding(self, resource: Resource) -> Binding:
        """Who has which roles there; nobody where there is nothing."""
        return self._bindings.of(resource)

    def modify(self, resource: Resource, principal: str, roles: Sequence[str]) -> None:
        """ModifyRoleBinding."""
        self.canonical(principal)
        if principal.startswith("pach:") and resource == CLUSTER:
            raise refused("cannot modify cluster role bindings for pach: users")
        if resource.kind not in _TO_MODIFY:
            raise refused(f"unknown resource type {resource.kind}")
        self.check_resource(resource, _TO_MODIFY[resource.kind])
        for role in roles:
            if role not in self._known:
                raise refused(f'unknown role "{role}"')
        self._bound(resource)
        self._bindings.bind(resource, principal, roles)

    def canonical(self, principal: str) -> str:
        """See :class:`.Guard`."""
        kind, colon, _ = principal.partition(":")
        if principal == EVERYBODY:
            return principal
        if not colon:
            raise refused("subject has no prefix, must be of the form <type>:<name>")
        if kind not in _KINDS_OF_PRINCIPALS:
            raise refused(f"subject has unrecognized prefix: {kind}:")
        return principal

    def _name_of(self, resource: Resource) -> str:
        """The name of a resource, as the version has it: without projects a repo is only a name."""
        return resource.name.rpartition("/")[2] if "CreateProject" in self._profile.lacks else resource.name
