"""Operators: tasks that write to and read from Pachyderm, and deploy and steer its pipelines."""

from __future__ import annotations

from airflow_provider_pachyderm.operators._branches import PachydermCreateBranchOperator, PachydermDeleteBranchOperator
from airflow_provider_pachyderm.operators._commits import (
    PachydermDropCommitOperator,
    PachydermFinishCommitOperator,
    PachydermStartCommitOperator,
)
from airflow_provider_pachyderm.operators._jobs import (
    PachydermRerunPipelineOperator,
    PachydermRestartDatumOperator,
    PachydermRunCronOperator,
)
from airflow_provider_pachyderm.operators._pipelines import (
    PachydermCreatePipelineOperator,
    PachydermDeletePipelineOperator,
    PachydermStartPipelineOperator,
    PachydermStopPipelineOperator,
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
    "PachydermCreatePipelineOperator",
    "PachydermCreateProjectOperator",
    "PachydermCreateRepoOperator",
    "PachydermDeleteBranchOperator",
    "PachydermDeleteFileOperator",
    "PachydermDeletePipelineOperator",
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
    "PachydermRerunPipelineOperator",
    "PachydermRestartDatumOperator",
    "PachydermRunCronOperator",
    "PachydermStartCommitOperator",
    "PachydermStartPipelineOperator",
    "PachydermStopPipelineOperator",
]
