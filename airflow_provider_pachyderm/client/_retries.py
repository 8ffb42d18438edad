"""When calls are made again: the policy that users set, and the table of what may be repeated. No channel, no clock."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from airflow_provider_pachyderm.client._errors import (
    AlreadyExists,
    BranchNotFound,
    CommitDeleted,
    CommitFinished,
    CommitNotFinished,
    CommitNotFound,
    InvalidConfig,
    JobNotFound,
    PachydermError,
    PipelineNotFound,
    ProjectNotFound,
    RepoNotFound,
    SecretNotFound,
    TransactionNotFound,
)

_GROWTH = 2.0


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How long a client rides out a server that is away, such as one that restarts, or that gives no answer.

    Pauses between tries grow to twice the one before, up to ``longest_pause``; each is a random part of that ("full
    jitter"), as many clients may have lost one server.

    :param deadline: seconds after which a call is not repeated; 0: every call is made once. They count from the first
        try; for streams, puts and calls that wait, from the moment when the connection was lost.
    :param first_pause: upper bound of the first pause, in seconds.
    :param longest_pause: upper bound of every pause, in seconds.
    :param from_start: whether the deadline holds for a server that has not answered this client yet, too; otherwise a
        client gives up after its ``connect_timeout``, as its address may be wrong.
    :raises InvalidConfig: if a value is not a number of seconds.
    """

    deadline: float = 60.0
    first_pause: float = 0.1
    longest_pause: float = 2.0
    from_start: bool = False

    def __post_init__(self) -> None:
        for name in ("deadline", "first_pause", "longest_pause"):
            seconds = getattr(self, name)
            if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < math.inf:
                raise InvalidConfig(f"{name} of a RetryPolicy must be a number of seconds, 0 or more, not {seconds!r}")

    def pauses(self) -> Iterator[float]:
        """Yield the pauses between tries, in seconds, endlessly."""
        bound = self.first_pause
        while True:
            yield random.uniform(0.0, min(bound, self.longest_pause))
            bound = min(bound * _GROWTH, self.longest_pause)

    def allowance(self, connect_timeout: float, *, reached: bool) -> float:
        """Return for how many seconds a call may be repeated.

        :param connect_timeout: the ``connect_timeout`` of the client.
        :param reached: whether the server has answered this client before.
        """
        return self.deadline if reached or self.from_start else min(self.deadline, connect_timeout)


class Repeat(Enum):
    """What may be done with a call whose answer did not come. One that did not leave is always made again."""

    SAFE = "safe to repeat: it changes nothing, or doing it twice is doing it once"
    MADE_SAFE = "made safe: what the server says, or a look at it, tells whether it was done"
    ONCE = "not repeated: it might be done twice"


@dataclass(frozen=True)
class Rule:
    """How one call is repeated.

    :param done_if: errors by which a server says, when it is asked again, that the first time was enough.
    :param unsure_if: errors which may come of the first time; a look at the server tells.
    """

    repeat: Repeat
    done_if: tuple[type[PachydermError], ...] = ()
    unsure_if: tuple[type[PachydermError], ...] = ()


_SAFE = Rule(Repeat.SAFE)
_ONCE = Rule(Repeat.ONCE)


def _done_if(*errors: type[PachydermError]) -> Rule:
    return Rule(Repeat.MADE_SAFE, done_if=errors)


def _looked_for(*errors: type[PachydermError]) -> Rule:
    return Rule(Repeat.MADE_SAFE, unsure_if=errors)


RULES: dict[str, Rule] = {
    "versionpb.GetVersion": _SAFE,
    # projects and repos
    "pfs.InspectProject": _SAFE,
    "pfs.ListProject": _SAFE,
    "pfs.CreateProject": _looked_for(AlreadyExists),
    "pfs.DeleteProject": _done_if(ProjectNotFound),
    "pfs.InspectRepo": _SAFE,
    "pfs.ListRepo": _SAFE,
    "pfs.CreateRepo": _looked_for(AlreadyExists),
    "pfs.DeleteRepo": _done_if(RepoNotFound),
    "pfs.DeleteRepos": _ONCE,  # others may have made new ones since
    "pfs.DeleteAll": _ONCE,
    "pfs.Fsck": _SAFE,
    # branches
    "pfs.InspectBranch": _SAFE,
    "pfs.ListBranch": _SAFE,
    "pfs.CreateBranch": _SAFE,
    "pfs.SetBranch": _SAFE,
    "pfs.DeleteBranch": _done_if(BranchNotFound),
    # commits
    "pfs.InspectCommit": _SAFE,
    "pfs.ListCommit": _SAFE,
    "pfs.ListCommitStream": _SAFE,
    "pfs.SubscribeCommit": _SAFE,
    "pfs.FlushCommit": _SAFE,
    "pfs.FindCommits": _SAFE,
    "pfs.StartCommit": _looked_for(CommitNotFinished),
    "pfs.FinishCommit": _done_if(CommitFinished),
    "pfs.ClearCommit": _SAFE,
    "pfs.DeleteCommit": _done_if(CommitNotFound, CommitDeleted),
    "pfs.SquashCommit": _done_if(CommitNotFound),
    "pfs.DropCommit": _done_if(CommitNotFound),
    "pfs.InspectCommitSet": _SAFE,
    "pfs.ListCommitSet": _SAFE,
    "pfs.SquashCommitSet": _done_if(CommitNotFound),
    "pfs.DropCommitSet": _done_if(CommitNotFound),
    # files; a put is repeated as a whole by who has its source
    "pfs.InspectFile": _SAFE,
    "pfs.ListFile": _SAFE,
    "pfs.ListFileStream": _SAFE,
    "pfs.WalkFile": _SAFE,
    "pfs.GlobFile": _SAFE,
    "pfs.GlobFileStream": _SAFE,
    "pfs.DiffFile": _SAFE,
    "pfs.GetFile": _SAFE,
    "pfs.GetFileTAR": _SAFE,
    "pfs.PutFile": _ONCE,
    "pfs.ModifyFile": _ONCE,
    "pfs.CopyFile": _ONCE,  # 1.x doubles a directory that is copied twice
    "pfs.DeleteFile": _ONCE,  # on a branch it makes a commit
    # file sets: another one of the same content does no harm, and ends by itself
    "pfs.CreateFileSet": _ONCE,
    "pfs.GetFileSet": _SAFE,
    "pfs.AddFileSet": _ONCE,
    "pfs.RenewFileSet": _SAFE,
    "pfs.ComposeFileSet": _SAFE,
    "pfs.ShardFileSet": _SAFE,
    # transactions
    "transaction.StartTransaction": _ONCE,
    "transaction.InspectTransaction": _SAFE,
    "transaction.ListTransaction": _SAFE,
    "transaction.FinishTransaction": _ONCE,
    "transaction.DeleteTransaction": _done_if(TransactionNotFound),
    # pipelines
    "pps.InspectPipeline": _SAFE,
    "pps.ListPipeline": _SAFE,
    "pps.CreatePipeline": _looked_for(AlreadyExists),
    "pps.CreatePipelineV2": _looked_for(AlreadyExists),
    "pps.DeletePipeline": _done_if(PipelineNotFound),
    "pps.StartPipeline": _SAFE,
    "pps.StopPipeline": _SAFE,
    "pps.RunCron": _ONCE,
    "pps.RunPipeline": _ONCE,
    "pps.RerunPipeline": _ONCE,
    "pps.RenderTemplate": _SAFE,
    "pps.DeleteAll": _ONCE,
    # jobs and datums
    "pps.InspectJob": _SAFE,
    "pps.InspectJobSet": _SAFE,
    "pps.ListJob": _SAFE,
    "pps.ListJobStream": _SAFE,
    "pps.ListJobSet": _SAFE,
    "pps.FlushJob": _SAFE,
    "pps.SubscribeJob": _SAFE,
    "pps.StopJob": _SAFE,
    "pps.DeleteJob": _done_if(JobNotFound),
    "pps.InspectDatum": _SAFE,
    "pps.ListDatum": _SAFE,
    "pps.CreateDatum": _SAFE,
    "pps.ListDatumStream": _SAFE,
    "pps.RestartDatum": _ONCE,
    "pps.GetLogs": _SAFE,
    # secrets and defaults
    "pps.CreateSecret": _ONCE,
    "pps.InspectSecret": _SAFE,
    "pps.ListSecret": _SAFE,
    "pps.DeleteSecret": _done_if(SecretNotFound),
    "pps.GetClusterDefaults": _SAFE,
    "pps.SetClusterDefaults": _SAFE,
    "pps.GetProjectDefaults": _SAFE,
    "pps.SetProjectDefaults": _SAFE,
    # who one is, and tokens
    "auth.WhoAmI": _SAFE,
    "auth.GetOIDCLogin": _SAFE,
    "auth.Activate": _ONCE,
    "auth.Deactivate": _ONCE,
    "auth.Authenticate": _ONCE,  # an id token may hold for one login
    "auth.GetAuthToken": _ONCE,
    "auth.GetRobotToken": _ONCE,
    "auth.ExtendAuthToken": _ONCE,
    "auth.RevokeAuthToken": _ONCE,
    "auth.RevokeAuthTokensForUser": _ONCE,
    "auth.ExtractAuthTokens": _SAFE,
    "auth.RestoreAuthToken": _ONCE,
    "auth.RotateRootToken": _ONCE,
    "auth.DeleteExpiredAuthTokens": _SAFE,
    "auth.GetConfiguration": _SAFE,
    "auth.SetConfiguration": _SAFE,
    "pfs.ActivateAuth": _SAFE,
    "pps.ActivateAuth": _SAFE,
    # who may do what; what is set twice is set
    "auth.Authorize": _SAFE,
    "auth.GetPermissions": _SAFE,
    "auth.GetPermissionsForPrincipal": _SAFE,
    "auth.GetRolesForPermission": _SAFE,
    "auth.GetRoleBinding": _SAFE,
    "auth.ModifyRoleBinding": _SAFE,
    "auth.GetClusterRoleBindings": _SAFE,
    "auth.ModifyClusterRoleBinding": _SAFE,
    "auth.GetAdmins": _SAFE,
    "auth.ModifyAdmins": _SAFE,
    "auth.GetScope": _SAFE,
    "auth.SetScope": _SAFE,
    "auth.GetACL": _SAFE,
    "auth.SetACL": _SAFE,
    "auth.GetGroups": _SAFE,
    "auth.GetGroupsForPrincipal": _SAFE,
    "auth.GetUsers": _SAFE,
    "auth.SetGroupsForUser": _SAFE,
    "auth.ModifyMembers": _SAFE,
}
"""Every call that the client makes; the same of both worlds, as ``pfs.X`` stands for ``pfs.API`` and ``pfs_v2.API``."""


BY_ID_ONLY = frozenset(("FinishCommit", "ClearCommit", "DeleteCommit", "DropCommit", "SquashCommit"))
"""Calls that are repeated only for a commit that is named by its id: a branch may have another head by then."""


def rule_for(path: str, *, in_transaction: bool = False) -> Rule:
    """Say how a call is repeated; one that the table does not know, not at all.

    :param path: of the method: ``/package.Service/Method``.
    :param in_transaction: whether it is a part of one: a server notes a change that is sent twice as two.
    """
    service, _, method = path.strip("/").partition("/")
    return _ONCE if in_transaction else RULES.get(f"{service.partition('.')[0].removesuffix('_v2')}.{method}", _ONCE)


def unsure(failure: PachydermError) -> PachydermError:
    """Make the error of a call that is not repeated and whose answer was lost: it may have been carried out."""
    return type(failure)(
        f"{failure}; the server may have done it nevertheless, so check before you repeat it",
        status=failure.status,
        method=failure.method,
        server_text=failure.server_text,
        reference=failure.reference,
        attempts=failure.attempts,
    )
