from airflow_provider_pachyderm._wire.v1 import auth_pb2 as _auth_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CommitState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMMIT_STATE_STARTED: _ClassVar[CommitState]
    COMMIT_STATE_READY: _ClassVar[CommitState]
    COMMIT_STATE_FINISHED: _ClassVar[CommitState]

class Delimiter(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIMITER_NONE: _ClassVar[Delimiter]
    DELIMITER_JSON: _ClassVar[Delimiter]
    DELIMITER_LINE: _ClassVar[Delimiter]
    DELIMITER_SQL: _ClassVar[Delimiter]
    DELIMITER_CSV: _ClassVar[Delimiter]

class FileType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FILE_TYPE_RESERVED: _ClassVar[FileType]
    FILE_TYPE_FILE: _ClassVar[FileType]
    FILE_TYPE_DIR: _ClassVar[FileType]

class OriginKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORIGIN_KIND_USER: _ClassVar[OriginKind]
    ORIGIN_KIND_AUTO: _ClassVar[OriginKind]
    ORIGIN_KIND_FSCK: _ClassVar[OriginKind]
COMMIT_STATE_STARTED: CommitState
COMMIT_STATE_READY: CommitState
COMMIT_STATE_FINISHED: CommitState
DELIMITER_NONE: Delimiter
DELIMITER_JSON: Delimiter
DELIMITER_LINE: Delimiter
DELIMITER_SQL: Delimiter
DELIMITER_CSV: Delimiter
FILE_TYPE_RESERVED: FileType
FILE_TYPE_FILE: FileType
FILE_TYPE_DIR: FileType
ORIGIN_KIND_USER: OriginKind
ORIGIN_KIND_AUTO: OriginKind
ORIGIN_KIND_FSCK: OriginKind

class Block(_message.Message):
    __slots__ = ("hash",)
    HASH_FIELD_NUMBER: _ClassVar[int]
    hash: str
    def __init__(self, hash: _Optional[str] = ...) -> None: ...

class BlockRef(_message.Message):
    __slots__ = ("block", "range")
    BLOCK_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    block: Block
    range: ByteRange
    def __init__(self, block: _Optional[_Union[Block, _Mapping]] = ..., range: _Optional[_Union[ByteRange, _Mapping]] = ...) -> None: ...

class Branch(_message.Message):
    __slots__ = ("repo", "name")
    REPO_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    name: str
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ..., name: _Optional[str] = ...) -> None: ...

class BranchInfo(_message.Message):
    __slots__ = ("name", "head", "provenance", "branch", "subvenance", "direct_provenance", "trigger")
    NAME_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    SUBVENANCE_FIELD_NUMBER: _ClassVar[int]
    DIRECT_PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    name: str
    head: Commit
    provenance: _containers.RepeatedCompositeFieldContainer[Branch]
    branch: Branch
    subvenance: _containers.RepeatedCompositeFieldContainer[Branch]
    direct_provenance: _containers.RepeatedCompositeFieldContainer[Branch]
    trigger: Trigger
    def __init__(self, name: _Optional[str] = ..., head: _Optional[_Union[Commit, _Mapping]] = ..., provenance: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ..., branch: _Optional[_Union[Branch, _Mapping]] = ..., subvenance: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ..., direct_provenance: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ..., trigger: _Optional[_Union[Trigger, _Mapping]] = ...) -> None: ...

class BranchInfos(_message.Message):
    __slots__ = ("branch_info",)
    BRANCH_INFO_FIELD_NUMBER: _ClassVar[int]
    branch_info: _containers.RepeatedCompositeFieldContainer[BranchInfo]
    def __init__(self, branch_info: _Optional[_Iterable[_Union[BranchInfo, _Mapping]]] = ...) -> None: ...

class ByteRange(_message.Message):
    __slots__ = ("lower", "upper")
    LOWER_FIELD_NUMBER: _ClassVar[int]
    UPPER_FIELD_NUMBER: _ClassVar[int]
    lower: int
    upper: int
    def __init__(self, lower: _Optional[int] = ..., upper: _Optional[int] = ...) -> None: ...

class Commit(_message.Message):
    __slots__ = ("repo", "id")
    REPO_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    id: str
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ..., id: _Optional[str] = ...) -> None: ...

class CommitInfo(_message.Message):
    __slots__ = ("commit", "parent_commit", "started", "finished", "size_bytes", "commit_provenance", "tree", "description", "subvenance", "branch_provenance", "child_commits", "ready_provenance", "trees", "datums", "branch", "provenance", "origin", "subvenant_commits_success", "subvenant_commits_failure", "subvenant_commits_total")
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    PARENT_COMMIT_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    COMMIT_PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SUBVENANCE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    CHILD_COMMITS_FIELD_NUMBER: _ClassVar[int]
    READY_PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    TREES_FIELD_NUMBER: _ClassVar[int]
    DATUMS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    SUBVENANT_COMMITS_SUCCESS_FIELD_NUMBER: _ClassVar[int]
    SUBVENANT_COMMITS_FAILURE_FIELD_NUMBER: _ClassVar[int]
    SUBVENANT_COMMITS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    commit: Commit
    parent_commit: Commit
    started: _timestamp_pb2.Timestamp
    finished: _timestamp_pb2.Timestamp
    size_bytes: int
    commit_provenance: _containers.RepeatedCompositeFieldContainer[Commit]
    tree: Object
    description: str
    subvenance: _containers.RepeatedCompositeFieldContainer[CommitRange]
    branch_provenance: _containers.RepeatedCompositeFieldContainer[Branch]
    child_commits: _containers.RepeatedCompositeFieldContainer[Commit]
    ready_provenance: int
    trees: _containers.RepeatedCompositeFieldContainer[Object]
    datums: Object
    branch: Branch
    provenance: _containers.RepeatedCompositeFieldContainer[CommitProvenance]
    origin: CommitOrigin
    subvenant_commits_success: int
    subvenant_commits_failure: int
    subvenant_commits_total: int
    def __init__(self, commit: _Optional[_Union[Commit, _Mapping]] = ..., parent_commit: _Optional[_Union[Commit, _Mapping]] = ..., started: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., finished: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., size_bytes: _Optional[int] = ..., commit_provenance: _Optional[_Iterable[_Union[Commit, _Mapping]]] = ..., tree: _Optional[_Union[Object, _Mapping]] = ..., description: _Optional[str] = ..., subvenance: _Optional[_Iterable[_Union[CommitRange, _Mapping]]] = ..., branch_provenance: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ..., child_commits: _Optional[_Iterable[_Union[Commit, _Mapping]]] = ..., ready_provenance: _Optional[int] = ..., trees: _Optional[_Iterable[_Union[Object, _Mapping]]] = ..., datums: _Optional[_Union[Object, _Mapping]] = ..., branch: _Optional[_Union[Branch, _Mapping]] = ..., provenance: _Optional[_Iterable[_Union[CommitProvenance, _Mapping]]] = ..., origin: _Optional[_Union[CommitOrigin, _Mapping]] = ..., subvenant_commits_success: _Optional[int] = ..., subvenant_commits_failure: _Optional[int] = ..., subvenant_commits_total: _Optional[int] = ...) -> None: ...

class CommitInfos(_message.Message):
    __slots__ = ("commit_info",)
    COMMIT_INFO_FIELD_NUMBER: _ClassVar[int]
    commit_info: _containers.RepeatedCompositeFieldContainer[CommitInfo]
    def __init__(self, commit_info: _Optional[_Iterable[_Union[CommitInfo, _Mapping]]] = ...) -> None: ...

class CommitOrigin(_message.Message):
    __slots__ = ("kind",)
    KIND_FIELD_NUMBER: _ClassVar[int]
    kind: OriginKind
    def __init__(self, kind: _Optional[_Union[OriginKind, str]] = ...) -> None: ...

class CommitProvenance(_message.Message):
    __slots__ = ("commit", "branch")
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    commit: Commit
    branch: Branch
    def __init__(self, commit: _Optional[_Union[Commit, _Mapping]] = ..., branch: _Optional[_Union[Branch, _Mapping]] = ...) -> None: ...

class CommitRange(_message.Message):
    __slots__ = ("lower", "upper")
    LOWER_FIELD_NUMBER: _ClassVar[int]
    UPPER_FIELD_NUMBER: _ClassVar[int]
    lower: Commit
    upper: Commit
    def __init__(self, lower: _Optional[_Union[Commit, _Mapping]] = ..., upper: _Optional[_Union[Commit, _Mapping]] = ...) -> None: ...

class File(_message.Message):
    __slots__ = ("commit", "path")
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    commit: Commit
    path: str
    def __init__(self, commit: _Optional[_Union[Commit, _Mapping]] = ..., path: _Optional[str] = ...) -> None: ...

class FileInfo(_message.Message):
    __slots__ = ("file", "file_type", "size_bytes", "children", "hash", "objects", "block_refs", "committed")
    FILE_FIELD_NUMBER: _ClassVar[int]
    FILE_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    BLOCK_REFS_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    file: File
    file_type: FileType
    size_bytes: int
    children: _containers.RepeatedScalarFieldContainer[str]
    hash: bytes
    objects: _containers.RepeatedCompositeFieldContainer[Object]
    block_refs: _containers.RepeatedCompositeFieldContainer[BlockRef]
    committed: _timestamp_pb2.Timestamp
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ..., file_type: _Optional[_Union[FileType, str]] = ..., size_bytes: _Optional[int] = ..., children: _Optional[_Iterable[str]] = ..., hash: _Optional[bytes] = ..., objects: _Optional[_Iterable[_Union[Object, _Mapping]]] = ..., block_refs: _Optional[_Iterable[_Union[BlockRef, _Mapping]]] = ..., committed: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FileInfos(_message.Message):
    __slots__ = ("file_info",)
    FILE_INFO_FIELD_NUMBER: _ClassVar[int]
    file_info: _containers.RepeatedCompositeFieldContainer[FileInfo]
    def __init__(self, file_info: _Optional[_Iterable[_Union[FileInfo, _Mapping]]] = ...) -> None: ...

class Object(_message.Message):
    __slots__ = ("hash",)
    HASH_FIELD_NUMBER: _ClassVar[int]
    hash: str
    def __init__(self, hash: _Optional[str] = ...) -> None: ...

class OverwriteIndex(_message.Message):
    __slots__ = ("index",)
    INDEX_FIELD_NUMBER: _ClassVar[int]
    index: int
    def __init__(self, index: _Optional[int] = ...) -> None: ...

class Repo(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class RepoAuthInfo(_message.Message):
    __slots__ = ("access_level",)
    ACCESS_LEVEL_FIELD_NUMBER: _ClassVar[int]
    access_level: _auth_pb2.Scope
    def __init__(self, access_level: _Optional[_Union[_auth_pb2.Scope, str]] = ...) -> None: ...

class RepoInfo(_message.Message):
    __slots__ = ("repo", "created", "size_bytes", "provenance", "description", "auth_info", "branches", "tombstone")
    REPO_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    AUTH_INFO_FIELD_NUMBER: _ClassVar[int]
    BRANCHES_FIELD_NUMBER: _ClassVar[int]
    TOMBSTONE_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    created: _timestamp_pb2.Timestamp
    size_bytes: int
    provenance: _containers.RepeatedCompositeFieldContainer[Repo]
    description: str
    auth_info: RepoAuthInfo
    branches: _containers.RepeatedCompositeFieldContainer[Branch]
    tombstone: bool
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ..., created: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., size_bytes: _Optional[int] = ..., provenance: _Optional[_Iterable[_Union[Repo, _Mapping]]] = ..., description: _Optional[str] = ..., auth_info: _Optional[_Union[RepoAuthInfo, _Mapping]] = ..., branches: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ..., tombstone: bool = ...) -> None: ...

class Trigger(_message.Message):
    __slots__ = ("branch", "all", "cron_spec", "size", "commits")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    CRON_SPEC_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    COMMITS_FIELD_NUMBER: _ClassVar[int]
    branch: str
    all: bool
    cron_spec: str
    size: str
    commits: int
    def __init__(self, branch: _Optional[str] = ..., all: bool = ..., cron_spec: _Optional[str] = ..., size: _Optional[str] = ..., commits: _Optional[int] = ...) -> None: ...

class CreateRepoRequest(_message.Message):
    __slots__ = ("repo", "provenance", "description", "update")
    REPO_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    provenance: _containers.RepeatedCompositeFieldContainer[Repo]
    description: str
    update: bool
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ..., provenance: _Optional[_Iterable[_Union[Repo, _Mapping]]] = ..., description: _Optional[str] = ..., update: bool = ...) -> None: ...

class InspectRepoRequest(_message.Message):
    __slots__ = ("repo",)
    REPO_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ...) -> None: ...

class ListRepoRequest(_message.Message):
    __slots__ = ("provenance", "include_auth")
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_AUTH_FIELD_NUMBER: _ClassVar[int]
    provenance: _containers.RepeatedCompositeFieldContainer[Repo]
    include_auth: bool
    def __init__(self, provenance: _Optional[_Iterable[_Union[Repo, _Mapping]]] = ..., include_auth: bool = ...) -> None: ...

class ListRepoResponse(_message.Message):
    __slots__ = ("repo_info",)
    REPO_INFO_FIELD_NUMBER: _ClassVar[int]
    repo_info: _containers.RepeatedCompositeFieldContainer[RepoInfo]
    def __init__(self, repo_info: _Optional[_Iterable[_Union[RepoInfo, _Mapping]]] = ...) -> None: ...

class DeleteRepoRequest(_message.Message):
    __slots__ = ("repo", "force", "all", "split_transaction")
    REPO_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    SPLIT_TRANSACTION_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    force: bool
    all: bool
    split_transaction: bool
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ..., force: bool = ..., all: bool = ..., split_transaction: bool = ...) -> None: ...

class StartCommitRequest(_message.Message):
    __slots__ = ("parent", "commit_provenance", "branch", "description", "provenance")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    COMMIT_PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    parent: Commit
    commit_provenance: _containers.RepeatedCompositeFieldContainer[Commit]
    branch: str
    description: str
    provenance: _containers.RepeatedCompositeFieldContainer[CommitProvenance]
    def __init__(self, parent: _Optional[_Union[Commit, _Mapping]] = ..., commit_provenance: _Optional[_Iterable[_Union[Commit, _Mapping]]] = ..., branch: _Optional[str] = ..., description: _Optional[str] = ..., provenance: _Optional[_Iterable[_Union[CommitProvenance, _Mapping]]] = ...) -> None: ...

class FinishCommitRequest(_message.Message):
    __slots__ = ("commit", "description", "tree", "empty", "trees", "size_bytes", "datums")
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    EMPTY_FIELD_NUMBER: _ClassVar[int]
    TREES_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DATUMS_FIELD_NUMBER: _ClassVar[int]
    commit: Commit
    description: str
    tree: Object
    empty: bool
    trees: _containers.RepeatedCompositeFieldContainer[Object]
    size_bytes: int
    datums: Object
    def __init__(self, commit: _Optional[_Union[Commit, _Mapping]] = ..., description: _Optional[str] = ..., tree: _Optional[_Union[Object, _Mapping]] = ..., empty: bool = ..., trees: _Optional[_Iterable[_Union[Object, _Mapping]]] = ..., size_bytes: _Optional[int] = ..., datums: _Optional[_Union[Object, _Mapping]] = ...) -> None: ...

class InspectCommitRequest(_message.Message):
    __slots__ = ("commit", "block_state")
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    BLOCK_STATE_FIELD_NUMBER: _ClassVar[int]
    commit: Commit
    block_state: CommitState
    def __init__(self, commit: _Optional[_Union[Commit, _Mapping]] = ..., block_state: _Optional[_Union[CommitState, str]] = ...) -> None: ...

class ListCommitRequest(_message.Message):
    __slots__ = ("repo", "from_commit", "to_commit", "number", "reverse")
    REPO_FIELD_NUMBER: _ClassVar[int]
    FROM_COMMIT_FIELD_NUMBER: _ClassVar[int]
    TO_COMMIT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVERSE_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    from_commit: Commit
    to_commit: Commit
    number: int
    reverse: bool
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ..., from_commit: _Optional[_Union[Commit, _Mapping]] = ..., to_commit: _Optional[_Union[Commit, _Mapping]] = ..., number: _Optional[int] = ..., reverse: bool = ...) -> None: ...

class DeleteCommitRequest(_message.Message):
    __slots__ = ("commit",)
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    commit: Commit
    def __init__(self, commit: _Optional[_Union[Commit, _Mapping]] = ...) -> None: ...

class FlushCommitRequest(_message.Message):
    __slots__ = ("commits", "to_repos")
    COMMITS_FIELD_NUMBER: _ClassVar[int]
    TO_REPOS_FIELD_NUMBER: _ClassVar[int]
    commits: _containers.RepeatedCompositeFieldContainer[Commit]
    to_repos: _containers.RepeatedCompositeFieldContainer[Repo]
    def __init__(self, commits: _Optional[_Iterable[_Union[Commit, _Mapping]]] = ..., to_repos: _Optional[_Iterable[_Union[Repo, _Mapping]]] = ...) -> None: ...

class SubscribeCommitRequest(_message.Message):
    __slots__ = ("repo", "branch", "from_commit", "state", "prov")
    REPO_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    FROM_COMMIT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROV_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    branch: str
    from_commit: Commit
    state: CommitState
    prov: CommitProvenance
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ..., branch: _Optional[str] = ..., from_commit: _Optional[_Union[Commit, _Mapping]] = ..., state: _Optional[_Union[CommitState, str]] = ..., prov: _Optional[_Union[CommitProvenance, _Mapping]] = ...) -> None: ...

class CreateBranchRequest(_message.Message):
    __slots__ = ("head", "s_branch", "branch", "provenance", "trigger")
    HEAD_FIELD_NUMBER: _ClassVar[int]
    S_BRANCH_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    head: Commit
    s_branch: str
    branch: Branch
    provenance: _containers.RepeatedCompositeFieldContainer[Branch]
    trigger: Trigger
    def __init__(self, head: _Optional[_Union[Commit, _Mapping]] = ..., s_branch: _Optional[str] = ..., branch: _Optional[_Union[Branch, _Mapping]] = ..., provenance: _Optional[_Iterable[_Union[Branch, _Mapping]]] = ..., trigger: _Optional[_Union[Trigger, _Mapping]] = ...) -> None: ...

class InspectBranchRequest(_message.Message):
    __slots__ = ("branch",)
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    branch: Branch
    def __init__(self, branch: _Optional[_Union[Branch, _Mapping]] = ...) -> None: ...

class ListBranchRequest(_message.Message):
    __slots__ = ("repo", "reverse")
    REPO_FIELD_NUMBER: _ClassVar[int]
    REVERSE_FIELD_NUMBER: _ClassVar[int]
    repo: Repo
    reverse: bool
    def __init__(self, repo: _Optional[_Union[Repo, _Mapping]] = ..., reverse: bool = ...) -> None: ...

class DeleteBranchRequest(_message.Message):
    __slots__ = ("branch", "force")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    branch: Branch
    force: bool
    def __init__(self, branch: _Optional[_Union[Branch, _Mapping]] = ..., force: bool = ...) -> None: ...

class PutFileRequest(_message.Message):
    __slots__ = ("file", "file_type", "value", "url", "recursive", "delimiter", "target_file_datums", "target_file_bytes", "overwrite_index", "header_records", "delete")
    FILE_FIELD_NUMBER: _ClassVar[int]
    FILE_TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    RECURSIVE_FIELD_NUMBER: _ClassVar[int]
    DELIMITER_FIELD_NUMBER: _ClassVar[int]
    TARGET_FILE_DATUMS_FIELD_NUMBER: _ClassVar[int]
    TARGET_FILE_BYTES_FIELD_NUMBER: _ClassVar[int]
    OVERWRITE_INDEX_FIELD_NUMBER: _ClassVar[int]
    HEADER_RECORDS_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    file: File
    file_type: FileType
    value: bytes
    url: str
    recursive: bool
    delimiter: Delimiter
    target_file_datums: int
    target_file_bytes: int
    overwrite_index: OverwriteIndex
    header_records: int
    delete: bool
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ..., file_type: _Optional[_Union[FileType, str]] = ..., value: _Optional[bytes] = ..., url: _Optional[str] = ..., recursive: bool = ..., delimiter: _Optional[_Union[Delimiter, str]] = ..., target_file_datums: _Optional[int] = ..., target_file_bytes: _Optional[int] = ..., overwrite_index: _Optional[_Union[OverwriteIndex, _Mapping]] = ..., header_records: _Optional[int] = ..., delete: bool = ...) -> None: ...

class CopyFileRequest(_message.Message):
    __slots__ = ("src", "dst", "overwrite")
    SRC_FIELD_NUMBER: _ClassVar[int]
    DST_FIELD_NUMBER: _ClassVar[int]
    OVERWRITE_FIELD_NUMBER: _ClassVar[int]
    src: File
    dst: File
    overwrite: bool
    def __init__(self, src: _Optional[_Union[File, _Mapping]] = ..., dst: _Optional[_Union[File, _Mapping]] = ..., overwrite: bool = ...) -> None: ...

class GetFileRequest(_message.Message):
    __slots__ = ("file", "offset_bytes", "size_bytes")
    FILE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_BYTES_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    file: File
    offset_bytes: int
    size_bytes: int
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ..., offset_bytes: _Optional[int] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class InspectFileRequest(_message.Message):
    __slots__ = ("file",)
    FILE_FIELD_NUMBER: _ClassVar[int]
    file: File
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ...) -> None: ...

class ListFileRequest(_message.Message):
    __slots__ = ("file", "full", "history")
    FILE_FIELD_NUMBER: _ClassVar[int]
    FULL_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    file: File
    full: bool
    history: int
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ..., full: bool = ..., history: _Optional[int] = ...) -> None: ...

class WalkFileRequest(_message.Message):
    __slots__ = ("file",)
    FILE_FIELD_NUMBER: _ClassVar[int]
    file: File
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ...) -> None: ...

class GlobFileRequest(_message.Message):
    __slots__ = ("commit", "pattern")
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    commit: Commit
    pattern: str
    def __init__(self, commit: _Optional[_Union[Commit, _Mapping]] = ..., pattern: _Optional[str] = ...) -> None: ...

class DiffFileRequest(_message.Message):
    __slots__ = ("new_file", "old_file", "shallow")
    NEW_FILE_FIELD_NUMBER: _ClassVar[int]
    OLD_FILE_FIELD_NUMBER: _ClassVar[int]
    SHALLOW_FIELD_NUMBER: _ClassVar[int]
    new_file: File
    old_file: File
    shallow: bool
    def __init__(self, new_file: _Optional[_Union[File, _Mapping]] = ..., old_file: _Optional[_Union[File, _Mapping]] = ..., shallow: bool = ...) -> None: ...

class DiffFileResponse(_message.Message):
    __slots__ = ("new_files", "old_files")
    NEW_FILES_FIELD_NUMBER: _ClassVar[int]
    OLD_FILES_FIELD_NUMBER: _ClassVar[int]
    new_files: _containers.RepeatedCompositeFieldContainer[FileInfo]
    old_files: _containers.RepeatedCompositeFieldContainer[FileInfo]
    def __init__(self, new_files: _Optional[_Iterable[_Union[FileInfo, _Mapping]]] = ..., old_files: _Optional[_Iterable[_Union[FileInfo, _Mapping]]] = ...) -> None: ...

class DeleteFileRequest(_message.Message):
    __slots__ = ("file",)
    FILE_FIELD_NUMBER: _ClassVar[int]
    file: File
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ...) -> None: ...

class FsckRequest(_message.Message):
    __slots__ = ("fix",)
    FIX_FIELD_NUMBER: _ClassVar[int]
    fix: bool
    def __init__(self, fix: bool = ...) -> None: ...

class FsckResponse(_message.Message):
    __slots__ = ("fix", "error")
    FIX_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    fix: str
    error: str
    def __init__(self, fix: _Optional[str] = ..., error: _Optional[str] = ...) -> None: ...

class SetBranchRequest(_message.Message):
    __slots__ = ("commit", "branch")
    COMMIT_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    commit: Commit
    branch: str
    def __init__(self, commit: _Optional[_Union[Commit, _Mapping]] = ..., branch: _Optional[str] = ...) -> None: ...
