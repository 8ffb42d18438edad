"""Operators: tasks that write to and read from Pachyderm."""

from __future__ import annotations

from airflow_provider_pachyderm.operators._branches import PachydermCreateBranchOperator, PachydermDeleteBranchOperator
from airflow_provider_pachyderm.operators._commits import (
    PachydermDropCommitOperator,
    PachydermFinishCommitOperator,
    PachydermStartCommitOperator,
)
from airflow_provider_pachyderm.operators._projects import (
    PachydermCreateProjectOperator,
    PachydermDeleteProjectOperator,
)
from airflow_provider_pachyderm.operators._reading import (
    PachydermDiffFilesOperator,
    PachydermGetFilesOperator,
    PachydermGlobFilesOperator,
    PachydermListFilesOperator,
)
from airflow_provider_pachyderm.operators._repos import PachydermCreateRepoOperator, PachydermDeleteRepoOperator
from airflow_provider_pachyderm.operators._writing import (
    PachydermCopyFileOperator,
    PachydermDeleteFileOperator,
    PachydermPutFileOperator,
    PachydermPutFileUrlOperator,
)

__all__ = [
    "PachydermCopyFileOperator",
    "PachydermCreateBranchOperator",
    "PachydermCreateProjectOperator",
    "PachydermCreateRepoOperator",
    "PachydermDeleteBranchOperator",
    "PachydermDeleteFileOperator",
    "PachydermDeleteProjectOperator",
    "PachydermDeleteRepoOperator",
    "PachydermDiffFilesOperator",
    "PachydermDropCommitOperator",
    "PachydermFinishCommitOperator",
    "PachydermGetFilesOperator",
    "PachydermGlobFilesOperator",
    "PachydermListFilesOperator",
    "PachydermPutFileOperator",
    "PachydermPutFileUrlOperator",
    "PachydermStartCommitOperator",
]
