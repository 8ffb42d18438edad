"""The recordings in ``tests/golden``; the README there describes their format."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import empty_pb2
from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1_pfs
from airflow_provider_pachyderm._wire.v2 import methods as v2

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
FOLDER = GOLDEN / "recordings"
PIPELINES = GOLDEN / "pipelines"
AnyMethod = Method[Any, Any]


def versions(folder: Path = FOLDER) -> list[str]:
    """Every recorded version, oldest first."""
    packed = [name for path in folder.glob("*.jsonl.xz") for name in _packed_versions(path)]
    plain = [path.name for path in folder.iterdir() if path.is_dir() and any(path.glob("*.json"))]
    return sorted({*packed, *plain}, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


@cache
def scenarios(version: str, folder: Path = FOLDER) -> tuple[dict[str, Any], ...]:
    """The scenarios of a version: first those that need an empty server, then those that empty it.

    They stand one by one in ``VERSION/SCENARIO.json``, or are packed for a whole world (``tools/pack_recordings.py``).
    """
    plain = [json.loads(path.read_text()) for path in sorted((folder / version).glob("*.json"))]
    recorded = plain or _unpacked(folder / f"{version[0]}.x.jsonl.xz", version)
    return tuple(sorted(recorded, key=lambda s: (not s.get("fresh"), not s.get("wipes"), s["scenario"])))


def is_of_pipelines(scenario: dict[str, Any]) -> bool:
    """Whether it was recorded with workers that do jobs."""
    name: str = scenario["scenario"]
    return name.startswith("pps_")


def _packed_versions(path: Path) -> list[str]:
    with lzma.open(path) as lines:
        names: list[str] = json.loads(lines.readline())
    return names


def _unpacked(path: Path, version: str) -> list[dict[str, Any]]:
    start = f'{{"version":"{version}",'.encode()
    with lzma.open(path) as lines:
        return [json.loads(line) for line in lines if line.startswith(start)]


def _methods() -> dict[str, AnyMethod]:
    services = [service for world in (v1, v2) for service in vars(world).values() if isinstance(service, type)]
    calls = [call for service in services for call in vars(service).values() if isinstance(call, Method)]
    return {call.path: call for call in calls}


METHODS = _methods()


def method(path: str) -> AnyMethod:
    """The call of that path; one that no version has is taken as Empty to Empty."""
    unknown = Method(path, empty_pb2.Empty, empty_pb2.Empty, client_streaming=False, server_streaming=False)
    return METHODS.get(path, unknown)


def request_type(version: str, path: str) -> type[Message]:
    """The type of a request; DeleteBranch was another one before 1.7, with the fields of a Commit."""
    if path == "/pfs.API/DeleteBranch" and version.startswith(("1.4.", "1.5.", "1.6.")):
        return v1_pfs.Commit
    kind: type[Message] = method(path).request_type
    return kind


def filler(seed: str, offset: int, count: int) -> bytes:
    """Generated content of a request: a part of sha256("SEED:0") + sha256("SEED:1") + …"""
    first, last = offset // 32, (offset + count + 31) // 32
    data = b"".join(hashlib.sha256(f"{seed}:{number}".encode()).digest() for number in range(first, last))
    return data[offset - first * 32 :][:count]


def put_filler(message: Message, fill: dict[str, Any]) -> None:
    """Put generated content into the field that a request names."""
    *outer, last = fill["field"].split(".")
    target: Any = message
    for name in outer:
        target = getattr(target, name)
    setattr(target, last, filler(fill["seed"], fill["offset"], fill["bytes"]))


@cache
def _error_classes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = json.loads((GOLDEN / "error_classes.json").read_text())["classes"]
    return tuple((name, re.compile(pattern, re.DOTALL)) for name, pattern in table)


def error_class(text: str) -> str:
    """The class of an error text, by the first pattern that is found in it."""
    return next((name for name, pattern in _error_classes() if pattern.search(text)), "other")
