"""Who may do what in 1.x: a scope for each user and repo, and administrators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airflow_provider_pachyderm.devserver.engine.auth.authentication import Authentication
from airflow_provider_pachyderm.devserver.engine.auth.bindings import CLUSTER, Binding, Bindings, resource_of
from airflow_provider_pachyderm.devserver.engine.auth.guard import Guard
from airflow_provider_pachyderm.devserver.engine.auth.rules import CHECK_WRAPPED, PRINCIPALS, SCOPE_MISSING
from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.model import RepoKey
from airflow_provider_pachyderm.devserver.engine.store.lookups import Lookups

SCOPES = ("NONE", "READER", "WRITER", "OWNER")
"""Each includes those before it."""
SUPER, FS = "super", "fs"
"""Roles of administrators: of everything, and of the file system."""
_EVERYBODY = "allClusterUsers"
_NO_ADMINS = (
    "invalid request: cannot remove all cluster administrators while auth is active, to avoid unfixable cluster states"
)


class Scopes(Guard):
    """The scopes and administrators of one server."""

    def __init__(self, core: Core, auth: Authentication, bindings: Bindings, lookups: Lookups) -> None:
        self._core = core
        self._profile = core.profile
        self._auth = auth
        self._bindings = bindings
        self._lookups = lookups

    def begin(self, admin: str) -> None:
        """Make somebody an administrator, beside those there are."""
        self._bindings.add(CLUSTER, admin, SUPER)

    # ---- checks -------------------------------------------------------------------------

    def check(self, repo: RepoKey, *needs: str) -> None:
        """See :class:`.Guard`."""
        user = self._user_for(repo)
        for scope in needs:
            if not self._has(user, repo, scope):
                raise self._refused(user, repo, scope)

    def _refused(self, user: str, repo: RepoKey, scope: str) -> EngineError:
        return self._core.refusal(SCOPE_MISSING, user=user, needs=scope, name=repo.name)

    def _user_for(self, repo: RepoKey) -> str:
        """The caller; that there is none is told as of a call about this repo."""
        try:
            return self._auth.user()
        except EngineError as error:
            raise refused(self._profile[CHECK_WRAPPED].format(repo=repo.name, text=error.text)) from error

    def may(self, repo: RepoKey, *needs: str) -> bool:
        """See :class:`.Guard`."""
        user = self._user_for(repo)
        return all(self._has(user, repo, scope) for scope in needs)

    def _has(self, user: str, repo: RepoKey, scope: str) -> bool:
        return self.is_admin(user, FS) or SCOPES.index(self.scope_of(user, repo)) >= SCOPES.index(scope)

    def check_admin(self, call: str) -> str:
        """Refuse a caller who is no administrator.

        :param call: what only they may, in the words of the refusal.
        :returns: the caller.
        """
        user = self._auth.user()
        if not self.is_admin(user):
            raise refused(f"{user} is not authorized to perform this operation; must be an admin to call {call}")
        return user

    def repo_created(self, repo: RepoKey) -> None:
        """See :class:`.Guard`."""
        self._bindings.bind(resource_of(repo), self._user_for(repo), ["OWNER"])

    def check_describe(self, repo: RepoKey) -> None:
        """See :class:`.Guard`."""
        with during(f'could not update description of "{repo.name}"'):
            self.check(repo, "WRITER")

    def check_delete(self, repo: RepoKey) -> bool:
        """See :class:`.Guard`."""
        self.check(repo, "OWNER")
        return True

    def may_delete(self, repo: RepoKey) -> bool:
        """See :class:`.Guard`."""
        return self.may(repo, "OWNER")

    # ---- scopes -------------------------------------------------------------------------

    def scope_of(self, user: str, repo: RepoKey) -> str:
        """What somebody may do with a repo, not counting that they may be administrators."""
        binding = self._bindings.of(resource_of(repo))
        names = [user, _EVERYBODY, *self._bindings.groups_of(user)]
        return max((scope for name in names for scope in binding.get(name, ("NONE",))), key=SCOPES.index)

    def authorize(self, repo: RepoKey, scope: str) -> bool:
        """Authorize."""
        return self._has(self._auth.user(), repo, scope)

    def level(self, repo: RepoKey) -> str:
        """What the caller may do with a repo: administrators all."""
        user = self._auth.user()
        return "OWNER" if self.is_admin(user, FS) else self.scope_of(user, repo)

    def get(self, principal: str, repos: Iterable[RepoKey]) -> list[str]:
        """GetScope.

        :param principal: empty for the caller.
        """
        user = self._auth.user()
        target = self.canonical(principal) if principal else user
        repos = list(repos)
        for repo in repos if principal else ():
            self.check(repo, "READER")
        return [self.scope_of(target, repo) for repo in repos]

    def set(self, principal: str, repo: RepoKey, scope: str) -> None:
        """SetScope."""
        if not principal or not repo.name:
            raise refused(f"invalid request: must set {'repo' if principal else 'username'}")
        with self._core.unit():
            self._check_change(repo)
            self._bindings.bind(resource_of(repo), self.canonical(principal), [] if scope == "NONE" else [scope])

    def acl(self, repo: RepoKey) -> dict[str, str]:
        """GetACL: principal -> scope."""
        if not repo.name:
            raise refused("invalid request: must provide name of repo to get that repo's ACL")
        self._auth.user()
        return {principal: scopes[0] for principal, scopes in self._bindings.of(resource_of(repo)).items()}

    def set_acl(self, repo: RepoKey, scopes: Mapping[str, str]) -> None:
        """SetACL."""
        if not repo.name:
            raise refused("invalid request: must provide name of repo you want to modify")
        with self._core.unit():
            self._check_change(repo)
            given = {self.canonical(name): [scope] for name, scope in scopes.items() if scope != "NONE"}
            self._bindings.replace(resource_of(repo), given)

    def _check_change(self, repo: RepoKey) -> None:
        """Refuse a caller who may not say who may what with a repo."""
        user = self._auth.user()
        self._lookups.repo(repo)
        if not self._has(user, repo, "OWNER"):
            raise self._refused(user, repo, "OWNER")

    # ---- administrators -----------------------------------------------------------------

    def is_admin(self, user: str, role: str = SUPER) -> bool:
        """Whether somebody is an administrator, be it of the file system only."""
        binding = self._bindings.of(CLUSTER)
        names = [user, *self._bindings.groups_of(user)]
        return any(held in (SUPER, role) for name in names for held in binding.get(name, ()))

    def admins(self) -> list[str]:
        """GetAdmins."""
        return [principal for principal, roles in self._bindings.of(CLUSTER).items() if SUPER in roles]

    def cluster_roles(self) -> Binding:
        """GetClusterRoleBindings."""
        return self._bindings.of(CLUSTER)

    def bind_cluster(self, roles: Mapping[str, Iterable[str]]) -> None:
        """Give principals roles on the cluster, instead of those before; one administrator has to remain."""
        has_roles = "ModifyClusterRoleBinding" not in self._profile.lacks
        self.check_admin("ModifyClusterRoleBinding" if has_roles else "ModifyAdmins")
        with self._core.unit(), during("error applying cluster role bindings"):
            for principal, given in roles.items():
                self._bindings.bind(CLUSTER, self.canonical(principal), given)
            if not self.admins():
                raise refused(_NO_ADMINS)

    def modify_admins(self, add: Iterable[str], remove: Iterable[str]) -> None:
        """ModifyAdmins."""
        roles: dict[str, list[str]] = {principal: [SUPER] for principal in add}
        for principal in remove:
            if principal in roles:
                raise refused(f'Invalid Request: "{principal}" both added and removed as admin')
            roles[principal] = []
        self.bind_cluster(roles)

    def canonical(self, principal: str) -> str:
        """See :class:`.Guard`: one without a kind is of GitHub."""
        if principal == _EVERYBODY or not self._profile[PRINCIPALS]:
            return principal
        kind, colon, _ = principal.partition(":")
        if not colon:
            return f"github:{principal}"
        if kind.removeprefix("group/") not in self._profile[PRINCIPALS]:
            raise refused(f"subject has unrecognized prefix: {kind}:")
        return principal
