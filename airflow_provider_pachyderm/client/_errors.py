"""What can go wrong. Which of these a server's answer becomes is in ``_error_texts``.

::

    PachydermError
    ├── InvalidRequest (ValueError)         refused before it was sent, or by the server's own checks
    │   ├── InvalidReference
    │   ├── InvalidConfig
    │   ├── NotInTransaction                it cannot wait for the end of the transaction
    │   ├── UnstorableNames                 files have names that PFS cannot store
    │   ├── InvalidSpec                     not a pipeline spec, or one that no server takes
    │   └── IsADirectory (IsADirectoryError)
    ├── NotFound (FileNotFoundError)
    │   ├── ProjectNotFound, RepoNotFound, BranchNotFound, CommitNotFound, FileNotFound
    │   ├── TransactionNotFound, FileSetNotFound
    │   └── PipelineNotFound, JobNotFound, DatumNotFound, SecretNotFound
    ├── AlreadyExists (FileExistsError)
    ├── CommitFinished                      writing to a commit that is closed
    ├── CommitNotFinished                   reading from or building on a commit that is open
    ├── CommitFailed                        the server finished the commit with an error
    │   └── PathConflict                    ... as one path is a file and a directory
    ├── JobFailed                           a job that was waited for did not succeed
    ├── PipelineFailed                      a pipeline failed, and makes no jobs until it is updated
    ├── CommitDeleted
    ├── BranchHasNoHead
    ├── AmbiguousCommit
    ├── OutputBranch                        only a pipeline may start commits there
    ├── Conflict                            refused for what else depends on it
    ├── PermissionDenied (PermissionError)
    │   └── Unauthenticated
    ├── AuthNotActivated
    ├── DeadlineExceeded (TimeoutError)
    │   └── StreamStalled
    ├── Unavailable (ConnectionError)
    │   ├── StreamBroken
    │   └── TlsFailed                       the certificate or the settings of TLS are wrong
    ├── LocalError (OSError)                a file of this machine could not be written
    │   ├── LocalNameInvalid (ValueError)   its name is too long, or none
    │   ├── LocalConflict (FileExistsError) something else is there
    │   ├── LocalPermissionDenied (PermissionError)
    │   └── DiskFull
    ├── Unsupported (NotImplementedError)   this server's version cannot do it
    ├── ClientClosed (RuntimeError)
    └── ServerError                         anything else
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._urls import masked

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client._pps_models import DatumInfo, JobInfo, LogMessage, PipelineInfo


class PachydermError(Exception):
    """Base of all errors of this client. In all its texts the secret parts of URLs are masked.

    :param status: gRPC status name, such as ``NOT_FOUND``; empty if no server answered.
    :param method: the call, such as ``/pfs_v2.API/InspectRepo``.
    :param server_text: what the server said.
    :param reference: what the call was about, as text: a repo, a commit, a commit and a path.
    :param attempts: how often the call was made.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: str = "",
        method: str = "",
        server_text: str = "",
        reference: str = "",
        attempts: int = 1,
    ) -> None:
        super().__init__(masked(message))
        self.status = status
        self.method = method
        self.server_text: str = masked(server_text)
        self.reference: str = masked(reference)
        self.attempts = attempts


class InvalidRequest(PachydermError, ValueError):
    """The arguments are not valid; nothing was changed."""


class InvalidReference(InvalidRequest):
    """Not a reference to a repo, a branch or a commit."""


class InvalidConfig(InvalidRequest):
    """The configuration contradicts itself."""


class NotInTransaction(InvalidRequest):
    """A call was made in a transaction that cannot be part of one."""


class UnstorableNames(InvalidRequest):
    """Files have names that PFS cannot store.

    :param names: all of them.
    """

    def __init__(self, message: str = "", *, names: tuple[str, ...] = (), **data: Any) -> None:
        super().__init__(message, **data)
        self.names = names


class InvalidSpec(InvalidRequest):
    """A pipeline spec cannot be read, or servers would refuse it.

    :param problems: what is wrong, a sentence each, with its place in the spec.
    """

    def __init__(self, message: str = "", *, problems: tuple[str, ...] = (), **data: Any) -> None:
        super().__init__(message, **data)
        self.problems = problems


class IsADirectory(InvalidRequest, IsADirectoryError):
    """A file was asked for, and the path is a directory."""


class NotFound(PachydermError, FileNotFoundError):
    """It does not exist."""


class ProjectNotFound(NotFound):
    """The project does not exist."""


class RepoNotFound(NotFound):
    """The repo does not exist."""


class BranchNotFound(NotFound):
    """The branch does not exist. 1.x servers answer this for a missing repo, too."""


class CommitNotFound(NotFound):
    """The commit does not exist."""


class FileNotFound(NotFound):
    """The commit has no file or directory at that path."""


class TransactionNotFound(NotFound):
    """There is no such transaction, or it is finished."""


class FileSetNotFound(NotFound):
    """There is no such file set, or it has not been renewed in time."""


class PipelineNotFound(NotFound):
    """The pipeline does not exist."""


class JobNotFound(NotFound):
    """The job does not exist, or not yet: a 1.x server makes it when the commits that it reads are finished."""


class DatumNotFound(NotFound):
    """The job has no such datum, or it is not being processed."""


class SecretNotFound(NotFound):
    """The secret does not exist."""


class AlreadyExists(PachydermError, FileExistsError):
    """It already exists."""


class CommitFinished(PachydermError):
    """The commit is finished and cannot be written to."""


class CommitNotFinished(PachydermError):
    """The commit, or its parent, has to be finished first."""


class CommitFailed(PachydermError):
    """The server finished the commit with an error."""


class PathConflict(CommitFailed):
    """One path of the commit is a file as well as a directory.

    1.x servers refuse to finish such a commit; 2.x finish it as failed.
    """


class JobFailed(PachydermError):
    """A job that was waited for ended, and did not succeed.

    :param job: the job, with its state and the server's reason.
    :param upstream: of a job that could not run, as others failed before it: these (2.x).
    :param failed_datums: up to ten of the datums that failed, with their input files; of the first job upstream, if
        there is one.
    :param log: the last lines that the first of these left in the log, or the job if none is known.
    """

    def __init__(
        self,
        message: str = "",
        *,
        job: JobInfo | None = None,
        upstream: tuple[JobInfo, ...] = (),
        failed_datums: tuple[DatumInfo, ...] = (),
        log: tuple[LogMessage, ...] = (),
        **data: Any,
    ) -> None:
        super().__init__(message, **data)
        self.job = job
        self.upstream = upstream
        self.failed_datums = failed_datums
        self.log = log


class PipelineFailed(PachydermError):
    """A pipeline is in state FAILURE, and makes no jobs until it is updated.

    :param pipeline: the pipeline, with the server's reason.
    """

    def __init__(self, message: str = "", *, pipeline: PipelineInfo | None = None, **data: Any) -> None:
        super().__init__(message, **data)
        self.pipeline = pipeline


class CommitDeleted(PachydermError):
    """The commit, or its repo, was deleted in the meantime."""


class BranchHasNoHead(PachydermError):
    """The branch has no commit yet (1.x; branches of 2.x always have one)."""


class AmbiguousCommit(PachydermError):
    """Several branches have a commit of this id (2.0 to 2.5): name the branch."""


class OutputBranch(PachydermError):
    """The branch has provenance: its commits are made by the server."""


class Conflict(PachydermError):
    """Refused because something else depends on it, or it depends on something else."""


class PermissionDenied(PachydermError, PermissionError):
    """The token does not allow it."""


class Unauthenticated(PermissionDenied):
    """No token, or one that is wrong or expired."""


class AuthNotActivated(PachydermError):
    """The server runs without authentication."""


class DeadlineExceeded(PachydermError, TimeoutError):
    """The server did not answer in time."""


class StreamStalled(DeadlineExceeded):
    """Nothing moved on a stream for the stall timeout."""


class Unavailable(PachydermError, ConnectionError):
    """The server cannot be reached, or the connection was lost."""


class StreamBroken(Unavailable):
    """The connection was lost in the middle of a stream: what came so far is not all."""


class LocalError(PachydermError, OSError):
    """A file of this machine could not be written.

    :param errno: number of the error, as of :class:`OSError`.
    :param filename: path of the local file.
    """

    def __init__(
        self, message: str = "", *, errno: int | None = None, filename: str | None = None, **data: Any
    ) -> None:
        super().__init__(message, **data)
        self.errno = errno
        self.filename = filename

    def __str__(self) -> str:
        return Exception.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args, {**self.__dict__, "errno": self.errno, "filename": self.filename}


class LocalNameInvalid(LocalError, ValueError):
    """The path in PFS makes no name that the local file system takes: it is too long, or has a null character."""


class LocalConflict(LocalError, FileExistsError):
    """Something else is there: a directory in place of a file, a file in place of a directory, or one to be kept."""


class LocalPermissionDenied(LocalError, PermissionError):
    """This user may not write there."""


class DiskFull(LocalError):
    """The local file system has no room for it."""


class TlsFailed(Unavailable):
    """No encrypted connection came about; the text names the setting to change. It is not tried again."""


class Unsupported(PachydermError, NotImplementedError):
    """This server cannot do it; the text says since which version servers can."""


class ClientClosed(PachydermError, RuntimeError):
    """The client was closed, or belongs to another process or event loop."""


class ServerError(PachydermError):
    """The server failed in a way that no other class describes."""
