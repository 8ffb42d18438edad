"""What calls of 2.x need. Repos are created and deleted by rules of their own, see :class:`.Roles`."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.engine.auth.role_rules import DROPS_NEED_ALL
from airflow_provider_pachyderm.devserver.engine.commits.rules import INSPECTING_COMMIT
from airflow_provider_pachyderm.devserver.releases.profile import Profile
from airflow_provider_pachyderm.devserver.servicers.needs import Needs, need
from airflow_provider_pachyderm.devserver.servicers.pipeline_needs import CreationNeed, NothingNamedNeed, PipelineNeed
from airflow_provider_pachyderm.devserver.servicers.v2.rules import GETTING_FILE, STARTING_COMMIT

_ON_CLUSTER = {
    "Deactivate": "CLUSTER_AUTH_DEACTIVATE",
    "GetConfiguration": "CLUSTER_AUTH_GET_CONFIG",
    "SetConfiguration": "CLUSTER_AUTH_SET_CONFIG",
    "GetPermissionsForPrincipal": "CLUSTER_AUTH_GET_PERMISSIONS_FOR_PRINCIPAL",
    "GetRobotToken": "CLUSTER_AUTH_GET_ROBOT_TOKEN",
    "RevokeAuthTokensForUser": "CLUSTER_AUTH_REVOKE_USER_TOKENS",
    "SetGroupsForUser": "CLUSTER_AUTH_MODIFY_GROUP_MEMBERS",
    "ModifyMembers": "CLUSTER_AUTH_MODIFY_GROUP_MEMBERS",
    "GetGroupsForPrincipal": "CLUSTER_AUTH_GET_GROUPS",
    "GetUsers": "CLUSTER_AUTH_GET_GROUP_USERS",
    "ExtractAuthTokens": "CLUSTER_AUTH_EXTRACT_TOKENS",
    "RestoreAuthToken": "CLUSTER_AUTH_RESTORE_TOKEN",
    "DeleteExpiredAuthTokens": "CLUSTER_AUTH_DELETE_EXPIRED_TOKENS",
    "RotateRootToken": "CLUSTER_AUTH_ROTATE_ROOT_TOKEN",
}
# anyone may who is somebody
_SIGNED_IN = (
    *("Authorize", "GetPermissions", "GetRolesForPermission", "ModifyRoleBinding", "GetRoleBinding", "GetGroups"),
    "RevokeAuthToken",
)

AUTH_NEEDS: Needs = {
    **{name: need("", permission) for name, permission in _ON_CLUSTER.items()},
    **dict.fromkeys(_SIGNED_IN, need("")),
}
"""Calls of ``auth_v2.API``."""

_PFS: Needs = {
    "ActivateAuth": need("", "CLUSTER_AUTH_ACTIVATE"),
    "ClearCommit": need("commit", "REPO_WRITE"),
    "InspectCommit": need("commit", "REPO_INSPECT_COMMIT", step=INSPECTING_COMMIT),
    "SubscribeCommit": need("repo", "REPO_INSPECT_COMMIT"),
    "FindCommits": (*need("start", "REPO_INSPECT_COMMIT"), *need("start", "REPO_READ")),
    "ListBranch": need("repo", "REPO_LIST_BRANCH"),
    "GetFile": need("file.commit", "REPO_READ", step=GETTING_FILE),
    "GetFileTAR": need("file.commit", "REPO_READ"),
    "InspectFile": need("file.commit", "REPO_INSPECT_FILE"),
    "ListFile": need("file.commit", "REPO_LIST_FILE"),
    "WalkFile": need("file.commit", "REPO_READ", "REPO_LIST_FILE"),
    "GlobFile": need("commit", "REPO_READ", "REPO_LIST_FILE"),
    "DiffFile": (*need("old_file.commit", "REPO_READ"), *need("new_file.commit", "REPO_READ")),
    # real servers let anyone in here who is somebody
    "GetFileSet": need("commit", "REPO_READ"),
    "AddFileSet": need("commit", "REPO_WRITE"),
    "CreateProject": need("", "PROJECT_CREATE"),
}

_STEERS = PipelineNeed("pipeline", ("REPO_WRITE",))
_LISTS_JOBS = PipelineNeed("pipeline", ("PIPELINE_LIST_JOB",))

PPS_NEEDS: Needs = {
    "InspectJob": (PipelineNeed("job", ("PIPELINE_LIST_JOB",), only="details"),),
    "ListJob": (_LISTS_JOBS,),
    "SubscribeJob": (_LISTS_JOBS,),
    "RerunPipeline": (PipelineNeed("pipeline", ("REPO_WRITE",), reads="REPO_READ"),),
    "DeletePipeline": (PipelineNeed("pipeline", ("REPO_DELETE",)),),
    "StartPipeline": (_STEERS,),
    "StopPipeline": (_STEERS,),
    "GetLogs": (
        NothingNamedNeed("pipeline job", ("CLUSTER_GET_PACHD_LOGS",)),
        PipelineNeed("pipeline", ("REPO_READ",), reads="REPO_READ"),
        PipelineNeed("job", ("REPO_READ",), reads="REPO_READ"),
    ),
    "CreateSecret": need("", "CLUSTER_CREATE_SECRET"),
    "ListSecret": need("", "CLUSTER_LIST_SECRETS"),
    "InspectSecret": need("", "SECRET_INSPECT"),
    "DeleteSecret": need("", "SECRET_DELETE"),
    "SetClusterDefaults": need("", "CLUSTER_SET_DEFAULTS"),
    "DeleteAll": need("", "CLUSTER_DELETE_ALL"),
}
"""Calls of ``pps_v2.API``. Real servers let anybody stop, delete and restart jobs and datums who is somebody."""

TRANSACTION_NEEDS: Needs = {"DeleteAll": need("", "CLUSTER_DELETE_ALL")}
"""Calls of ``transaction_v2.API``."""

_REQUESTS: Needs = {
    # real servers let anyone go on from any commit, and read it so
    "start_commit": (
        *need("branch", "REPO_WRITE", step=STARTING_COMMIT),
        *need("parent", "REPO_READ", step=STARTING_COMMIT),
    ),
    "finish_commit": need("commit", "REPO_WRITE"),
    # ... or from a head in another project
    "create_branch": (*need("branch", "REPO_CREATE_BRANCH"), *need("head", "REPO_READ")),
    "delete_branch": need("branch", "REPO_DELETE_BRANCH"),
    "create_pipeline": (CreationNeed("", ("REPO_WRITE",), reads="REPO_READ"),),
    "create_pipeline_v2": (CreationNeed("create_pipeline_request", ("REPO_WRITE",), reads="REPO_READ"),),
}
_DELETE_FOR_ALL = need("", "REPO_DELETE_COMMIT")


MODIFY_FILE_NEEDS: Needs = {
    # real servers let readers write to a commit that is open already
    "set_commit": (*need("set_commit", "REPO_INSPECT_COMMIT"), *need("set_commit", "REPO_WRITE")),
    "copy_file": need("copy_file.src.commit", "REPO_READ"),
}
"""Messages of ModifyFile."""


def pfs_needs(profile: Profile) -> Needs:
    """Calls of ``pfs_v2.API`` in a version."""
    removing = ("SquashCommit", "DropCommit", "DropCommitSet") if profile[DROPS_NEED_ALL] else ()
    return {**_PFS, **dict.fromkeys(removing, _DELETE_FOR_ALL)}


def request_needs(profile: Profile) -> Needs:
    """Requests that can be part of a transaction in a version."""
    removing = ("squash_commit_set",) if profile[DROPS_NEED_ALL] else ()
    return {**_REQUESTS, **dict.fromkeys(removing, _DELETE_FOR_ALL)}
