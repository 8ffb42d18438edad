"""What can go wrong, and how server answers are told apart.

::

    PachydermError
    ├── InvalidRequest (ValueError)         refused before it was sent, or by the server's own checks
    │   ├── InvalidReference
    │   ├── InvalidConfig
    │   ├── NotInTransaction                it cannot wait for the end of the transaction
    │   └── IsADirectory (IsADirectoryError)
    ├── NotFound (FileNotFoundError)
    │   ├── ProjectNotFound, RepoNotFound, BranchNotFound, CommitNotFound, FileNotFound
    │   └── TransactionNotFound, FileSetNotFound
    ├── AlreadyExists (FileExistsError)
    ├── CommitFinished                      writing to a commit that is closed
    ├── CommitNotFinished                   reading from or building on a commit that is open
    ├── CommitFailed                        the server finished the commit with an error
    │   └── PathConflict                    ... as one path is a file and a directory
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
    │   └── StreamBroken
    ├── Unsupported (NotImplementedError)   this server's version cannot do it
    ├── ClientClosed (RuntimeError)
    └── ServerError                         anything else

Servers classify badly: all of 1.x and much of 2.x answers UNKNOWN. So the text decides, the status code only where no
rule knows the text. The rules are one table, tried from the top.
"""

from __future__ import annotations

import re


class PachydermError(Exception):
    """Base of all errors of this client.

    :param status: gRPC status name, such as ``NOT_FOUND``; empty if no server answered.
    :param method: the call, such as ``/pfs_v2.API/InspectRepo``.
    :param server_text: what the server said, unchanged.
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
        super().__init__(message)
        self.status = status
        self.method = method
        self.server_text = server_text
        self.reference = reference
        self.attempts = attempts


class InvalidRequest(PachydermError, ValueError):
    """The arguments make no sense; nothing was changed."""


class InvalidReference(InvalidRequest):
    """Not a reference to a repo, a branch or a commit."""


class InvalidConfig(InvalidRequest):
    """The configuration contradicts itself."""


class NotInTransaction(InvalidRequest):
    """Inside of a transaction a call was made that the server does at once, or not at all."""


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


class AlreadyExists(PachydermError, FileExistsError):
    """It exists already."""


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


class Unsupported(PachydermError, NotImplementedError):
    """This server cannot do it; the text says since which version servers can."""


class ClientClosed(PachydermError, RuntimeError):
    """The client was closed, or belongs to another process or event loop."""


class ServerError(PachydermError):
    """The server failed in a way that no other class describes."""


# Order matters: "file P not found in repo R at commit C" is about the file, "branch B not found in repo R" about the
# branch, and a 2.11 server joins "repo not found", "branch not found" and more in one text.
_TEXT_RULES: tuple[tuple[str, type[PachydermError]], ...] = (
    (r"auth service is not activated", AuthNotActivated),
    (r"panic: |runtime error: ", ServerError),
    (
        r"unknown service|unknown method|Method not found!|no auth function for"
        r"|your client appears to be an older version",
        Unsupported,
    ),
    (
        r"no authentication (token|metadata)|\btoken not found|corrupted or has expired|token expiration is in the past"
        r"|could not verify token",
        Unauthenticated,
    ),
    # files may be named like this, too: what is told of those goes on after their names
    (
        r"not authorized to perform this operation|(^|: |= )no role binding exists for [A-Z_]+ ?\S*$"
        r"|only cluster admins can",
        PermissionDenied,
    ),
    (
        r"auth service is (only )?partially activated|(^|: |= |is )already activated$"
        r"|RotateRootToken\(\) is disabled",
        Conflict,
    ),
    (r"is an Enterprise-level feature", Unsupported),
    (r"has expired or is already revoked", NotFound),
    (r"cannot overwrite existing token", AlreadyExists),
    (
        r"has already (been )?finished|is not open|openCommits/.* not found|cannot (delete|clear) finished commit",
        CommitFinished,
    ),
    (r"commits? [^ ]+ was deleted|repo [^ ]+ was deleted", CommitDeleted),
    (r"the branch .* (has no head|is nil)", BranchHasNoHead),
    (r"is already there|it's not a directory|discovered orphaned file|path collision|duplicate path", PathConflict),
    (r"has not been finished|not finished|unfinished|cannot read from an open commit", CommitNotFinished),
    (r"finished with an error", CommitFailed),
    (r"is ambiguous", AmbiguousCommit),
    (r"on an output branch", OutputBranch),
    (
        r"that has (no )?children|subvenant commit sets|with subvenance without recursive"
        r"|because it has non-empty provenance|without clearing its provenance|but that commit is not the head"
        r"|break those branches|in the direct provenance of|delete the provenance of other repos|still exists"
        r"|provenance loop|cycle detected|in its own provenance|provenance of its own branch|participate in a DAG"
        r"|inconsistent dependencies|associated with a pipeline|the commit provenance contains"
        r"|violates foreign key constraint|contains \d+ repos|triggers cannot form a loop"
        r"|because it (is triggered by|triggers) branches",
        Conflict,
    ),
    (r"item: \(fileset/|(^|: )path does not exist$|create a dangling reference", FileSetNotFound),
    (r"is a directory|cannot read directory|(directory or )?non-regular file|matched multiple files", IsADirectory),
    (
        r"(^|[^a-z])file (?!set: ).+ not found|no node at|no file\(s\) found|does not contain item|cannot list path",
        FileNotFound,
    ),
    (r"\btransactions[/ ] ?\S+ not found", TransactionNotFound),
    (r"project \S+ not found", ProjectNotFound),
    (r"parent commit.* not found", CommitNotFound),
    # 1.x servers look up all that a commit is named by in one place, whether it is a branch or an id
    (r"branches/[^/ ]+/ ?[0-9a-f]{32} not found", CommitNotFound),
    (r"(commits/[^/ ]+/ ?|commit )(?![0-9a-f]{32} )[\w-]+ not found", BranchNotFound),
    (r"repo \(id=\d+[^)]*\) not found|repos/[^/\n]* not found|repoRefCounts/.* not found", RepoNotFound),
    (r"cannot delete .* as it does not exist|(^|: )repo [^\n]* not found$", RepoNotFound),
    (r"branches/.* not found|branch .+ not found", BranchNotFound),
    # an id is a UUID of version 4; before 2.6, others are not even looked for
    (
        r"commits/.+ not found|commit .*not found|no commits found for commitset|invalid commit ID given",
        CommitNotFound,
    ),
    (r"already exists", AlreadyExists),
    (
        r"the file at .+ is not a directory"
        r"|invalid: |invalid (ancestry|principal|request|project name|header|pgdump)|branch name cannot be"
        r"|project names must"
        r"|longer than the \d+ max"
        r"|cannot be (nil|empty)|must be specified|must have the same commit|must send a request"
        r"|must belong to the same repo|commits? needs? to be from repo"
        r"|cannot (use|set|inspect nil|resolve commit)|first message must|no repo specified|validate (request|recv)"
        r"|unrecognized|is malformed|unexpected end of input|error parsing|hi character|null character"
        r"|unexpected EOF|invalid character|negative offset|commit must have|retrieving content from|wrong wireType"
        r"|\bGet \S+ dial tcp|parse \S+: |^EOF$|triggers must specify|can't trigger on|invalid trigger"
        r"|both provenance and a trigger|parsing fileset\.|encoding/hex: |\bttl \(-?\d+\) |is a reserved name"
        r"|\.TTL must be >|\.Subject is invalid|both added and removed|Cannot list branches from all repos"
        r"|unknown (role|resource type) |subject has (no|unrecognized) prefix|for pach: users|names cannot contain"
        r"|shorter than token's existing TTL|can only extend tokens",
        InvalidRequest,
    ),
    (r"received message (larger|length)", InvalidRequest),
    (r"RST_STREAM|Stream removed|Socket closed|Connection reset|GOAWAY|keepalive watchdog", Unavailable),
)
_RULES = tuple((re.compile(pattern, re.DOTALL | re.MULTILINE), kind) for pattern, kind in _TEXT_RULES)

_CODES: dict[str, type[PachydermError]] = {
    "NOT_FOUND": NotFound,
    "ALREADY_EXISTS": AlreadyExists,
    "INVALID_ARGUMENT": InvalidRequest,
    "OUT_OF_RANGE": InvalidRequest,
    "FAILED_PRECONDITION": Conflict,
    "ABORTED": Conflict,
    "PERMISSION_DENIED": PermissionDenied,
    "UNAUTHENTICATED": Unauthenticated,
    "DEADLINE_EXCEEDED": DeadlineExceeded,
    "UNAVAILABLE": Unavailable,
    "UNIMPLEMENTED": Unsupported,
}


def classify(status: str, text: str) -> type[PachydermError]:
    """Choose the class for an answer: by its text, else by its status code.

    :param status: gRPC status name.
    """
    for pattern, kind in _RULES:
        if pattern.search(text):
            return kind
    if status in _CODES:
        return _CODES[status]
    # last, as "Domain name not found" is no answer of Pachyderm's
    return NotFound if "not found" in text else ServerError


def from_status(status: str, text: str, *, method: str = "", reference: str = "", attempts: int = 1) -> PachydermError:
    """Make the error for an answer that was not OK."""
    kind = classify(status, text)
    subject = f"{reference}: " if reference and reference not in text else ""
    message = f"{subject}{text or 'no reason given'} [{status}, {method}]"
    return kind(message, status=status, method=method, server_text=text, reference=reference, attempts=attempts)
