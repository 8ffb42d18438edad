"""What servers say when they refuse, and the exception that each text becomes: one table, tried from the top.

Servers classify badly: all of 1.x and much of 2.x answers UNKNOWN. So the text decides, and the status code only where
no rule knows the text. Each rule says who was heard to speak so: the release (of real servers, or of their source) and
the call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby
from typing import Final

from airflow_provider_pachyderm.client import _errors as errors
from airflow_provider_pachyderm.client._errors import PachydermError

_LONGEST = 4096
"""So much of either end of a text is looked at: what is longer is a name or a stack, and says nothing more."""
_GAP = "…"
# Go puts the places that an error came through in front of it
_BEGIN = r"\A(?:[a-zA-Z ]{1,40}: ){0,4}"


class Rule:
    """Texts that mean one thing.

    :param kind: the exception.
    :param text: a regular expression; ``A…B`` is A and, anywhere behind it, B. What repeats has a limit, so that the
        time for a text grows no faster than the text.
    :param origin: who speaks so.
    :param call: only as an answer to this call.
    """

    def __init__(self, kind: type[PachydermError], text: str, origin: str, *, call: str = "") -> None:
        self.kind = kind
        self.text = text
        self.origin = origin
        self.call = call

    @cached_property
    def _parts(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(part, re.DOTALL | re.MULTILINE) for part in self.text.split(_GAP))

    def fits(self, text: str, call: str) -> bool:
        """Say whether a server's text is one of these."""
        if self.call and call != self.call:
            return False
        start = 0
        for part in self._parts:
            found = part.search(text, start)
            if found is None:
                return False
            start = found.end()
        return True


# Order matters. First what quotes a path or a name, which may be named like any other text; then, among what is
# missing: "file P not found in repo R at commit C" is about the file, "branch B not found in repo R" about the branch,
# and 2.8 and later join "repo not found", "branch not found" and more in one text.
RULES: Final = (
    # texts around a path or a name that a user chose
    Rule(errors.PathConflict, _BEGIN + r"file / directory path collision \(", "2.x: the error of a commit; reading it"),
    Rule(
        errors.FileNotFound,
        _BEGIN + r"file (?!set: )…not found(?: in repo \S{1,600} at commit ?\S{0,80})?(?:\ncontext canceled)?\Z",
        "all: InspectFile, GetFile, ListFile",
    ),
    Rule(errors.FileNotFound, _BEGIN + r'no node at "', "1.4–1.6: ListFile, CopyFile"),
    Rule(errors.FileNotFound, _BEGIN + r"commit/\w{1,80} does not contain item: \(/", "2.x: WalkFile"),
    Rule(errors.InvalidRequest, _BEGIN + r"(repo )?(path|name) \(…\) invalid: ", "all: PutFile, Create…, StartCommit"),
    Rule(errors.PathConflict, _BEGIN + r'could not put file at "', "1.x: FinishCommit, PutFile"),
    Rule(errors.PathConflict, _BEGIN + r'attempted to visit "', "1.x: FinishCommit, PutFile"),
    Rule(errors.IsADirectory, r"\A(?!\w{1,40}: )[^\n]{0,4096} is a directory\Z", "1.4–1.7.1: GetFile"),
    Rule(
        errors.InvalidSpec,
        _BEGIN + r"could not make effective spec: (invalid effective spec|could not parse)",
        "2.8 and later: CreatePipeline, CreatePipelineV2, which quote the whole spec",
    ),
    Rule(errors.InvalidSpec, r"\Ainvalid pipeline name: ", "1.9.6 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"\Aproto:\s\(line \d{1,9}:\d{1,9}\): unknown field", "2.1 and later: RenderTemplate"),
    Rule(errors.InvalidRequest, r"\Atemplate err: ", "2.1 and later: RenderTemplate"),
    # who asks
    Rule(errors.AuthNotActivated, r"auth service is not activated", "1.5.1 and later: auth, where it is off"),
    Rule(errors.ServerError, r"panic: ", "2.8 and later: what a call died of"),
    Rule(errors.ServerError, r"runtime error: ", "2.8 and later: what a call died of"),
    Rule(errors.Unsupported, r"unknown service", "gRPC, and 1.8.8 for a call"),
    Rule(errors.Unsupported, r"unknown method", "gRPC"),
    Rule(errors.Unsupported, r"Method not found!", "Python's gRPC, as in the dev server"),
    Rule(errors.Unsupported, r"no auth function for", "2.0–2.3: a call that there is not"),
    Rule(errors.Unsupported, r"your client appears to be an older version", "2.0–2.4.1: calls of 1.x"),
    Rule(errors.Unauthenticated, r"no authentication (token|metadata)", "1.7.0 and later"),
    Rule(errors.Unauthenticated, r"(\A|: |auth )token not found", "1.6.0–1.7.1"),
    Rule(errors.Unauthenticated, r"corrupted or has expired", "1.7.0 and later"),
    Rule(errors.Unauthenticated, r"token expiration is in the past", "1.11.9 and later"),
    Rule(errors.Unauthenticated, r"could not verify token", "1.11.5 and later: Authenticate with an id token"),
    Rule(errors.PermissionDenied, r"not authorized to perform this operation", "1.5.3 and later"),
    Rule(errors.PermissionDenied, r"(^|: |= )no role binding exists for [A-Z_]{1,40} ?\S{0,600}$", "2.x"),
    Rule(errors.PermissionDenied, r"only cluster admins can", "1.x: an enterprise token has expired"),
    Rule(errors.Conflict, r"auth service is (only )?partially activated", "1.7.1–1.13: any call"),
    Rule(errors.Conflict, r"(^|: |= |is )already activated$", "all: Activate"),
    Rule(errors.Conflict, r"RotateRootToken\(\) is disabled", "2.x: RotateRootToken"),
    Rule(errors.Unsupported, r"is an Enterprise-level feature", "all: Activate"),
    Rule(errors.Unsupported, r"requires an activation key to create", "1.13.0 and later: CreatePipeline, one too many"),
    Rule(errors.Unsupported, r"\Aunimplemented\Z", "2.x: RunPipeline"),
    Rule(errors.Unsupported, r"\Ano loki\Z", "2.6 and later: GetLogs of Loki, where that is not installed"),
    Rule(errors.NotFound, r"has expired or is already revoked", "1.11.9 and later: RevokeAuthToken"),
    Rule(errors.AlreadyExists, r"cannot overwrite existing token", "1.11.9 and later: RestoreAuthToken"),
    # the time that the caller gave, which came back as the server's own error (a race)
    Rule(errors.DeadlineExceeded, r"context deadline exceeded$", "2.2.8, 2.7.8, 2.12: InspectCommit that waits"),
    # the life of commits
    Rule(errors.CommitFinished, r"has already (been )?finished", "all: FinishCommit, PutFile, ModifyFile, DeleteFile"),
    Rule(errors.CommitFinished, r"is not open", "1.5: PutFile"),
    Rule(errors.CommitFinished, r"openCommits/…not found", "1.6: PutFile, CopyFile"),
    Rule(errors.CommitFinished, r"cannot (delete|clear) finished commit", "1.4–1.6: DeleteCommit; 2.x: ClearCommit"),
    Rule(errors.CommitDeleted, r"commits? [^ ]{1,900} was deleted", "1.7 and later: a wait for it"),
    Rule(errors.CommitDeleted, r"repo [^ ]{1,600} was deleted", "1.11.8–1.13"),
    Rule(errors.BranchHasNoHead, r"the branch …has no head", "1.7.2–1.13: any read of it"),
    Rule(errors.BranchHasNoHead, r"the branch …is nil", "1.7.0, 1.7.1: any read of it"),
    Rule(errors.PathConflict, r"is already there", "1.x: FinishCommit, PutFile"),
    Rule(errors.PathConflict, r"it's not a directory", "1.x: FinishCommit, PutFile"),
    Rule(errors.PathConflict, r"discovered orphaned file", "1.4–1.10: FinishCommit"),
    Rule(errors.PathConflict, r"path collision", "2.x: the error of a commit; reading it"),
    Rule(errors.PathConflict, r"duplicate path", "2.x: the error of a commit; reading it"),
    Rule(errors.PathConflict, r"failed to get tree for open commit: the file at ", "1.12.5, 1.13.4: FinishCommit"),
    Rule(errors.PathConflict, r"the file at …is not a directory", "1.4–1.11: FinishCommit", call="FinishCommit"),
    Rule(errors.CommitNotFinished, r"has not been finished", "all: StartCommit"),
    Rule(errors.CommitNotFinished, r"\bnot finished", "1.8.8 and later: reading what is made"),
    Rule(errors.CommitNotFinished, r"commit \S{1,900} unfinished", "2.1.1 and later: reading what builds on it"),
    Rule(errors.CommitNotFinished, r"cannot read from an open commit", "1.4: GetFile, ListFile, GlobFile, InspectFile"),
    Rule(errors.CommitNotFinished, r"cannot squash until child commit", "2.x: SquashCommitSet"),
    Rule(errors.CommitFailed, r"finished with an error", "2.x: reading it"),
    Rule(errors.AmbiguousCommit, r"is ambiguous", "2.0–2.5: an id without a branch"),
    Rule(errors.OutputBranch, r"on an output branch", "1.7 and later: StartCommit, writes by branch"),
    # what depends on each other
    Rule(errors.Conflict, r"cannot finish an alias commit", "2.0–2.5: FinishCommit"),
    Rule(errors.Conflict, r"that has (no )?children", "2.x: SquashCommitSet, DropCommitSet, SquashCommit, DropCommit"),
    Rule(errors.Conflict, r"subvenant commit sets", "2.6 and later: DropCommitSet"),
    Rule(errors.Conflict, r"with subvenance without recursive", "2.5.8 and later: SquashCommit, DropCommit"),
    Rule(errors.Conflict, r"because it has non-empty provenance", "1.7–1.13: DeleteCommit"),
    Rule(errors.Conflict, r"without clearing its provenance", "2.x: CreateBranch"),
    Rule(errors.Conflict, r"but that commit is not the head", "1.x: CreateBranch"),
    Rule(errors.Conflict, r"break those branches", "1.7–2.7: DeleteBranch, DeleteRepo"),
    Rule(errors.Conflict, r"in the direct provenance of", "2.9 and later: DeleteBranch, DeleteRepo"),
    Rule(errors.Conflict, r"delete the provenance of other repos", "1.4–1.6: DeleteRepo"),
    Rule(errors.Conflict, r"still exists", "2.6 and later: DeleteProject"),
    Rule(errors.Conflict, r"contains \d{1,20} repos", "2.5: DeleteProject"),
    Rule(errors.Conflict, r"provenance loop", "1.7–2.5: CreateBranch"),
    Rule(errors.Conflict, r"cycle detected", "2.8 and later: CreateBranch"),
    Rule(errors.Conflict, r"provenance and subvenance", "2.7: CreateBranch"),
    Rule(errors.Conflict, r"in its own provenance", "1.9–1.13: CreateBranch"),
    Rule(errors.Conflict, r"provenance of its own branch", "2.x: CreateBranch"),
    Rule(errors.Conflict, r"participate in a DAG", "2.6 and later: CreateBranch"),
    Rule(errors.Conflict, r"inconsistent dependencies", "2.x: two commits of a repo in one transaction"),
    Rule(errors.Conflict, r"associated with a pipeline", "2.x: DeleteRepo of a pipeline's"),
    Rule(errors.Conflict, r"the commit provenance contains", "1.9–1.13: StartCommit with provenance"),
    Rule(errors.Conflict, r"violates foreign key constraint", "2.6–2.8: CreateBranch, DeleteBranch, DeleteRepo"),
    Rule(errors.Conflict, r"triggers cannot form a loop", "1.11.4 and later: CreateBranch"),
    Rule(errors.Conflict, r"because it (is triggered by|triggers) branches", "2.9 and later: DeleteBranch, DeleteRepo"),
    # what is missing; the repo of a pipeline's specs stands for the pipeline
    Rule(errors.DatumNotFound, r"(^|: )datum \S{1,200} not found in job", "2.x: InspectDatum"),
    Rule(errors.DatumNotFound, r"datum matching filter …could not be found", "all: RestartDatum"),
    Rule(errors.JobNotFound, r"pps/jobs/ ?\S{1,100} not found", "1.9–1.13: any call that names a job"),
    Rule(errors.JobNotFound, r"(^|: )jobs \S{0,900}@\S{1,200} not found", "2.x: any call that names a job"),
    Rule(errors.JobNotFound, r"job with output commit …not found", "1.7–1.13: InspectJob of an output commit"),
    Rule(errors.JobNotFound, r"(^|: )job \S{1,900} was deleted", "all: a wait for it"),
    Rule(errors.PipelineNotFound, r"up to date spec for pipeline", "2.x: any call that names a pipeline"),
    Rule(errors.PipelineNotFound, r'(^|: )pipeline "[^"\n]{1,900}" not found', "1.7 and later: likewise"),
    Rule(errors.PipelineNotFound, r"not enough to find ancestor", "2.x: InspectPipeline of an earlier version"),
    Rule(errors.PipelineNotFound, r"\.spec not found", "2.1.0–2.2.0: a pipeline", call="InspectPipeline"),
    Rule(errors.SecretNotFound, r'secrets "[^"\n]{1,300}" not found', "1.10 and later: InspectSecret, DeleteSecret"),
    Rule(errors.SecretNotFound, r"missing Kubernetes secret", "2.3 and later: CreatePipeline"),
    Rule(errors.FileSetNotFound, r"item: \(fileset/", "2.x: RenewFileSet"),
    Rule(errors.FileSetNotFound, r"(^|: )path does not exist$", "2.x: AddFileSet, and reading one"),
    Rule(errors.FileSetNotFound, r"create a dangling reference", "2.x: ComposeFileSet"),
    Rule(errors.IsADirectory, r"is a directory", "1.4–1.7.1: GetFile"),
    Rule(errors.IsADirectory, r"cannot read directory", "1.7.14: GetFile"),
    Rule(errors.IsADirectory, r"non-regular file", "2.x: GetFile"),
    Rule(errors.IsADirectory, r"matched multiple files", "2.x: GetFile"),
    Rule(errors.FileNotFound, r"(^|[ (])file (?!set: |not found)…not found", "all, among other texts"),
    Rule(errors.FileNotFound, r"no node at", "1.4–1.6, among other texts"),
    Rule(errors.FileNotFound, r"no file\(s\) found", "1.7, 1.8: GetFile, InspectFile of a pattern"),
    Rule(errors.FileNotFound, r"does not contain item", "2.x: WalkFile"),
    Rule(errors.FileNotFound, r"cannot list path", "2.x: ListFile"),
    Rule(errors.TransactionNotFound, r"\btransactions[/ ] ?\S{1,300} not found", "1.9 and later"),
    Rule(errors.ProjectNotFound, r"projects? \S{0,300} not found", "2.5 and later; 2.5, 2.6: InspectProject"),
    Rule(errors.CommitNotFound, r"parent commit…not found", "1.6 and later: StartCommit"),
    Rule(errors.CommitNotFound, r"commits/…not found", "1.4, 1.5: the parent", call="StartCommit"),
    Rule(errors.CommitNotFound, r"invalid offset (for ancestor|from branch root)", "2.12: ancestry"),
    # 1.x servers look up all that a commit is named by in one place, whether it is a branch or an id
    Rule(errors.CommitNotFound, r"branches/[^/ ]{1,300}/ ?[0-9a-f]{32} not found", "1.7–1.13: an id"),
    Rule(errors.BranchNotFound, r"commits/[^/ ]{1,300}/ ?(?![0-9a-f]{32} )[\w-]{1,300} not found", "1.4, 1.5"),
    Rule(errors.BranchNotFound, r"commit (?![0-9a-f]{32} )[\w-]{1,300} not found", "1.6: a branch"),
    Rule(errors.RepoNotFound, r"repo \(id=\d{1,20}[^)]{0,900}\) not found", "2.8 and later"),
    Rule(errors.RepoNotFound, r"repos/[^/\n]{0,300} not found", "1.x"),
    Rule(errors.RepoNotFound, r"repoRefCounts/…not found", "1.4, 1.5: DeleteRepo"),
    Rule(errors.RepoNotFound, r"cannot delete …as it does not exist", "1.6: DeleteRepo"),
    Rule(errors.RepoNotFound, r"(^|: )repo [^\n]{0,600} not found$", "2.x"),
    Rule(errors.CommitNotFound, r"branch …not found", "2.1: the parent", call="StartCommit"),
    Rule(errors.BranchNotFound, r"branches/…not found", "1.x"),
    Rule(errors.BranchNotFound, r"branch …not found", "2.x"),
    Rule(errors.CommitNotFound, r"commits/…not found", "1.4, 1.5, 1.9–1.13"),
    Rule(errors.CommitNotFound, r"commit …not found", "1.6 and later"),
    Rule(errors.CommitNotFound, r"no commits found for commitset", "2.x: InspectCommitSet, SquashCommitSet"),
    # an id is a UUID of version 4; others are not even looked for
    Rule(errors.CommitNotFound, r"invalid commit ID given", "2.0–2.5: an id with a branch"),
    Rule(errors.AlreadyExists, r"already exists", "all: CreateRepo, CreateProject"),
    # pipeline specs
    Rule(errors.InvalidSpec, r"invalid pipeline spec", "1.9.8 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"pipeline names? (must|is)\b", "1.9.6 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"(pipeline|Kubernetes) name …longer than", "2.5 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"pipeline (transform )?must (specify|contain)", "1.9 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"(^|: )inputs? (must|cannot|based on|that set) ", "all: CreatePipeline"),
    Rule(errors.InvalidSpec, r"S3 inputs in \w{1,20} expressions", "1.10 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"multiple input types set|no input set", "all: CreatePipeline"),
    Rule(errors.InvalidSpec, r"was used more than once", "all: CreatePipeline"),
    Rule(errors.InvalidSpec, r"error parsing cron-spec", "all: CreatePipeline"),
    Rule(errors.InvalidSpec, r"malformed Pod(Spec|Patch)", "1.8.3 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"services can only be run", "1.6 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"service type \S{0,300} ?is not allowed", "1.9 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"spout pipelines \(without a service\)", "1.10.2 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"autoscaling (can't be used|must be true)", "2.x: CreatePipeline"),
    Rule(errors.InvalidSpec, r"s3 output is not supported", "1.10 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"embedding TFJobs in pipelines", "1.9.8 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"\Aegress\.\S{1,100} is required", "2.2 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"has env_var set but is missing key", "2.3 and later: CreatePipeline"),
    Rule(errors.InvalidSpec, r"ParallelismSpec\.|parallelism strategies", "1.5–1.13: CreatePipeline"),
    Rule(errors.InvalidSpec, r"could not parse cacheSize", "1.5.1–1.13: CreatePipeline"),
    Rule(errors.InvalidSpec, r"clone URL (is missing|must use)", "1.6.4–1.13: CreatePipeline with a git input"),
    Rule(errors.InvalidSpec, r"cannot disable stats", "1.8.7–1.13: CreatePipeline that updates"),
    # what makes no sense
    Rule(errors.InvalidRequest, r"cannot inspect future pipelines", "2.x: InspectPipeline of a version after the last"),
    Rule(errors.InvalidRequest, r"must specify (a |the )", "2.x: a request without job or datum"),
    Rule(errors.InvalidRequest, r"cannot specify both job and input", "1.11.6 and later: ListDatum"),
    Rule(errors.InvalidRequest, r"can't list datums with a cron", "1.11.6 and later: ListDatum"),
    Rule(errors.InvalidRequest, r"job is from the wrong pipeline", "2.x: GetLogs"),
    Rule(errors.InvalidRequest, r"number must be non-negative", "2.5 and later: ListJob, ListJobSet"),
    Rule(errors.InvalidRequest, r"doesn't have a cron input", "1.9.10 and later: RunCron"),
    Rule(errors.InvalidRequest, r"could not merge project defaults", "2.8 and later: SetProjectDefaults"),
    Rule(errors.InvalidRequest, r"failed to unmarshal secret", "1.10 and later: CreateSecret"),
    Rule(errors.InvalidRequest, r"invalid suite label", "1.10 and later: CreateSecret"),
    Rule(errors.InvalidRequest, r"the file at …is not a directory", "1.4–1.6: ListFile"),
    Rule(errors.InvalidRequest, r"invalid: ", "all: names and paths"),
    Rule(errors.InvalidRequest, r"invalid ancestry", "1.6 and later: a reference such as master^x"),
    Rule(errors.InvalidRequest, r"invalid (principal|request)", "1.x: auth"),
    Rule(errors.InvalidRequest, r"invalid project name", "2.5 and later: CreateProject"),
    Rule(errors.InvalidRequest, r"invalid (header|pgdump)", "1.8–1.13: PutFile that splits SQL"),
    Rule(errors.InvalidRequest, r"branch name cannot be", "1.5 and later: StartCommit, CreateBranch, SetBranch"),
    Rule(errors.InvalidRequest, r"project names must", "2.5 and later: CreateProject"),
    Rule(errors.InvalidRequest, r"longer than the \d{1,20} max", "2.5 and later: CreateProject"),
    Rule(errors.InvalidRequest, r"cannot be (nil|empty)", "all: a request without what it is about"),
    Rule(errors.InvalidRequest, r"must be specified", "2.x: StartCommit without branch"),
    Rule(errors.InvalidRequest, r"(must specify|no) repo\b", "2.x: DeleteRepo without repo"),
    Rule(errors.InvalidRequest, r"must have the same commit", "1.8–1.13: PutFile to two commits"),
    Rule(errors.InvalidRequest, r"must send a request", "1.9–1.13: PutFile without file"),
    Rule(errors.InvalidRequest, r"must belong to the same repo", "2.x: CreateBranch with another repo's head"),
    Rule(errors.InvalidRequest, r"commits? needs? to be from repo", "2.x: ListCommit"),
    Rule(errors.InvalidRequest, r"cannot use", "all: ListCommit with from and without to"),
    Rule(errors.InvalidRequest, r"cannot set", "1.8–1.13: options of a split; 2.x: a second set_commit"),
    Rule(errors.InvalidRequest, r"cannot inspect nil", "1.9–1.13: InspectCommit without commit"),
    Rule(errors.InvalidRequest, r"cannot resolve commit", "1.8–1.13: a commit without name"),
    Rule(errors.InvalidRequest, r"first message must", "2.x: ModifyFile"),
    Rule(errors.InvalidRequest, r"validate (request|recv)", "2.8 and later"),
    Rule(errors.InvalidRequest, r"unrecognized ", "all: a delimiter, a kind of message, an object store"),
    Rule(errors.InvalidRequest, r"number must be > 0", "2.4 and later: ListFile, WalkFile in reverse"),
    Rule(errors.InvalidRequest, r"is malformed", "1.4, 1.5: GlobFile"),
    Rule(errors.InvalidRequest, r"unexpected end of input", "1.6 and later: GlobFile"),
    Rule(errors.InvalidRequest, r"error parsing", "all: GlobFile, split into other files, URLs"),
    Rule(errors.InvalidRequest, r"parse error on line", "1.8–1.13: PutFile that splits CSV"),
    Rule(errors.InvalidRequest, r"hi character", "1.6–1.8: GlobFile"),
    Rule(errors.InvalidRequest, r"null character", "1.4, 1.5: PutFile"),
    Rule(errors.InvalidRequest, r"unexpected EOF", "1.x: PutFile that splits JSON"),
    Rule(errors.InvalidRequest, r"invalid character", "1.x: PutFile that splits JSON"),
    Rule(errors.InvalidRequest, r"negative offset", "1.4, 1.5: GetFile"),
    Rule(errors.InvalidRequest, r"commit must have", "2.6 and later: a commit without repo"),
    Rule(errors.InvalidRequest, r"retrieving content from", "1.9.4 and later: PutFile of a URL"),
    Rule(errors.InvalidRequest, r"wrong wireType", "1.7.10–1.7.14: fields of later versions"),
    Rule(errors.InvalidRequest, r"\bGet \S{1,900} dial tcp", "all: a URL that does not answer"),
    Rule(errors.InvalidRequest, r"parse \S{1,900}: ", "all: what is no URL"),
    Rule(errors.InvalidRequest, r"\AEOF\Z", "1.7–1.9: PutFile without message; 2.x: ModifyFile"),
    Rule(errors.InvalidRequest, r"triggers must specify", "1.11.4 and later: CreateBranch"),
    Rule(errors.InvalidRequest, r"can't trigger on", "1.11.4 and later: CreateBranch"),
    Rule(errors.InvalidRequest, r"invalid trigger", "1.11.4 and later: CreateBranch"),
    Rule(errors.InvalidRequest, r"both provenance and a trigger", "2.x: CreateBranch"),
    Rule(errors.InvalidRequest, r"parsing fileset\.", "2.x: the id of a file set"),
    Rule(errors.InvalidRequest, r"encoding/hex: ", "2.x: the id of a file set"),
    Rule(errors.InvalidRequest, r"\bttl \(-?\d{1,30}\) ", "2.x: RenewFileSet"),
    Rule(errors.InvalidRequest, r"is a reserved name", "2.x: CreateRepo"),
    Rule(errors.InvalidRequest, r"\.TTL must be >", "1.x: GetAuthToken"),
    Rule(errors.InvalidRequest, r"\.Subject is invalid", "1.x: GetAuthToken"),
    Rule(errors.InvalidRequest, r"both added and removed", "1.x: ModifyAdmins"),
    Rule(errors.InvalidRequest, r"Cannot list branches from all repos", "2.x: ListBranch"),
    Rule(errors.InvalidRequest, r"unknown (role|resource type) ", "2.x: ModifyRoleBinding"),
    Rule(errors.InvalidRequest, r"subject has (no|unrecognized) prefix", "2.x: a principal"),
    Rule(errors.InvalidRequest, r"for pach: users", "2.x: ModifyRoleBinding"),
    Rule(errors.InvalidRequest, r"names cannot contain", "2.x: GetRobotToken"),
    Rule(errors.InvalidRequest, r"shorter than token's existing TTL", "1.7–1.13: ExtendAuthToken"),
    Rule(errors.InvalidRequest, r"can only extend tokens", "1.7–1.13: ExtendAuthToken"),
    Rule(errors.InvalidRequest, r"received message (larger|length)", "gRPC"),
    # the connection
    Rule(errors.Unavailable, r"RST_STREAM|GOAWAY", "gRPC: a stream or a connection that was ended"),
    Rule(
        errors.Unavailable,
        r"Stream removed(?! \(Deadline Exceeded\))|Socket closed|Connection reset",
        "gRPC: the connection was lost",
    ),
    Rule(errors.Unavailable, r"keepalive watchdog", "gRPC: the server does not answer pings"),
)


def _joined(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Join neighbours that mean the same to one rule, for one search. Those with a gap stay as they are."""
    for (kind, call, has_gap), group in groupby(rules, key=lambda rule: (rule.kind, rule.call, _GAP in rule.text)):
        neighbours = list(group)
        if has_gap:
            yield from neighbours
        else:
            yield Rule(kind, "|".join(f"(?:{rule.text})" for rule in neighbours), neighbours[0].origin, call=call)


_JOINED = tuple(_joined(RULES))
_CODES: dict[str, type[PachydermError]] = {
    "NOT_FOUND": errors.NotFound,
    "ALREADY_EXISTS": errors.AlreadyExists,
    "INVALID_ARGUMENT": errors.InvalidRequest,
    "OUT_OF_RANGE": errors.InvalidRequest,
    "FAILED_PRECONDITION": errors.Conflict,
    "ABORTED": errors.Conflict,
    "PERMISSION_DENIED": errors.PermissionDenied,
    "UNAUTHENTICATED": errors.Unauthenticated,
    "DEADLINE_EXCEEDED": errors.DeadlineExceeded,
    "UNAVAILABLE": errors.Unavailable,
    "UNIMPLEMENTED": errors.Unsupported,
}


def classify(status: str, text: str, call: str = "") -> type[PachydermError]:
    """Choose the class for an answer: by its text, else by its status code.

    :param status: gRPC status name.
    :param call: the name of the call, such as ``FinishCommit``.
    """
    ends = text if len(text) <= 2 * _LONGEST else f"{text[:_LONGEST]}…{text[-_LONGEST:]}"
    for rule in _JOINED:
        if rule.fits(ends, call):
            return rule.kind
    if status in _CODES:
        return _CODES[status]
    # last, as "Domain name not found" is no answer of Pachyderm's
    return errors.NotFound if "not found" in ends else errors.ServerError


def from_status(status: str, text: str, *, method: str = "", reference: str = "", attempts: int = 1) -> PachydermError:
    """Make the error for an answer that was not OK."""
    kind = classify(status, text, method.rpartition("/")[2])
    subject = f"{reference}: " if reference and reference not in text else ""
    message = f"{subject}{text or 'no reason given'} [{status}, {method}]"
    return kind(message, status=status, method=method, server_text=text, reference=reference, attempts=attempts)
