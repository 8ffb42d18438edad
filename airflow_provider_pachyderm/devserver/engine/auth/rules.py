"""What differs between releases about who may call."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text, coded_late

ROOT_USER = Rule(
    "The administrator is",
    {"1.4": "robot:root", "1.11.9": "pach:root"},
    source="src/server/auth/server/api_server.go: Activate",
)
USER_KIND = Rule(
    "Before the names of people stands",
    {"1.4": "oidc", "2.0": "user"},
    source="src/auth/auth.go: UserPrefix",
)
PRINCIPALS = Rule(
    "Before the names of all who can be given rights stands one of these; anything, if it is none",
    {
        "1.4": frozenset(),
        "1.7": frozenset({"github", "pipeline", "robot", "oidc"}),
        "1.11.9": frozenset({"github", "pipeline", "robot", "oidc", "pach"}),
    },
    source="src/server/auth/server/api_server.go: canonicalizeSubject",
)
ENDLESS_TOKENS = Rule(
    "An administrator may ask for a token that holds for ever, by a negative time",
    {"1.4": True, "1.9.8": False, "1.11": True},
    source="src/server/auth/server/api_server.go: GetAuthToken",
)
LONGEST_TOKEN = Rule(
    "A token that an administrator asks for holds at most so many seconds; 0: for ever",
    {"1.4": 0, "1.10": 30 * 24 * 60 * 60},
    source="src/server/auth/server/api_server.go: GetAuthToken (version.IsAtLeast(1, 10))",
)
NOT_ACTIVATED = Text(
    "Calls for authentication while it is off",
    {
        "1.4": "the auth service is not activated",
        "1.7.2": Said("the auth service is not activated", "UNIMPLEMENTED"),
    },
    recorded="1.6.10 1.7.14",
    source="src/client/auth/auth.go: ErrNotActivated",
)
ALREADY_ACTIVE = Text(
    "Activate while authentication is on",
    {"1.4": "already activated", "2.0": Said("the auth service is already activated", "UNIMPLEMENTED")},
    source="src/auth/auth.go: ErrAlreadyActivated",
)
NO_TOKEN = Text(
    "A call without a token",
    {
        "1.4": "auth token not found in context",
        "1.6": "auth token not found in context (user may not be signed in)",
        "1.7.2": Said("no authentication token (try logging in)", "UNAUTHENTICATED"),
    },
    source={
        "1.6": "src/server/auth/server/api_server.go: getAuthenticatedUser",
        "1.7.2": "src/client/auth/auth.go: ErrNotSignedIn",
    },
)
_BAD = "provided auth token is corrupted or has expired (try logging in again)"
BAD_TOKEN = Text(
    "A call with a token that does not hold",
    {"1.4": "token not found", "1.6": _BAD, "1.7.2": Said(_BAD, "UNAUTHENTICATED")},
    source={
        "1.6": "src/server/auth/server/api_server.go: getAuthenticatedUser",
        "1.7.2": "src/client/auth/auth.go: ErrBadToken",
    },
)
CHECK_WRAPPED = Rule(
    "Calls about a repo look for a token themselves, and say this of what is wrong with it; else it is looked for "
    "before any call",
    {
        "1.4": "error during authorization check for operation on {repo}: rpc error: code = Unknown desc = {text}",
        "1.6": 'error during authorization check for operation on "{repo}": {text}',
        "2.0": "",
    },
    source={
        "1.6": "src/server/pfs/server/driver.go: checkIsAuthorized",
        "2.0": "src/server/pfs/server/val_server.go: checkIsAuthorized",
    },
)
_NOT_YOURS = "not authorized to perform this operation on the repo {name}"
SCOPE_MISSING = Text(
    "A call for which the caller lacks a scope (1.x)",
    {
        "1.4": _NOT_YOURS,
        "1.6": f"{_NOT_YOURS}, must have at least {{needs}} access",
        "1.7": f"{{user}} is {_NOT_YOURS}, must have at least {{needs}} access",
    },
    source="src/client/auth/auth.go: Error",
)
_NEEDS = (
    "{user} is not authorized to perform this operation - needs permissions [{needs}] on {kind} {name}. "
    "Run `pachctl auth roles-for-permission` to find roles that grant a given permission."
)
PERMISSION_MISSING = Text(
    "A call for which the caller lacks a permission (2.x)",
    {"2.0": _NEEDS, "2.7": Said(_NEEDS, "PERMISSION_DENIED")},
    source="src/auth/auth.go: ErrNotAuthorized.GRPCStatus",
)
GROUP_NOT_FOUND = Text(
    "Nobody is in such a group",
    {"1.4": "pachyderm_auth/groups/ {group} not found", **coded_late("groups {group} not found")},
    source={
        "2.0": "src/internal/collection/errors.go: Error",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
