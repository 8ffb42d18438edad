"""What differs between releases of 2.x about roles."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

_PAUSE = "ENTERPRISE_PAUSE"

PROJECT_ROLES = Rule(
    'Roles on projects: none; those of its "owner and creators"; or "all"',
    {"2.0": "", "2.5": "owner and creators", "2.6": "all"},
    source="src/server/auth/server/roles.go: init",
)
LOKI_PERMISSIONS = Rule(
    "There are permissions for logs in Loki",
    {"2.0": False, "2.6": True},
    source="src/server/auth/server/roles.go: init",
)
ROLES_ARE_NARROW = Rule(
    "Roles are told only for what they are made for, else wherever they can be bound",
    {"2.0": False, "2.6.4": True},
    source="src/server/auth/server/authorize_req.go: rolesForResourceType",
)
PERMISSIONS_TOLD_BY_ROLE = Rule(
    "GetPermissions tells all that roles for a kind of resource allow, else what was found",
    {"2.0": False, "2.6.4": True},
    source="src/server/auth/server/authorize_req.go: rolesForResourceType",
)
DEFAULTS_PERMISSIONS = Rule(
    "There are permissions for defaults of projects and the cluster",
    {"2.0": False, "2.8": True},
    source="src/server/auth/server/roles.go: init",
)
JOB_ROLE = Rule(
    "There is a role for jobs",
    {"2.0": False, "2.12": True},
    source="src/server/auth/server/roles.go: init",
)
CLUSTER_PERMISSIONS = Rule(
    "Administrators have these permissions beside those of all other roles",
    {
        "2.0": "",
        "2.2": _PAUSE,
        "2.8": f"{_PAUSE} SET_DEFAULTS",
        "2.10": f"{_PAUSE} SET_DEFAULTS EDIT_CLUSTER_METADATA",
        "2.12": f"{_PAUSE} SET_DEFAULTS EDIT_CLUSTER_METADATA SNAPSHOTTER RESTART_PACHYDERM",
    },
    source="src/server/auth/server/roles.go: init",
)
DELETE_LEAVES_QUIETLY = Rule(
    "DeleteRepo of a repo that one may not delete leaves it without a word",
    {"2.0": False, "2.6": True},
    source="src/server/pfs/server/driver.go: deleteRepos",
)
DROPS_NEED_ALL = Rule(
    "Only who may delete the commits of all repos may squash or drop any",
    {"2.0": False, "2.8": True},
    source="src/server/pfs/server/api_server.go: DropCommitSet",
)
