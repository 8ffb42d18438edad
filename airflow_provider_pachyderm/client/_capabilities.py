"""What each server version can do: one table, and the only place that compares versions.

A row says in which versions something works, and why not elsewhere, in words a user can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from airflow_provider_pachyderm.client._errors import Unsupported
from airflow_provider_pachyderm.client._models import Commit, Version


@dataclass(frozen=True)
class _Range:
    first: Version
    last: Version | None

    def __contains__(self, version: Version) -> bool:
        return self.first <= version and (self.last is None or version <= self.last)


def _ranges(text: str) -> tuple[_Range, ...]:
    """Read ``1.9.0 to 1.13.99, 2.5.0+``."""
    pairs = (part.strip().removesuffix("+").partition(" to ") for part in text.split(","))
    return tuple(_Range(Version.parse(first), Version.parse(last) if last else None) for first, _, last in pairs)


class World(Enum):
    """The two incompatible protocols; the value says which versions speak it."""

    V1 = "1.4.0 to 1.13.999"
    V2 = "2.0.0+"


class Family(Enum):
    """The dialects of the two protocols; the value says which versions speak it."""

    V1A = "1.4.0 to 1.6.999"
    V1B = "1.7.0 to 1.8.999"
    V1C = "1.9.0 to 1.13.999"
    V2A = "2.0.0 to 2.4.999"
    V2B = "2.5.0 to 2.5.999"
    V2C = "2.6.0 to 2.10.999"
    V2D = "2.11.0+"


class Feature(Enum):
    """Something only some servers do: ``(what, versions, why)``.

    ``why`` is for users: what is different elsewhere, and what the client does about it, if it can.
    """

    # auth
    AUTH = ("authentication", "1.5.1+", "older servers have none: anyone may do anything")
    OIDC_LOGIN = ("logging in by OIDC", "1.11.0+", "older servers know logins by GitHub only: give a session token")
    ID_TOKEN = ("logging in with an id token", "1.11.5+", "older servers take none: give a session token")
    ROBOT_TOKEN = ("tokens for robots", "1.7.0+", "older servers make none")
    EXTEND_TOKEN = ("prolonging a token", "1.7.0 to 1.13.999", "other servers do not: make a new one")
    USER_TOKENS = ("ending all tokens of a user", "2.0.0+", "1.x servers end one at a time: revoke_auth_token()")
    EXPIRED_TOKENS = ("removing tokens that have ended", "2.0.0+", "1.x servers do so at once")
    STORED_TOKENS = ("a token as the server stores it", "1.11.9+", "older servers do not give it away")
    ROTATE_ROOT = ("changing the root token", "2.0.0+", "1.x servers keep it until authentication is turned off")
    ACTIVATE = ("turning authentication on", "1.7.1+", "older servers ask GitHub who is to be the administrator")
    ROOT_TOKEN = ("choosing the root token", "1.11.9+", "older servers make one up: leave it out")
    DEACTIVATE = ("turning authentication off", "1.6.0+", "older servers keep it")
    AUTH_CONFIGURATION = (
        "the configuration of authentication",
        "2.0.0+",
        "1.x servers keep a list of identity providers, SAML among them: use their own pachctl",
    )
    ROLES = (
        "a role",
        "2.0.0+",
        "1.x servers give each user a scope on each repo: get_scope(), set_scope()",
    )
    CLUSTER_ROLES = ("a role on the cluster", "1.11.0+", "older servers know only administrators: modify_admins()")
    SCOPES = (
        "a scope",
        "1.5.3 to 1.13.999",
        "2.x servers have roles: get_permissions(), modify_role_binding()",
    )
    ACLS = (
        "the list of scopes on a repo",
        "1.6.0 to 1.13.999",
        "2.x servers have roles: get_role_binding(), and servers of 1.5 have another form for the list: get_scope()",
    )
    ADMINS = (
        "a list of administrators",
        "1.6.0 to 1.13.999",
        "2.x servers bind the role clusterAdmin to them: modify_role_binding()",
    )
    GROUPS = ("a group", "1.7.2+", "older servers have none")

    # repos
    PROJECTS = ("a project", "2.5.0+", "projects came with Pachyderm 2.5.0; before that a repo is only a name")
    REPO_DESCRIPTION = ("the description of a repo", "1.4.7+", "older servers keep none; the client leaves it out")
    REPO_UPDATE = ("changing the description of a repo", "1.5.0+", "older servers set it once, if at all")
    REPO_UPSERT = (
        "CreateRepo that creates or updates",
        "1.8.0+",
        "older servers only update with update=True; the client creates first",
    )
    REPO_BRANCHES = ("the branches in RepoInfo", "1.7.0+", "older servers leave them out; list_branch() has them")
    DELETE_REFUSED = (
        "DeleteRepo that refuses whoever may not delete",
        "1.4.0 to 2.5.999",
        "later servers leave the repo there without a word; the client looks for it",
    )
    PROJECT_UPSERT = (
        "CreateProject that creates or updates",
        "2.7.0 to 2.9.999",
        "other servers only update with update=True; the client creates a project that is missing",
    )
    REPO_TYPES = ("a repo of another type than user", "2.0.0+", "1.x repos have no types")

    # branches
    BRANCH_OBJECTS = (
        "a branch without a head, or with provenance",
        "1.7.0+",
        "before 1.7.0 a branch is nothing but the name of a commit: give only its head",
    )
    LIST_OF_NO_REPO = (
        "ListBranch that refuses a repo that does not exist",
        "1.9.0+",
        "older servers find no branches in it; the client looks for the repo",
    )
    TRIGGERS = ("a branch with a trigger", "1.11.4+", "older servers move no branches by themselves")
    TRIGGER_BEHIND_TRIGGER = (
        "a trigger in a repo whose oldest branch has one",
        "1.11.4 to 1.13.999, 2.6.6+",
        "other servers with triggers never answer: delete the repo's oldest branch, or take away its trigger, first",
    )
    DELETE_TRIGGERED = (
        "deleting branches that have triggers",
        "1.11.4 to 2.7.999",
        "later servers do that by force only; the client forces it where nothing is made from them",
    )
    TRIGGER_CRON = (
        "a trigger at certain times",
        "2.6.6+",
        "older servers only limit how often one fires: give rate_limit_spec",
    )

    # commits
    COMMIT_REPO = ("Commit.repo", "2.6.0+", "before 2.6.0 a commit is found by its branch")
    COMMIT_DESCRIPTION = (
        "the description of a commit",
        "1.6.6+",
        "older servers keep none; the client leaves it out",
    )
    COMMIT_ERROR = (
        "FinishCommit with an error",
        "2.0.0+",
        "1.x servers know no failed commits: drop the commit instead",
    )
    COMMIT_CHILDREN = ("the children in CommitInfo", "1.7.0+", "older servers know only a commit's parent")
    ANCESTRY = ("ancestry, such as master^2", "1.6.0+", "older servers take all of it for a name")
    ANCESTRY_FROM_ROOT = ("ancestry from the root, such as master.1", "1.9.0+", "older servers take it for a name")
    DROP_COMMIT = (
        "dropping a commit",
        "1.4.7+",
        "older servers cannot delete a commit; the client takes the branch back to the commit before it",
    )
    REFUSES_FINISHED = (
        "a put to a finished commit being refused",
        "1.5.0+",
        "servers of 1.4 say that it is done, and forget the data; the client looks at the commit first",
    )
    FINISHES_IN_ORDER = (
        "finishing a commit while its parent is not finished",
        "1.4.0 to 1.13.999, 2.1.0+",
        "servers of 2.0 leave out the files of the parent then; the client waits for the parent, or refuses",
    )
    WRITES_BY_ID = (
        "finding a commit to write to by its id alone",
        "2.6.0+",
        "other servers take an id that is gone for a new branch, or write to the branch; the client looks first",
    )
    DELETE_FINISHED = ("deleting a finished commit", "1.7.0+", "older servers delete only open ones")
    WAIT_STATE = (
        "InspectCommit that waits",
        "1.7.1+",
        "older servers answer at once; the client asks again until it is so",
    )
    WAIT_FINISHING = ("InspectCommit waiting for FINISHING", "2.5.0+", "older servers answer at once")
    SUBSCRIBE_STATE = (
        "SubscribeCommit with a state",
        "1.7.1+",
        "older servers give commits at one point of their life; the client waits for the rest",
    )
    SUBSCRIBE_ALL = (
        "following all commits that a branch ever had",
        "1.9.0+",
        "older servers tell of its head and the ancestors of that: not of what it had before it was moved or made anew",
    )
    SUBSCRIBE_STARTED = (
        "following commits from their start",
        "1.7.0+",
        "older servers tell of a commit when it is finished",
    )
    LIST_NUMBER = (
        "ListCommit with a number alone",
        "1.4.0 to 1.8.999, 1.11.1+",
        'servers of 1.9 and 1.10 fail with "BREAK"; the client counts for them',
    )
    LIST_REVERSE = (
        "ListCommit in reverse",
        "1.9.6+",
        "older servers begin with the newest, as all do up to a given commit; the client turns the list around",
    )
    LIST_ORIGIN = ("ListCommit by origin", "2.0.0+", "1.x servers list all; the client chooses")
    LIST_BEFORE = (
        "ListCommit by start time",
        "2.4.0+",
        "older servers list all, as all do back from a given commit; the client chooses",
    )
    COMMIT_PROVENANCE = (
        "StartCommit with provenance",
        "1.4.0 to 1.13.999",
        "2.x servers make commits from others by themselves, where a branch has provenance: give it to create_branch",
    )
    ANY_PROVENANCE = (
        "StartCommit with provenance of any branch",
        "1.4.0 to 1.8.999",
        "servers of 1.9 to 1.13 take only commits of branches that the branch is made from",
    )
    CLEAR_COMMIT = (
        "clearing an open commit",
        "2.0.0+",
        "1.x servers cannot: drop the commit and start another one",
    )
    COMMIT_SETS = (
        "a commit set",
        "2.0.0+",
        "1.x servers give every commit an id of its own: flush_commit() waits for what is made from one",
    )
    MISSING_SET_IS_GONE = (
        "squashing or dropping a commit set that does not exist",
        "2.6.0+",
        "older servers answer that it does not exist; the client takes that for done",
    )
    SQUASH_COMMIT = (
        "removing one commit of a set",
        "2.5.8 to 2.5.999, 2.8.0+",
        "other servers only remove a whole set; the client does that if there is nothing else in it",
    )
    DROP_LEAVES_NOTHING = (
        "DropCommit that leaves nothing behind",
        "2.8.0+",
        "servers of 2.5 make an open commit in the place of one that was made from others; the client finishes it",
    )
    FIND_COMMITS = (
        "FindCommits",
        "2.6.0+",
        "older servers do not search; the client compares each commit with its parent",
    )
    STREAM_COMMITS = ("ListCommitStream", "1.6.4+", "older servers send the list in one message")

    # files
    MANY_FILES = (
        "several files in one PutFile stream",
        "1.7.6+",
        "older servers append all of it to the first file; the client opens a stream for each",
    )
    MODIFY_FILE = (
        "several changes in one stream",
        "2.0.0+",
        "older servers take them one by one; the client makes them in a commit of its own, and drops it if one fails",
    )
    OVERWRITE = (
        "PutFile that overwrites",
        "1.6.0+",
        "older servers append; the client deletes the file first, in the same open commit",
    )
    OVERWRITE_INDEX = (
        "PutFile that overwrites all but the first puts to a file",
        "1.6.0 to 1.13.999",
        "other servers overwrite a file as a whole: read what is to stay, and put it with the rest",
    )
    DATUM_FILES = (
        "files by datum",
        "2.0.0+",
        "1.x servers do not tell apart which datum a file is of: leave the datum out",
    )
    URL_ERRORS = (
        "PutFile from a URL that answers with an error",
        "1.9.4+",
        "older servers store the error page; the client fetches for them",
    )
    READ_OPEN = ("reading a commit that is open", "1.5.0+", "servers of 1.4 read only finished commits")
    RANGES = (
        "GetFile of a part of a file",
        "1.4.0 to 1.5.999, 1.7.6+",
        "servers between send other parts of large files; the client reads all and cuts",
    )
    TRUE_SIZES = (
        "a size that is always right",
        "1.4.0 to 1.5.999, 2.0.0+",
        "servers between state too much for a file of which a later commit overwrote all but the first puts; the "
        "client asks whether there is more",
    )
    FULL_SIZES = (
        "a size that is never too small",
        "1.4.0 to 1.7.9, 1.8.0+",
        "servers between count what was around the rows of a dump when these were put, but send what a later dump has "
        "around its own; the client reads to the end",
    )
    OBJECT_DIGESTS = (
        "the SHA-512 of what was put",
        "1.4.6 to 1.13.999",
        "other servers do not state it: 2.x hashes the pieces that a file is stored in, and does not say where these "
        "begin; the client checks sizes alone",
    )
    LITERAL_PATHS = (
        "a path that is never taken for a pattern",
        "1.4.0 to 1.7.1",
        "later servers take it for one where they read a file, and up to 1.13 where they list or delete; the client "
        "writes it as a pattern that matches nothing else",
    )
    MIXED_NAMES = (
        "reading a file whose name has one of *?[]{}! and characters that are not ASCII",
        "1.4.0 to 1.7.1, 1.9.0+",
        "servers between find none by such a name: read the directory that it is in through a pipeline",
    )
    DELETE_ANY_NAME = (
        "deleting a file whose name has one of *?[]{}()!@+^ or characters that are not printable ASCII",
        "1.4.0 to 1.13.999",
        "2.x servers refuse its name: delete the directory that it is in, or leave the file out of a copy",
    )
    GET_TAR = (
        "GetFileTAR",
        "2.0.0+",
        "older servers make no archives; the client makes one of the files while it is read",
    )
    STREAM_FILES = ("ListFileStream", "1.6.2+", "older servers send the list in one message")
    SORTED_GLOB = ("GlobFile in order", "1.8.0+", "older servers answer in any order; the client sorts")
    LIST_AFTER = (
        "ListFile from a path on",
        "2.4.0+",
        "older servers send the whole list; the client leaves out what is before",
    )
    LIST_DETAILS = ("sizes in ListFile only when asked for", "2.0.0 to 2.0.999", "later servers always send them")
    PATH_RANGE = (
        "a range of paths in GlobFile and GetFileTAR",
        "2.4.0+",
        "older servers send everything; the client leaves out what is not in the range",
    )
    WALK_FILE = ("WalkFile", "1.8.0+", "older servers list one directory at a time; the client walks")
    DELETE_REPOS = (
        "deleting all repos in one call",
        "1.4.8 to 1.13.999, 2.5.0+",
        "other servers delete them one by one; the client does that",
    )
    SPLIT = (
        "PutFile with a delimiter",
        "1.4.0 to 1.13.999",
        "2.x servers do not split files; put each piece as a file of its own",
    )
    SPLIT_SQL = ("PutFile with the delimiter SQL", "1.7.10 to 1.13.999", "older servers do not know it")
    SPLIT_CSV = ("PutFile with the delimiter CSV", "1.8.0 to 1.13.999", "older servers do not know it")
    SPLIT_HEADER = (
        "PutFile with header_records",
        "1.8.0 to 1.13.999",
        "older servers know no headers, and 2.x servers do not split: put the header into each file",
    )
    SPLIT_HEADER_ADDED = (
        "a header for a directory that an earlier commit made without one",
        "1.4.0 to 1.7.999",
        "later servers crash when such a commit is finished: put into a new directory, or delete this one first",
    )
    DELETE_TREE = (
        "deleting a directory with files that were written in the same open commit",
        "1.4.0 to 1.6.999, 2.0.0+",
        "servers between keep their content for what is put there next; the client deletes each of the files",
    )
    DELETE_ROOT = (
        "deleting all files at once",
        "1.7.0 to 1.7.999, 1.11.8+",
        "older servers cannot finish the commit then, and those of 1.8 to 1.11.7 leave some files at other places; the "
        "client deletes one by one what is in the root",
    )
    COPY_FILE = ("CopyFile", "1.6.0+", "older servers have no such call; get the file and put it")
    COPY_TREE = (
        "CopyFile of a directory in the place of what is there",
        "1.8.0 to 1.13.999",
        "servers of 1.6 and 1.7 also copy what is called /d2 with /d, or lose files, and 2.x leave what is not in the "
        "source; the client copies file by file, or deletes first",
    )
    COPY_HEADER = (
        "CopyFile of pieces that share a header",
        "1.6.0 to 1.7.999",
        "later servers copy nothing, or crash: split the content again at the other place",
    )
    COPY_ROOT = (
        "CopyFile of the root",
        "1.6.0 to 1.13.999, 2.2.0+",
        "servers of 2.0 and 2.1 copy nothing; the client copies what is in the root",
    )
    DIFF_FILE = ("DiffFile", "1.4.8+", "older servers have no such call; list both commits")
    DIFF_NAMES = (
        "DiffFile of directories of two names",
        "1.4.8 to 1.7.999",
        "later servers leave out files, or compare whole paths, which never agree; the client lists both directories "
        "and compares what the server states of each file",
    )
    DIFF_SHALLOW = ("a shallow DiffFile", "1.5.2+", "older servers give all files that differ")
    GLOB_BRACES = (
        "{a,b}, ** and [!a] in a pattern",
        "1.6.0+",
        "older servers know only *, ? and [a-z]",
    )
    GLOB_GROUPS = (
        "(a|b), @(a|b), !(a) and [[:alpha:]] in a pattern",
        "1.9.0+",
        "older servers match nothing with them; in a name, write a backslash before the parenthesis",
    )

    # file sets
    FILE_SETS = (
        "a file set",
        "2.0.0+",
        "1.x servers keep files in commits only, and those of 1.11.5 to 1.13 refuse the calls that they have for it: "
        "put the files into a commit on a branch of their own, and copy them from there",
    )
    FILE_SET_DIFF = (
        "a file set of what a commit changed",
        "2.9.0+",
        "older servers give all files of a commit: diff_file() tells what it changed",
    )
    FILE_SET_COMPACT = (
        "composing a file set as one layer",
        "2.4.0+",
        "older servers keep the layers, which reads the same; the client leaves it out",
    )
    FILE_SET_SHARDS = ("sharding a file set", "2.4.0+", "older servers have no such call: cut the list of its files")
    FILE_SET_THRESHOLDS = (
        "sharding a file set by other sizes than the server's",
        "2.9.0+",
        "older servers shard by a million files or a gigabyte",
    )

    # all of it
    TRANSACTIONS = ("a transaction", "1.9.0+", "older servers do every call at once")
    FSCK = ("checking the file system for faults", "1.8.7+", "older servers have no such call")
    FSCK_FINDINGS = (
        "mending faults, and telling of each,",
        "1.9.4+",
        "older servers only answer with an error if they find one",
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
        self.family = self._family()
        self.world = next(world for world in World if self._within(world.value))
        # a call asks a dozen times
        self._features = frozenset(feature for feature in Feature if self._within(feature.versions))

    def _family(self) -> Family:
        for family in Family:
            if self._within(family.value):
                return family
        spoken = " and ".join(world.value.replace(".999", "").replace(".0+", " and later") for world in World)
        raise Unsupported(f"the server is Pachyderm {self.version}; this client works with {spoken}")

    def _within(self, versions: str) -> bool:
        return any(self._effective in part for part in _ranges(versions))

    def __contains__(self, feature: Feature) -> bool:
        return feature in self._features

    def reason(self, feature: Feature) -> str:
        """Say why the server does not have a feature, and since when others have it."""
        return (
            f"{feature.what} needs Pachyderm {feature.versions.replace('.999', '')}, "
            f"the server is {self.version}: {feature.why}"
        )

    def require(self, feature: Feature) -> None:
        """Pass if the server has the feature.

        :raises Unsupported: with the reason if not.
        """
        if feature not in self:
            raise self.unsupported(feature)

    def unsupported(self, feature: Feature) -> Unsupported:
        """Make the error for a feature that the server has not."""
        return Unsupported(self.reason(feature))


def pachctl_delete_commit(version: Version, commit: Commit) -> str:
    """Write the command by which people delete a commit that has no later ones."""
    if World.V2 is Capabilities(version).world:
        return f"pachctl delete commit {commit.id}"
    if Version(1, 9, 0) <= version:
        return f"pachctl delete commit {commit.repo.name}@{commit.id}"
    return f"pachctl delete-commit {commit.repo.name} {commit.id}"
