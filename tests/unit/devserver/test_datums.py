"""Datums of inputs, compared with what real servers listed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.datums.enumeration import Datum, datums
from airflow_provider_pachyderm.devserver.engine.datums.ids import datum_hash, datum_hash_v1, datum_id_v1
from airflow_provider_pachyderm.devserver.engine.datums.inputs import CronInput, PfsInput, leaves
from airflow_provider_pachyderm.devserver.engine.datums.specs import input_tree
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, FileInfo, RepoKey, Trigger
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from tests.unit.devserver.conftest import Desk

GOLDEN: dict[str, dict[str, Any]] = json.loads((Path(__file__).parents[2] / "golden" / "datums.json").read_text())
CASES = [(version, case) for version, recorded in GOLDEN.items() for case in recorded["cases"]]


async def _filled(version: str, files: dict[str, dict[str, str]]) -> Desk:
    desk = Desk(Engine(profile_for(version)))
    for repo, contents in files.items():
        desk.engine.repos.create(RepoKey(repo))
        await desk.commit({path: content.encode() for path, content in contents.items()}, repo=repo)
    return desk


def _datums(desk: Desk, spec: dict[str, Any]) -> list[Datum]:
    def list_files(leaf: PfsInput) -> Iterable[FileInfo]:
        shared = desk.engine.profile.world == "v2"
        ref = CommitRef(leaf.repo, branch=leaf.branch) if shared else CommitRef(leaf.repo, leaf.branch)
        return desk.engine.files.open(ref).glob(leaf.glob)

    return datums(input_tree(spec), list_files, desk.engine.profile)


@pytest.mark.parametrize(("version", "case"), CASES, ids=[f"{version} {case['about']}" for version, case in CASES])
async def test_datums_are_those_that_were_recorded(version: str, case: dict[str, Any]) -> None:
    desk = await _filled(version, GOLDEN[version]["files"])
    found = _datums(desk, case["input"])
    if version == "2.11.6":
        told = [[datum.id, [[file.leaf.repo.name, file.path] for file in datum.files]] for datum in found]
        assert told == case["datums"]
    else:
        # in the order of hashes, which are not those of real servers
        paths = [[[file.leaf.repo.name, file.info.path] for file in datum.files] for datum in found]
        assert sorted(paths) == sorted(files for _, files in case["datums"])


@pytest.mark.parametrize(
    ("version", "order"),
    [
        ("1.6.10", ["a-x", "b-x", "a-y", "b-y"]),
        ("1.9.12", ["b-x", "a-x", "b-y", "a-y"]),
        ("2.0.8", ["a-x", "a-y", "b-x", "b-y"]),
    ],
)
async def test_the_order_of_a_cross(version: str, order: list[str]) -> None:
    desk = await _filled(version, {"l": {"/a": "1", "/b": "22"}, "m": {"/x": "1", "/y": "1"}})
    leaf = "atom" if version.startswith("1.6") else "pfs"
    found = _datums(desk, {"cross": [{leaf: {"repo": repo, "glob": "/*"}} for repo in "lm"]})
    assert ["-".join(file.info.path[1:] for file in datum.files) for datum in found] == order


async def test_hashes_depend_on_content_and_salt() -> None:
    desk = await _filled("2.11.6", {"l": {"/a": "1", "/b": "1"}})
    one, other = _datums(desk, {"pfs": {"repo": "l", "glob": "/*"}})
    assert datum_hash(one.id, one.files, "salt") != datum_hash(other.id, other.files, "salt")
    assert datum_hash(one.id, one.files, "salt") != datum_hash(one.id, one.files, "other salt")
    before = datum_hash(one.id, one.files, "salt")
    await desk.commit({one.files[0].path: b"more"}, repo="l")
    after = next(datum for datum in _datums(desk, {"pfs": {"repo": "l", "glob": "/*"}}) if datum.id == one.id)
    assert datum_hash(after.id, after.files, "salt") != before


async def test_hashes_of_1_x_begin_with_the_salt() -> None:
    desk = await _filled("1.13.4", {"l": {"/a": "1", "/b": "1"}})
    found = _datums(desk, {"pfs": {"repo": "l", "glob": "/*", "name": "n"}})
    tags = [datum_hash_v1(datum.files, "p", "salt") for datum in found]
    assert {len(tag) for tag in tags} == {68}
    assert len({tag[:4] for tag in tags}) == 1
    assert len({*tags, *(datum_hash_v1(datum.files, "q", "salt") for datum in found)}) == 4
    # neither the name of the input nor that of the repo is in the id
    others = _datums(desk, {"pfs": {"repo": "l", "glob": "/*", "name": "other"}})
    assert [datum_id_v1(datum.files) for datum in found] == [datum_id_v1(datum.files) for datum in others]


async def test_what_is_there_twice_is_one_datum() -> None:
    desk = await _filled("2.11.6", {"l": {"/a": "1"}})
    assert len(_datums(desk, {"union": [{"pfs": {"repo": "l", "glob": "/*"}}] * 2})) == 1


async def test_captures_are_told_with_the_files() -> None:
    desk = await _filled("2.11.6", {"l": {"/a-1": "", "/b-2": ""}})
    spec = {"pfs": {"repo": "l", "glob": "/(*)-(*)", "join_on": "${2}$$", "group_by": "$1 $7"}}
    told = {(file.join_on, file.group_by) for datum in _datums(desk, spec) for file in datum.files}
    assert told == {("1$", "a "), ("2$", "b ")}


def test_a_specification_becomes_a_tree() -> None:
    trigger = {"branch": "staging", "all": True, "rate_limit_spec": "@daily", "size": "1M", "commits": "2"}
    spec = {
        "union": [
            {"pfs": {"repo": "r", "project": "p", "branch": "b", "glob": "/*", "trigger": trigger, "lazy": True}},
            {"cron": {"name": "tick", "repo": "p_tick", "spec": "@daily", "start": "2026-11-30T09:44:07.5Z"}},
        ]
    }
    pfs, cron = leaves(input_tree(spec))
    assert pfs == PfsInput(
        "r", RepoKey("r", "p"), "b", "/*", lazy=True, trigger=Trigger("staging", True, "@daily", "", "1M", 2)
    )
    assert isinstance(cron, CronInput)
    assert (cron.repo.name, cron.branch, cron.glob, cron.start) == ("p_tick", "master", "/*", 1796031847500000000)


def test_an_input_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unrecognized input type"):
        input_tree({"git": {"url": "https://example.com/r.git"}})
