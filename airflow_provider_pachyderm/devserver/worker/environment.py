"""The variables that a command has."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.datums.enumeration import Datum
from airflow_provider_pachyderm.devserver.engine.ids import random_id
from airflow_provider_pachyderm.devserver.releases.profile import Profile
from airflow_provider_pachyderm.devserver.worker.rules import (
    COMMIT_VARIABLES,
    FILE_SET_VARIABLE,
    JOIN_VARIABLES,
    PROJECT_VARIABLES,
)
from airflow_provider_pachyderm.devserver.worker.sandbox import Sandbox

PACH_PFS = "PACH_PFS"
"""Where the files of a datum are, if that is not ``/pfs``."""


@dataclass(frozen=True)
class Place:
    """What a command is run for.

    :param version: of the pipeline.
    :param spec_commit: id of the commit with its specification.
    :param output_commit: id of the commit that gets what it makes.
    """

    project: str
    pipeline: str
    version: int
    job: str
    spec_commit: str
    output_commit: str


def variables(
    place: Place, datum: Datum, sandbox: Sandbox, profile: Profile, given: Mapping[str, str]
) -> dict[str, str]:
    """All variables of a command, of which nothing but PATH and HOME is the server's.

    :param given: those of the pipeline and of its secrets.
    """
    found = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.environ.get("HOME", "/"),
        **_of_pod(place, profile),
        **given,
        **_of_files(datum, sandbox, profile),
        "PACH_JOB_ID": place.job,
    }
    if profile[COMMIT_VARIABLES]:
        found["PACH_OUTPUT_COMMIT_ID"] = place.output_commit
    if profile.world == "v2":
        found["PACH_DATUM_ID"] = datum.id
    if profile[FILE_SET_VARIABLE]:
        found["FILESET_ID"] = random_id()
    if not sandbox.mounts:
        found[PACH_PFS] = sandbox.seen
    return found


def _of_pod(place: Place, profile: Profile) -> dict[str, str]:
    """What real servers give the pod of a worker."""
    pod = f"{place.pipeline}-v{place.version}"
    found = {
        "HOSTNAME": socket.gethostname(),
        "PACH_ROOT": "/pach",
        "PACH_NAMESPACE": "default",
        "PACH_IN_WORKER": "true",
        "PPS_PIPELINE_NAME": place.pipeline,
        "PPS_SPEC_COMMIT": place.spec_commit,
        "PPS_POD_NAME": pod,
        "PPS_WORKER_IP": "127.0.0.1",
        "PPS_WORKER_GRPC_PORT": "1080",
        "PPS_ETCD_PREFIX": "",
        "PACHYDERM_LOG_LEVEL": "info",
    }
    if profile[PROJECT_VARIABLES]:
        found |= {"PPS_PROJECT_NAME": place.project, "PEER_PORT": "1653"}
    return found


def _of_files(datum: Datum, sandbox: Sandbox, profile: Profile) -> dict[str, str]:
    """The last file of an input has its variable."""
    found: dict[str, str] = {}
    for file in datum.files:
        name = file.leaf.name
        found[name] = f"{sandbox.seen}/{name}{file.path}"
        if profile[COMMIT_VARIABLES]:
            found[f"{name}_COMMIT"] = file.leaf.commit
        if profile[JOIN_VARIABLES] and file.join_on:
            found[f"PACH_DATUM_{name}_JOIN_ON"] = file.join_on
        if profile[JOIN_VARIABLES] and file.group_by:
            found[f"PACH_DATUM_{name}_GROUP_BY"] = file.group_by
    return found
