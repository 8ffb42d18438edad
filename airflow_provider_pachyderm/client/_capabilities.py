"""What each server version can do: one table, and the only place that compares versions.

A row says in which versions something works, and why not elsewhere, in words a user can read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from airflow_provider_pachyderm.client._errors import Unsupported
from airflow_provider_pachyderm.client._models import Commit, Version


@dataclass(frozen=True)
class _Range:
    first: Version
    last: Version | None

    def __contains__(self, version: Version) -> bool:
        return self.first <= version and (self.last is None or version <= self.last)


@cache
def _ranges(text: str) -> tuple[_Range, ...]:
    """Read ``1.9.0 to 1.13.99, 2.5.0+``."""
    pairs = (part.strip().removesuffix("+").partition(" to ") for part in text.split(","))
    return tuple(_Range(Version.parse(first), Version.parse(last) if last else None) for first, _, last in pairs)


class World(Enum):
    """The two incompatible protocols; the value says which versions speak it."""

    V1 = "1.4.0 to 1.13.999"
    V2 = "2.0.0+"


def readable(versions: str) -> str:
    """Write ``1.9.0 to 1.13.999, 2.5.0+`` for people: ``1.9.0 to 1.13, 2.5.0 or later``."""
    whole_minor = re.sub(r"(\d+\.\d+)\.0 to \1\.999", r"\1", versions)
    end_of_minor = re.sub(r"(\d+\.\d+)(\.\d+) to \1\.999", r"\1\2 to the last \1", whole_minor)
    return end_of_minor.replace(".999", "").replace("+", " or later")


class Feature(Enum):
    """Something only some servers do: ``(what, versions, why)``.

    ``what`` is the subject of "needs Pachyderm …". ``why`` is for users: how other servers behave, and what the client
    does about it, or what they can do instead.
    """

    # auth
    AUTH = ("authentication", "1.5.1+", "older servers have no authentication: anyone may do anything")
    OIDC_LOGIN = ("logging in with OIDC", "1.11.0+", "older servers only know logins with GitHub: give a session token")
    ID_TOKEN = ("logging in with an id token", "1.11.5+", "older servers do not accept ID tokens: give a session token")
    ROBOT_TOKEN = ("a robot token", "1.7.0+", "older servers cannot make one")
    EXTEND_TOKEN = ("extending a token", "1.7.0 to 1.13.999", "other servers cannot extend one: make a new token")
    USER_TOKENS = (
        "revoking all tokens of a user",
        "2.0.0+",
        "1.x servers revoke one token at a time: use revoke_auth_token()",
    )
    EXPIRED_TOKENS = ("deleting expired tokens", "2.0.0+", "1.x servers do so on their own")
    STORED_TOKENS = ("reading tokens as the server stores them", "1.11.9+", "older servers do not show them")
    ROTATE_ROOT = ("changing the root token", "2.0.0+", "1.x servers keep it until authentication is turned off")
    ACTIVATE = ("turning authentication on", "1.7.1+", "older servers ask GitHub who the administrator is")
    ROOT_TOKEN = ("choosing the root token", "1.11.9+", "older servers generate it: leave it out")
    DEACTIVATE = ("turning authentication off", "1.6.0+", "older servers cannot turn it off again")
    AUTH_CONFIGURATION = (
        "the authentication configuration",
        "2.0.0+",
        "1.x servers have a list of identity providers, SAML among them: use the pachctl of that release",
    )
    ROLES = ("a role", "2.0.0+", "1.x servers give each user a scope on each repo: use get_scope() and set_scope()")
    CLUSTER_ROLES = ("a role on the cluster", "1.11.0+", "older servers only know administrators: use modify_admins()")
    SCOPES = ("a scope", "1.5.3 to 1.13.999", "2.x servers have roles: use get_permissions() and modify_role_binding()")
    ACLS = (
        "the list of scopes on a repo",
        "1.6.0 to 1.13.999",
        "2.x servers have roles: use get_role_binding(); 1.5 servers have another form of the list: use get_scope()",
    )
    ADMINS = (
        "a list of administrators",
        "1.6.0 to 1.13.999",
        "2.x servers bind the role clusterAdmin to them: use modify_role_binding()",
    )
    GROUPS = ("a group", "1.7.2+", "older servers have no groups")

    # repos
    PROJECTS = ("a project", "2.5.0+", "older servers have no projects: a repo has only a name")
    REPO_DESCRIPTION = ("the description of a repo", "1.4.7+", "older servers store none; the client leaves it out")
    REPO_UPDATE = ("changing the description of a repo", "1.5.0+", "older servers set it once, if at all")
    REPO_UPSERT = (
        "a CreateRepo that creates or updates",
        "1.8.0+",
        "with update=True, older servers only update; the client creates the repo first",
    )
    REPO_BRANCHES = ("the list of branches in RepoInfo", "1.7.0+", "older servers leave them out: use list_branch()")
    DELETE_REFUSED = (
        "a DeleteRepo that reports missing permissions",
        "1.4.0 to 2.5.999",
        "later servers keep the repo without an error; the client checks whether it is gone",
    )
    PROJECT_UPSERT = (
        "a CreateProject that creates or updates",
        "2.7.0 to 2.9.999",
        "with update=True, other servers only update; the client creates the project first",
    )
    REPO_TYPES = ("a repo type other than user", "2.0.0+", "repos of 1.x servers have no types")

    # branches
    BRANCH_OBJECTS = (
        "a branch without a head, or with provenance",
        "1.7.0+",
        "on older servers a branch is only a name for a commit: give only its head",
    )
    LIST_OF_NO_REPO = (
        "a ListBranch that reports a missing repo",
        "1.9.0+",
        "older servers return no branches for it; the client looks for the repo",
    )
    TRIGGERS = ("a branch with a trigger", "1.11.4+", "older servers do not move branches on their own")
    TRIGGER_BEHIND_TRIGGER = (
        "a trigger in a repo whose oldest branch has one",
        "1.11.4 to 1.13.999, 2.6.6+",
        "other servers that know triggers never answer: first delete the oldest branch of the repo, or "
        "remove its trigger",
    )
    DELETE_TRIGGERED = (
        "deleting branches that have triggers",
        "1.11.4 to 2.7.999",
        "later servers require force; the client uses it where no other branch has these in its provenance",
    )
    TRIGGER_CRON = (
        "a trigger with a schedule",
        "2.6.6+",
        "older servers can only limit how often a trigger fires: give rate_limit_spec",
    )

    # commits
    COMMIT_REPO = ("Commit.repo", "2.6.0+", "older servers find a commit by its branch")
    COMMIT_DESCRIPTION = ("the description of a commit", "1.6.6+", "older servers store none; the client leaves it out")
    COMMIT_ERROR = (
        "FinishCommit with an error",
        "2.0.0+",
        "1.x servers have no failed commits: drop the commit instead",
    )
    COMMIT_CHILDREN = ("the list of children in CommitInfo", "1.7.0+", "older servers only know the parent of a commit")
    ANCESTRY = ("ancestry, such as master^2", "1.6.0+", "older servers read it as part of the name")
    ANCESTRY_FROM_ROOT = (
        "ancestry from the root, such as master.1",
        "1.9.0+",
        "older servers read it as part of the name",
    )
    DROP_COMMIT = (
        "dropping a commit",
        "1.4.7+",
        "older servers cannot delete a commit; the client moves the branch back to the previous commit",
    )
    REFUSES_FINISHED = (
        "a put to a finished commit that is refused",
        "1.5.0+",
        "1.4 servers report success and lose the data; the client inspects the commit first",
    )
    FINISHES_IN_ORDER = (
        "finishing a commit before its parent",
        "1.4.0 to 1.13.999, 2.1.0+",
        "2.0 servers then leave out the files of the parent; the client waits for the parent, or refuses",
    )
    WRITES_BY_ID = (
        "finding a commit to write to by its ID alone",
        "2.6.0+",
        "other servers take the ID of a deleted commit for a new branch, or write to the branch; the "
        "client inspects the commit first",
    )
    DELETE_FINISHED = ("deleting a finished commit", "1.7.0+", "older servers only delete open ones")
    WAIT_STATE = (
        "InspectCommit that waits",
        "1.7.1+",
        "older servers answer at once; the client asks again until the commit is in that state",
    )
    WAIT_FINISHING = ("an InspectCommit that waits for FINISHING", "2.5.0+", "older servers answer at once")
    SUBSCRIBE_STATE = (
        "SubscribeCommit with a state",
        "1.7.1+",
        "older servers send commits in one state only; the client waits for the wanted one",
    )
    SUBSCRIBE_ALL = (
        "following all commits that a branch ever had",
        "1.9.0+",
        "older servers only send its head and the ancestors of that, not what it had before it was moved "
        "or created again",
    )
    SUBSCRIBE_STARTED = (
        "following commits from their start",
        "1.7.0+",
        "older servers send a commit only when it is finished",
    )
    LIST_NUMBER = (
        "a ListCommit with only a number",
        "1.4.0 to 1.8.999, 1.11.1+",
        '1.9 and 1.10 servers fail with "BREAK"; the client counts instead',
    )
    LIST_REVERSE = (
        "ListCommit in reverse",
        "1.9.6+",
        "older servers list the newest first, as all servers do with to_commit; the client reverses the list",
    )
    LIST_ORIGIN = ("ListCommit by origin", "2.0.0+", "1.x servers list all; the client filters")
    LIST_BEFORE = (
        "ListCommit by start time",
        "2.4.0+",
        "older servers list all, as all servers do with to_commit; the client filters",
    )
    FLUSH_FINISHED = (
        "FlushCommit that returns finished commits only",
        "1.7.0+",
        "older servers also return open ones, and never answer for a repo in which nothing is made; the client checks "
        "the repos first and waits for each commit",
    )
    COMMIT_PROVENANCE = (
        "StartCommit with provenance",
        "1.4.0 to 1.13.999",
        "2.x servers start such commits on their own where a branch has provenance: give it to create_branch()",
    )
    ANY_PROVENANCE = (
        "StartCommit with commits of any branch as provenance",
        "1.4.0 to 1.8.999",
        "1.9 to 1.13 servers only accept commits of the branches in the provenance of the branch",
    )
    CLEAR_COMMIT = ("clearing an open commit", "2.0.0+", "1.x servers cannot: drop the commit and start another one")
    COMMIT_SETS = (
        "a commit set",
        "2.0.0+",
        "on 1.x servers every commit has an ID of its own: use flush_commit() to wait for downstream commits",
    )
    MISSING_SET_IS_GONE = (
        "squashing or dropping a commit set that does not exist",
        "2.6.0+",
        "older servers answer that it does not exist; the client takes that as done",
    )
    SQUASH_COMMIT = (
        "removing one commit of a set",
        "2.5.8 to 2.5.999, 2.8.0+",
        "other servers only remove a whole set; the client does so if the commit is alone in it",
    )
    DROP_LEAVES_NOTHING = (
        "a DropCommit that leaves nothing behind",
        "2.8.0+",
        "2.5 servers put an open commit in the place of a downstream one; the client finishes it",
    )
    FIND_COMMITS = (
        "FindCommits",
        "2.6.0+",
        "older servers have no such call; the client compares each commit with its parent",
    )
    STREAM_COMMITS = ("ListCommitStream", "1.6.4+", "older servers send the list in one message")

    OUTPUT_FROM_OUTSIDE = (
        "filling the commits of a branch with provenance from outside",
        "1.7.0 to 1.7.999, 1.10.0+",
        "1.8 servers lose the files of such commits without an error, and older ones have no such branches; 1.9 was "
        "never tried: let a pipeline fill them",
    )

    # files
    MANY_FILES = (
        "sending several files in one PutFile stream",
        "1.7.6+",
        "older servers append everything to the first file; the client opens a stream for each file",
    )
    MODIFY_FILE = (
        "making several changes in one stream",
        "2.0.0+",
        "older servers take one change a call; on a branch, the client makes them in one commit and drops "
        "it if a change fails",
    )
    OVERWRITE = (
        "a PutFile that overwrites",
        "1.6.0+",
        "older servers append; the client first deletes the file in the same open commit",
    )
    OVERWRITE_INDEX = (
        "a PutFile that keeps the first puts to a file and overwrites the rest",
        "1.6.0 to 1.13.999",
        "other servers only overwrite whole files: read the part to keep and put it with the rest",
    )
    DATUM_FILES = (
        "telling files apart by datum",
        "2.0.0+",
        "1.x servers do not record which datum wrote a file: leave the datum out",
    )
    URL_ERRORS = (
        "a PutFile that fails if its URL answers with an error",
        "1.9.4+",
        "older servers store the error page; the client fetches the URL itself",
    )
    READ_OPEN = ("reading an open commit", "1.5.0+", "1.4 servers only read finished commits")
    RANGES = (
        "GetFile for a part of a file",
        "1.4.0 to 1.5.999, 1.7.6+",
        "the servers between send the wrong part of large files; the client reads the whole file and cuts it",
    )
    FILE_TIMES = (
        "files that tell when their commit was finished",
        "1.8.1+",
        "of older servers, the client asks for the commit, too",
    )
    TRUE_SIZES = (
        "a file size that is always right",
        "1.4.0 to 1.5.999, 2.0.0+",
        "the servers between report too large a size after a later commit overwrote all but the first "
        "puts; the client checks whether there is more",
    )
    FULL_SIZES = (
        "a file size that is never too small",
        "1.4.0 to 1.7.9, 1.8.0+",
        "the servers between count the header and footer that a dump was put with, but send those of a "
        "later dump; the client reads to the end",
    )
    OBJECT_DIGESTS = (
        "the SHA-512 of what was put",
        "1.4.6 to 1.13.999",
        "other servers do not report it: 2.x hashes the chunks that a file is stored in without saying "
        "where they begin; the client only checks sizes",
    )
    LITERAL_PATHS = (
        "a path that is never read as a pattern",
        "1.4.0 to 1.7.1",
        "later servers do so where they read a file, and up to 1.13 where they list or delete; the client "
        "sends a pattern that matches only this path",
    )
    MIXED_NAMES = (
        "reading a file whose name has both one of *?[]{}! and non-ASCII characters",
        "1.4.0 to 1.7.1, 1.9.0+",
        "the servers between cannot find such a file: read its directory through a pipeline",
    )
    DELETE_ANY_NAME = (
        "deleting a file whose name has one of *?[]{}()!@+^ or is not printable ASCII",
        "1.4.0 to 1.13.999",
        "2.x servers refuse the name: delete the directory, or leave the file out of a copy",
    )
    GET_TAR = ("GetFileTAR", "2.0.0+", "older servers make no archives; the client builds one while it reads the files")
    STREAM_FILES = ("ListFileStream", "1.6.2+", "older servers send the list in one message")
    SORTED_GLOB = ("GlobFile in order", "1.8.0+", "older servers answer in any order; the client sorts")
    LIST_AFTER = (
        "ListFile from a given path on",
        "2.4.0+",
        "older servers send the whole list; the client leaves out what comes before",
    )
    LIST_DETAILS = ("a ListFile that sends sizes only on request", "2.0.0 to 2.0.999", "later servers always send them")
    PATH_RANGE = (
        "a range of paths in GlobFile and GetFileTAR",
        "2.4.0+",
        "older servers send everything; the client leaves out what is outside of the range",
    )
    WALK_FILE = ("WalkFile", "1.8.0+", "older servers list one directory at a time; the client walks the tree")
    DELETE_REPOS = (
        "deleting all repos in one call",
        "1.4.8 to 1.13.999, 2.5.0+",
        "other servers delete them one by one; so does the client",
    )
    SPLIT = (
        "PutFile with a delimiter",
        "1.4.0 to 1.13.999",
        "2.x servers do not split files: put each piece as a file of its own",
    )
    SPLIT_SQL = ("PutFile with the delimiter SQL", "1.7.10 to 1.13.999", "older servers do not know it")
    SPLIT_CSV = ("PutFile with the delimiter CSV", "1.8.0 to 1.13.999", "older servers do not know it")
    SPLIT_HEADER = (
        "PutFile with header_records",
        "1.8.0 to 1.13.999",
        "older servers have no headers, and 2.x servers do not split: put the header into each file",
    )
    SPLIT_HEADER_ADDED = (
        "adding a header to a directory that an earlier commit made without one",
        "1.4.0 to 1.7.999",
        "later servers crash when the commit is finished: put into a new directory, or delete this one first",
    )
    DELETE_TREE = (
        "deleting a directory with files that were written in the same open commit",
        "1.4.0 to 1.6.999, 2.0.0+",
        "the servers between keep the content for the next put to the same path; the client deletes each file",
    )
    DELETE_ROOT = (
        "deleting all files at once",
        "1.7.0 to 1.7.999, 1.11.8+",
        "servers up to 1.6 cannot finish the commit then, those of 1.8 to 1.11.7 leave some files behind; the client "
        "deletes the entries of the root one by one",
    )
    COPY_FILE = ("CopyFile", "1.6.0+", "older servers have no such call: get the file and put it")
    COPY_TREE = (
        "a CopyFile of a directory that replaces another",
        "1.8.0 to 1.13.999",
        "1.6 and 1.7 servers lose files, or copy /d2 along with /d; 2.x servers keep what the source does "
        "not have; the client copies file by file, or deletes first",
    )
    COPY_HEADER = (
        "a CopyFile of split files that share a header",
        "1.6.0 to 1.7.999",
        "later servers copy nothing, or crash: split the content again at the new path",
    )
    COPY_ROOT = (
        "CopyFile of the root",
        "1.6.0 to 1.13.999, 2.2.0+",
        "2.0 and 2.1 servers copy nothing; the client copies each entry of the root",
    )
    DIFF_FILE = ("DiffFile", "1.4.8+", "older servers have no such call: list both commits")
    DIFF_NAMES = (
        "a DiffFile of directories with different names",
        "1.4.8 to 1.7.999",
        "later servers leave out files, or compare whole paths, which always differ; the client lists both "
        "directories and compares the hashes",
    )
    DIFF_SHALLOW = ("a shallow DiffFile", "1.5.2+", "older servers return all files that differ")
    GLOB_BRACES = ("a pattern with {a,b}, ** or [!a]", "1.6.0+", "older servers only know *, ? and [a-z]")
    GLOB_GROUPS = (
        "a pattern with (a|b), @(a|b), !(a) or [[:alpha:]]",
        "1.9.8+",
        "older servers match nothing with them, or only where another special character is in the pattern; in a name, "
        "write a backslash before the parenthesis",
    )

    # file sets
    FILE_SETS = (
        "a file set",
        "2.0.0+",
        "1.x servers only keep files in commits: put the files into a commit on a branch of their own, and "
        "copy them from there",
    )
    FILE_SET_DIFF = (
        "a file set of the changes of a commit",
        "2.9.0+",
        "older servers return all files of the commit: use diff_file() to see what it changed",
    )
    FILE_SET_COMPACT = (
        "composing a file set as one layer",
        "2.4.0+",
        "older servers keep the layers, which read the same; the client leaves the option out",
    )
    FILE_SET_SHARDS = ("sharding a file set", "2.4.0+", "older servers have no such call: split the list of its files")
    FILE_SET_THRESHOLDS = (
        "sharding a file set by sizes of your choice",
        "2.9.0+",
        "older servers make shards of a million files or a gigabyte",
    )

    # pipelines
    PIPELINES = (
        "deploying and steering pipelines",
        "1.9.0+",
        "older servers know other specs and other jobs: use the pachctl of that release",
    )
    PIPELINE_TRANSACTIONS = (
        "creating pipelines in a transaction",
        "1.12.0+",
        "older servers create them at once: make the calls before or after the transaction",
    )
    SPEC_AS_JSON = (
        "a pipeline spec that is sent as it is written",
        "2.8.0+",
        "older servers take its values only; the client compares it with what is deployed, and fills in the defaults",
    )
    REFUSED_DELETE_IS_HARMLESS = (
        "a DeletePipeline that changes nothing when it is refused",
        "1.4.0 to 1.13.999",
        "2.x servers stop the pipeline first; the client looks whether others read its output",
    )
    KEEP_REPO = ("deleting a pipeline but not its output repo", "1.10.0+", "older servers delete it, too")
    RUN_CRON = ("running a cron pipeline at once", "1.9.10+", "older servers wait for the next time")
    RUN_PIPELINE = (
        "running a pipeline on chosen commits",
        "1.9.0 to 1.13.999",
        "2.x servers answer that it is not implemented: write to an input, or use rerun_pipeline()",
    )
    RERUN_PIPELINE = (
        "RerunPipeline",
        "2.8.0+",
        "older servers have no such call; the client updates the pipeline with the spec that it has",
    )
    PIPELINES_THEN = (
        "listing pipelines as they were at a commit set",
        "2.4.0+",
        "older servers do not know: list them with their history",
    )
    TEMPLATES = (
        "rendering a jsonnet template",
        "2.1.0+",
        "older servers only take specs: render it with jsonnet on your machine",
    )
    JQ_FILTER = ("filtering a list with jq", "1.11.5+", "older servers list all: filter what they send")
    DEFAULTS = (
        "defaults for pipelines of a cluster or a project",
        "2.8.0+",
        "older servers have none: write it in each spec",
    )
    JOB_SETS = (
        "a job set",
        "2.0.0+",
        "on 1.x servers every job has an ID of its own: use wait_jobs() to wait for all jobs of a commit",
    )
    JOB_PAGES = (
        "listing jobs from a time on, or the oldest first",
        "2.5.0+",
        "older servers list all, the newest first: leave both out",
    )
    JOB_SET_FILTER = ("filtering job sets with jq", "2.7.0+", "older servers list all: filter what they send")
    SUBSCRIBE_JOB = (
        "following the jobs of a pipeline",
        "2.0.0+",
        "1.x servers do not send them as they come: follow the commits of its output branch with subscribe_commit()",
    )
    STOP_REASON = ("a reason for stopping a job", "2.0.0+", "1.x servers keep none: leave it out")
    INPUT_DATUMS = (
        "listing the datums of an input",
        "1.11.6+",
        "older servers only know those of a job: create the pipeline first",
    )
    CREATE_DATUM = (
        "listing the datums of an input in batches",
        "2.9.2+",
        "older servers send all of them: use list_datum_of_input()",
    )
    DATUM_STATES = (
        "the state of each datum",
        "2.0.0+",
        "1.x servers keep it only for pipelines with enable_stats; of others, all datums are STARTING",
    )
    DATUM_FILTER = ("listing datums by state", "2.3.0+", "older servers list all; the client filters")
    DATUM_PAGES = (
        "listing datums from an ID on, or in reverse",
        "2.4.0+",
        "older servers list all, in their own order: leave both out",
    )
    LOGS_SINCE = ("logs since a time", "1.12.2+", "older servers send all they have: leave it out")
    LOKI = ("logs of Loki", "1.11.0+", "older servers only read the logs of the workers: leave it out")
    SECRETS = ("a secret", "1.10.0+", "older servers leave them to Kubernetes: use kubectl")

    # all of it
    TRANSACTIONS = ("a transaction", "1.9.0+", "older servers run every call at once")
    FSCK = ("fsck", "1.8.7+", "older servers have no such call")
    FSCK_FINDINGS = (
        "fixing and listing what fsck finds",
        "1.9.4+",
        "older servers only return an error if they find something",
    )

    def __init__(self, what: str, versions: str, why: str) -> None:
        self.what = what
        self.versions = versions
        self.why = why


# What servers say that is not to be taken literally: builds of 2.3 and later that were not stamped, and the tags
# 1.11.1 to 1.11.9, which call themselves 1.12.0, the oldest of which is meant.
_MEANT = {Version(0, 0, 0): Version(2, 12, 0), Version(1, 12, 0): Version(1, 11, 1)}


class Capabilities:
    """What one server can do.

    :param version: as the server reports it.
    :raises Unsupported: if this client speaks no protocol of that version.
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        self._effective = _MEANT.get(version, version)
        self.world = self._world()
        # a call asks a dozen times
        self._features = frozenset(feature for feature in Feature if self.within(feature.versions))

    def _world(self) -> World:
        for world in World:
            if self.within(world.value):
                return world
        supported = ", ".join(readable(world.value) for world in World)
        raise Unsupported(f"this client does not support Pachyderm {self.version}: it supports {supported}")

    def within(self, versions: str) -> bool:
        """Return whether the server is one of some releases, written as those of a feature; none given are all."""
        return not versions or any(self._effective in part for part in _ranges(versions))

    def __contains__(self, feature: Feature) -> bool:
        return feature in self._features

    def reason(self, feature: Feature) -> str:
        """Return why the server does not have a feature, and which servers have it."""
        need = f"{feature.what} needs Pachyderm {readable(feature.versions)}"
        return f"{need} (this server is {self.version}): {feature.why}"

    def require(self, feature: Feature) -> None:
        """Pass if the server has the feature.

        :raises Unsupported: with the reason if not.
        """
        if feature not in self:
            raise self.unsupported(feature)

    def unsupported(self, feature: Feature) -> Unsupported:
        """Make the error for a feature that the server does not have."""
        return Unsupported(self.reason(feature))


def pachctl_delete_commit(version: Version, commit: Commit) -> str:
    """Write the command by which people delete a commit that has no later ones."""
    if World.V2 is Capabilities(version).world:
        return f"pachctl delete commit {commit.id}"
    if Version(1, 9, 0) <= version:
        return f"pachctl delete commit {commit.repo.name}@{commit.id}"
    return f"pachctl delete-commit {commit.repo.name} {commit.id}"
