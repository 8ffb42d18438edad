"""What calls of 1.x need. Repos are created and deleted by rules of their own, see :class:`.Scopes`."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.servicers.needs import Needs, need
from airflow_provider_pachyderm.devserver.servicers.pipeline_needs import CreationNeed, PipelineNeed

_READS = ("GetFile", "InspectFile", "ListFile", "ListFileStream", "WalkFile")

PFS_NEEDS: Needs = {
    **dict.fromkeys(_READS, need("file.commit", "READER")),
    "InspectCommit": need("commit", "READER"),
    "ListCommit": need("repo", "READER"),
    "ListCommitStream": need("repo", "READER"),
    "FlushCommit": need("commits", "READER"),
    "SubscribeCommit": need("repo", "READER"),
    "ListBranch": need("repo", "READER"),
    "CopyFile": (*need("src.commit", "READER"), *need("dst.commit", "WRITER")),
    "GlobFile": need("commit", "READER"),
    "GlobFileStream": need("commit", "READER"),
    "DiffFile": (*need("old_file.commit", "READER"), *need("new_file.commit", "READER")),
    "DeleteFile": need("file.commit", "WRITER"),
    "SetBranch": need("commit", "WRITER"),
}
"""Calls of ``pfs.API``."""

_WORKS_ON = PipelineNeed("pipeline", ("WRITER",), reads="READER")
_LOOKS_INTO = PipelineNeed("job", ("READER",), reads="READER")

PPS_NEEDS: Needs = {
    "ListJob": (PipelineNeed("pipeline", ("READER",)),),
    "ListJobStream": (PipelineNeed("pipeline", ("READER",)),),
    "FlushJob": need("commits", "READER"),
    "ListDatum": (_LOOKS_INTO,),
    "ListDatumStream": (_LOOKS_INTO,),
    "DeletePipeline": (PipelineNeed("pipeline", ("OWNER",)),),
    "StartPipeline": (_WORKS_ON,),
    "StopPipeline": (_WORKS_ON,),
    "GetLogs": (PipelineNeed("pipeline", ("READER",), reads="READER"), _LOOKS_INTO),
}
"""Calls of ``pps.API``. DeleteAll is for administrators; real servers let anybody stop and delete jobs."""

PUT_FILE_NEEDS: Needs = {"file": need("file.commit", "WRITER")}
"""Messages of PutFile."""

REQUEST_NEEDS: Needs = {
    "start_commit": need("parent", "WRITER"),
    "finish_commit": need("commit", "WRITER"),
    "delete_commit": need("commit", "WRITER"),
    # real servers let anyone point a branch at any commit, and read it so
    "create_branch": (*need("branch", "WRITER"), *need("head", "READER")),
    "delete_branch": need("branch", "WRITER"),
    # up to 1.6 its request has the form of a Commit
    "delete_branch_by_name": need("repo", "WRITER"),
    "create_pipeline": (CreationNeed("", ("WRITER",), reads="READER"),),
}
"""Requests that can be part of a transaction."""
