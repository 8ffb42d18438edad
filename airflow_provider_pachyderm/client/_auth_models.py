"""Who may do what: what the client takes and gives for that. Frozen values, as in :mod:`._models`.

Roles and permissions are plain strings, as servers and pachctl spell them (``repoReader``, ``REPO_READ``): each release
adds some, and what a server says of one that is newer than this client is not lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Project:
    """A project, for arguments where a plain str means a repo."""

    name: str

    def __str__(self) -> str:
        return self.name


class Cluster(Enum):
    """The cluster as a whole; there is only :data:`CLUSTER`."""

    CLUSTER = "cluster"

    def __str__(self) -> str:
        return self.value


CLUSTER = Cluster.CLUSTER
"""What roles on all projects and repos, and on the server itself, are bound to."""


class Scope(Enum):
    """What a user may do with a repo of a 1.x server; each scope includes the ones before it."""

    NONE = "none"
    READER = "reader"
    WRITER = "writer"
    OWNER = "owner"


RoleBinding: TypeAlias = Mapping[str, tuple[str, ...]]
"""Principal -> its roles, as of ``get_role_binding``. A principal is ``user:jane@example.com``, ``robot:ci``,
``group:…``, ``pipeline:…``, or ``allClusterUsers``."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role (2.x).

    :param permissions: the permissions that it grants.
    :param resources: the kinds of resources that it can be bound to: ``CLUSTER``, ``PROJECT``, ``REPO``.
    """

    name: str
    permissions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permissions:
    """What somebody may do with a repo, a project or the cluster (2.x).

    :param permissions: such as ``REPO_READ``.
    :param roles: the roles that grant them.
    """

    permissions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authorization:
    """Whether the user may do something; it is true if so.

    :param principal: the user that the server takes the client for (2.x).
    :param satisfied: the requested permissions that the user has (2.x).
    :param missing: the requested permissions that the user does not have (2.x).
    """

    authorized: bool
    principal: str = ""
    satisfied: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.authorized


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A robot's token as a server stores it, which cannot be used to log in.

    :param subject: its user, such as ``robot:ci``.
    :param hashed_token: the SHA-256 of the token, in hex digits.
    :param expires: when it expires; None if never.
    """

    subject: str
    hashed_token: str = field(repr=False)
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuthConfiguration:
    """How users log in to a 2.x server with OIDC.

    :param issuer: address of the identity provider.
    :param redirect_uri: where the provider sends users back to.
    :param scopes: the scopes that the server requests; if empty, the server chooses.
    :param require_email_verified: whether users need a verified email address.
    :param localhost_issuer: whether the provider runs in the process of the server.
    :param user_accessible_issuer_host: host of the provider for browsers, if they cannot reach ``issuer``.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    redirect_uri: str = ""
    scopes: tuple[str, ...] = ()
    require_email_verified: bool = False
    localhost_issuer: bool = False
    user_accessible_issuer_host: str = ""
