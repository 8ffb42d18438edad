"""Which calls and fields releases of 2.x have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor

from airflow_provider_pachyderm._wire.v2 import (
    admin_pb2,
    auth_pb2,
    methods,
    pfs_pb2,
    pps_pb2,
    transaction_pb2,
    version_pb2,
)
from airflow_provider_pachyderm.devserver.releases import fields_v2
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from airflow_provider_pachyderm.devserver.servicers.trimming import trimmer


def known() -> Iterator[str]:
    for service in (methods.Admin, methods.Auth, methods.Pfs, methods.Pps, methods.Transaction):
        yield from vars(service)
    for module in (admin_pb2, auth_pb2, pfs_pb2, pps_pb2, transaction_pb2, version_pb2):
        for kind in module.DESCRIPTOR.message_types_by_name.values():
            yield from fields(kind, kind.name)


def fields(kind: Descriptor, name: str) -> Iterator[str]:
    yield from (f"{name}.{field.name}" for field in kind.fields)
    for nested in kind.nested_types:
        yield from fields(nested, f"{name}.{nested.name}")


def test_the_table_names_what_there_is() -> None:
    assert set(fields_v2.FIELDS) <= set(known())


@pytest.mark.parametrize(
    ("name", "lacking", "having"),
    [
        ("CreateProject", ["2.0.0", "2.4.6"], ["2.5.0", "2.11.6"]),
        ("SquashCommit", ["2.5.7", "2.6.0", "2.6.1.2", "2.7.8"], ["2.5.8", "2.5.9", "2.8.0", "2.12.0-rc.1"]),
        ("Commit.repo", ["2.5.9"], ["2.6.0"]),
        ("CommitInfo.branch_provenance", ["2.6.0", "2.11.6"], ["2.0.0", "2.5.9"]),
        ("CreatePipelineV2", ["2.7.8"], ["2.8.0", "2.12.0-rc.1"]),
        ("PipelineInfo.job_counts", ["2.1.0", "2.11.6"], ["2.0.8"]),
        ("PFSInput.reference", ["2.11.6"], ["2.12.0-rc.1"]),
        ("CommitInfo.created_at", ["2.10.7"], ["2.11.0"]),
        ("BranchInfo.branch_propagation_specs", ["2.11.6"], ["2.12.0-rc.1"]),
    ],
)
def test_what_came_and_went(name: str, lacking: list[str], having: list[str]) -> None:
    assert all(name in profile_for(version).lacks for version in lacking)
    assert not any(name in profile_for(version).lacks for version in having)


def test_fields_are_taken_away_wherever_they_are() -> None:
    info = pfs_pb2.BranchInfo()
    info.head.repo.name = info.head.branch.repo.name = "r"
    info.head.branch.repo.project.name = "p"
    info.provenance.add().repo.project.name = "p"
    trim = trimmer(info.DESCRIPTOR, frozenset({"Commit.repo", "Repo.project"}))
    assert trim is not None
    trim(info)
    assert not info.head.HasField("repo")
    assert info.head.branch.repo == pfs_pb2.Repo(name="r")
    assert info.provenance[0].repo == pfs_pb2.Repo()


def test_nothing_is_done_to_messages_that_lack_nothing() -> None:
    assert trimmer(pfs_pb2.FileInfo.DESCRIPTOR, frozenset({"RepoInfo.metadata", "CreateProject"})) is None
