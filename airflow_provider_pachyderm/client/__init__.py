"""Clients of Pachyderm's files and pipelines: 1.x and 2.x servers, sync and async, with the same values and errors.

Names are loaded when they are first used. References, values, errors and the configuration are needed wherever DAGs
are parsed, and importing them loads neither grpc nor protobuf; the clients do.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm.client._other_clients import no_attribute

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client._async.client import AsyncPfsClient
    from airflow_provider_pachyderm.client._async.file_sets import AsyncNewFileSet
    from airflow_provider_pachyderm.client._async.items import AsyncItems
    from airflow_provider_pachyderm.client._async.modify import AsyncModification
    from airflow_provider_pachyderm.client._async.pps_client import AsyncPpsClient
    from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
    from airflow_provider_pachyderm.client._auth_models import (
        CLUSTER,
        AuthConfiguration,
        Authorization,
        Cluster,
        Permissions,
        Project,
        Role,
        RoleBinding,
        Scope,
        StoredToken,
    )
    from airflow_provider_pachyderm.client._config import ClientConfig
    from airflow_provider_pachyderm.client._errors import (
        AlreadyExists,
        AmbiguousCommit,
        AuthNotActivated,
        BranchHasNoHead,
        BranchNotFound,
        ClientClosed,
        CommitDeleted,
        CommitFailed,
        CommitFinished,
        CommitNotFinished,
        CommitNotFound,
        Conflict,
        DatumNotFound,
        DeadlineExceeded,
        DiskFull,
        FileNotFound,
        FileSetNotFound,
        InvalidConfig,
        InvalidReference,
        InvalidRequest,
        InvalidSpec,
        IsADirectory,
        JobFailed,
        JobNotFound,
        LocalConflict,
        LocalError,
        LocalNameInvalid,
        LocalPermissionDenied,
        NotFound,
        NotInTransaction,
        OutputBranch,
        PachydermError,
        PathConflict,
        PermissionDenied,
        PipelineFailed,
        PipelineNotFound,
        ProjectNotFound,
        RepoNotFound,
        SecretNotFound,
        ServerError,
        StreamBroken,
        StreamStalled,
        TlsFailed,
        TransactionNotFound,
        Unauthenticated,
        Unavailable,
        UnstorableNames,
        Unsupported,
    )
    from airflow_provider_pachyderm.client._local.file_objects import AsyncOpenedFile, OpenedFile
    from airflow_provider_pachyderm.client._local.names import BadNames, quote_path, unquote_path
    from airflow_provider_pachyderm.client._models import (
        Branch,
        BranchInfo,
        Commit,
        CommitInfo,
        CommitSetInfo,
        CommitState,
        Delimiter,
        DownloadedFile,
        FileCount,
        FileInfo,
        FilePair,
        FileSetType,
        FileType,
        OidcLogin,
        OriginKind,
        PathRange,
        ProjectInfo,
        Repo,
        RepoInfo,
        TransactionInfo,
        Trigger,
        Version,
        WhoAmI,
    )
    from airflow_provider_pachyderm.client._pipeline_specs.compare import Action, PipelineChange, SpecDifference
    from airflow_provider_pachyderm.client._pipeline_specs.sources import SpecSource, read_pipeline_specs
    from airflow_provider_pachyderm.client._pipeline_specs.spec import PipelineSpec
    from airflow_provider_pachyderm.client._pps_models import (
        Datum,
        DatumInfo,
        DatumState,
        Job,
        JobInfo,
        JobSetInfo,
        JobState,
        LogMessage,
        Pipeline,
        PipelineInfo,
        PipelineState,
        PipelineType,
        ProcessStats,
        RenderedTemplate,
        SecretInfo,
        WorkerStatus,
    )
    from airflow_provider_pachyderm.client._pps_refs import JobLike, PipelineLike
    from airflow_provider_pachyderm.client._refs import (
        BranchLike,
        CommitLike,
        CommitSetLike,
        RepoLike,
        ResourceLike,
        file_set_commit,
        parse_branch,
        parse_commit,
        parse_file,
        parse_repo,
        parse_resource,
    )
    from airflow_provider_pachyderm.client._retries import RetryPolicy
    from airflow_provider_pachyderm.client._sync.client import PfsClient
    from airflow_provider_pachyderm.client._sync.file_sets import NewFileSet
    from airflow_provider_pachyderm.client._sync.items import Items
    from airflow_provider_pachyderm.client._sync.modify import Modification
    from airflow_provider_pachyderm.client._sync.pps_client import PpsClient
    from airflow_provider_pachyderm.client._sync.reader import FileReader

__all__ = [
    "CLUSTER",
    "Action",
    "AlreadyExists",
    "AmbiguousCommit",
    "AsyncFileReader",
    "AsyncItems",
    "AsyncModification",
    "AsyncNewFileSet",
    "AsyncOpenedFile",
    "AsyncPfsClient",
    "AsyncPpsClient",
    "AuthConfiguration",
    "AuthNotActivated",
    "Authorization",
    "BadNames",
    "Branch",
    "BranchHasNoHead",
    "BranchInfo",
    "BranchLike",
    "BranchNotFound",
    "ClientClosed",
    "ClientConfig",
    "Cluster",
    "Commit",
    "CommitDeleted",
    "CommitFailed",
    "CommitFinished",
    "CommitInfo",
    "CommitLike",
    "CommitNotFinished",
    "CommitNotFound",
    "CommitSetInfo",
    "CommitSetLike",
    "CommitState",
    "Conflict",
    "Datum",
    "DatumInfo",
    "DatumNotFound",
    "DatumState",
    "DeadlineExceeded",
    "Delimiter",
    "DiskFull",
    "DownloadedFile",
    "FileCount",
    "FileInfo",
    "FileNotFound",
    "FilePair",
    "FileReader",
    "FileSetNotFound",
    "FileSetType",
    "FileType",
    "InvalidConfig",
    "InvalidReference",
    "InvalidRequest",
    "InvalidSpec",
    "IsADirectory",
    "Items",
    "Job",
    "JobFailed",
    "JobInfo",
    "JobLike",
    "JobNotFound",
    "JobSetInfo",
    "JobState",
    "LocalConflict",
    "LocalError",
    "LocalNameInvalid",
    "LocalPermissionDenied",
    "LogMessage",
    "Modification",
    "NewFileSet",
    "NotFound",
    "NotInTransaction",
    "OidcLogin",
    "OpenedFile",
    "OriginKind",
    "OutputBranch",
    "PachydermError",
    "PathConflict",
    "PathRange",
    "PermissionDenied",
    "Permissions",
    "PfsClient",
    "Pipeline",
    "PipelineChange",
    "PipelineFailed",
    "PipelineInfo",
    "PipelineLike",
    "PipelineNotFound",
    "PipelineSpec",
    "PipelineState",
    "PipelineType",
    "PpsClient",
    "ProcessStats",
    "Project",
    "ProjectInfo",
    "ProjectNotFound",
    "RenderedTemplate",
    "Repo",
    "RepoInfo",
    "RepoLike",
    "RepoNotFound",
    "ResourceLike",
    "RetryPolicy",
    "Role",
    "RoleBinding",
    "Scope",
    "SecretInfo",
    "SecretNotFound",
    "ServerError",
    "SpecDifference",
    "SpecSource",
    "StoredToken",
    "StreamBroken",
    "StreamStalled",
    "TlsFailed",
    "TransactionInfo",
    "TransactionNotFound",
    "Trigger",
    "Unauthenticated",
    "Unavailable",
    "UnstorableNames",
    "Unsupported",
    "Version",
    "WhoAmI",
    "WorkerStatus",
    "file_set_commit",
    "parse_branch",
    "parse_commit",
    "parse_file",
    "parse_repo",
    "parse_resource",
    "quote_path",
    "read_pipeline_specs",
    "unquote_path",
]

_PLAIN = (
    "_models",
    "_auth_models",
    "_pps_models",
    "_errors",
    "_refs",
    "_pps_refs",
    "_pipeline_specs.spec",
    "_pipeline_specs.compare",
    "_pipeline_specs.sources",
    "_retries",
    "_config",
    "_local.file_objects",
    "_local.names",
)
_LOADS_GRPC = {
    "AsyncFileReader": "_async.reader",
    "AsyncItems": "_async.items",
    "AsyncModification": "_async.modify",
    "AsyncNewFileSet": "_async.file_sets",
    "AsyncPfsClient": "_async.client",
    "AsyncPpsClient": "_async.pps_client",
    "FileReader": "_sync.reader",
    "Items": "_sync.items",
    "Modification": "_sync.modify",
    "NewFileSet": "_sync.file_sets",
    "PfsClient": "_sync.client",
    "PpsClient": "_sync.pps_client",
}


def __getattr__(name: str) -> Any:
    if name in __all__:
        for home in (_LOADS_GRPC[name],) if name in _LOADS_GRPC else _PLAIN:
            module = importlib.import_module(f"{__name__}.{home}")
            if hasattr(module, name):
                globals()[name] = getattr(module, name)
                return globals()[name]
    raise AttributeError(no_attribute(f"module {__name__!r}", name), name=name)


def __dir__() -> list[str]:
    return sorted(__all__)
