"""Where a recorded message and an actual one differ, whatever ids and times this server chose."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue

# hexadecimal digits: 68 of a datum of 1.x, 32, a dot and 64 of a file set of 2.12, 32 of a commit; transactions of 1.x
# are UUIDs with dashes
_ID = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{68}|[0-9a-f]{32}\.[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"(?![0-9a-f])"
)
_PRESENCE_ONLY = {"google.protobuf.Timestamp", "google.protobuf.Duration"}
# These depend on the storage engine, the build or the cluster, not on the request.
IGNORED = {
    "FileInfo": {"hash", "block_refs"},
    "CommitInfo": {"tree", "trees", "datums", "size_bytes_upper_bound"},
    "RepoInfo": {"size_bytes_upper_bound"},
    "Version": {"git_commit", "git_tree_modified", "build_date", "go_version", "platform"},
    "JobInfo": {"worker_status"},
    "PipelineInfo": {"workers_available", "githook_url"},
    "Details": {"worker_status", "workers_available", "unclaimed_tasks"},
    "LogMessage": {"worker_id"},
    "DatumInfo": {"image_id"},
    "InputFile": {"hash"},
}
# The servers leave the order of these to chance.
UNORDERED = {
    "BranchInfo": {"direct_provenance", "provenance", "subvenance"},
    "CommitInfo": {
        "branch_provenance",
        "commit_provenance",
        "provenance",
        "subvenance",
        "child_commits",
        "direct_provenance",
        "direct_subvenance",
    },
    "RepoInfo": {"provenance", "branches"},
}
# The spaces in these are left to chance.
JSON = {
    "user_spec_json",
    "effective_spec_json",
    "effective_create_pipeline_request_json",
    "cluster_defaults_json",
    "project_defaults_json",
    "user_json",
    "effective_json",
}
# What the answers of a step that says ``compare`` are reduced to.
_JOB = ("job", "job_info")
REDUCED = {"ids": _JOB, "state": (*_JOB, "pipeline", "version", "stopped", "state")}


class Ids:
    """The recorded ids and the ids that stand for them here."""

    def __init__(self) -> None:
        self._actual: dict[str, str] = {}
        self._recorded: dict[str, str] = {}

    def pair(self, recorded: str, actual: str) -> bool:
        """Whether these two belong together; the first meeting pairs them."""
        if recorded not in self._actual and actual not in self._recorded:
            self._actual[recorded], self._recorded[actual] = actual, recorded
        return self._actual.get(recorded) == actual

    def same(self, recorded: str, actual: str) -> bool:
        """Whether two texts are equal but for their ids, and those belong together."""
        if _ID.sub("#", recorded) != _ID.sub("#", actual):
            return False
        paired = [self.pair(*ids) for ids in zip(_ID.findall(recorded), _ID.findall(actual), strict=True)]
        return all(paired)

    def translate(self, recorded: str) -> str:
        """A recorded text with the ids of this server; an id that no answer showed stands for itself."""
        return _ID.sub(lambda match: self._known(match[0]), recorded)

    def put_in(self, message: Message) -> None:
        """Put the ids of this server into the texts of a recorded request."""
        for kind, value in message.ListFields():
            if is_map(kind):
                continue
            if kind.message_type is not None:
                for part in value if is_repeated(kind) else [value]:
                    self.put_in(part)
            elif kind.type == FieldDescriptor.TYPE_STRING:
                if is_repeated(kind):
                    value[:] = [self.translate(each) for each in value]
                else:
                    setattr(message, kind.name, self.translate(value))

    def copy(self) -> Ids:
        """The pairs as they are now."""
        other = Ids()
        other._actual, other._recorded = dict(self._actual), dict(self._recorded)
        return other

    def _known(self, recorded: str) -> str:
        self.pair(recorded, recorded)
        return self._actual.get(recorded, recorded)

    def mask(self, text: str, *, recorded: bool) -> str:
        """A text for sorting, equal on both sides as far as their ids are known."""
        if recorded:
            return _ID.sub(lambda match: self._actual.get(match[0], "#"), text)
        return _ID.sub(lambda match: match[0] if match[0] in self._recorded else "#", text)


class Comparison:
    """Compares messages, pairing ids as they are met."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def lists(self, where: str, recorded: list[Any], actual: list[Any], unordered: bool) -> Iterator[str]:
        """The differences of two lists, of messages or of values."""
        if len(recorded) != len(actual):
            yield f"{where or 'answer'}: {_names(recorded)} became {_names(actual)}"
            return
        if unordered:
            recorded = sorted(recorded, key=lambda value: self._sort_key(value, recorded=True))
            actual = sorted(actual, key=lambda value: self._sort_key(value, recorded=False))
        for index, pair in enumerate(zip(recorded, actual, strict=True)):
            yield from self._values(f"{where}[{index}]", *pair, unordered)

    def _values(self, where: str, recorded: Any, actual: Any, unordered: bool) -> Iterator[str]:
        if isinstance(recorded, Message):
            for name in fields(recorded):
                yield from self._field(f"{where}.{name.name}".lstrip("."), name, recorded, actual, unordered)
        elif isinstance(recorded, str):
            if not self._ids.same(recorded, actual):
                yield f"{where}: {self._ids.translate(recorded)!r} became {actual!r}"
        elif recorded != actual:
            yield f"{where}: {recorded!r:.100} became {actual!r:.100}"

    def _field(self, where: str, kind: FieldDescriptor, recorded: Any, actual: Any, unordered: bool) -> Iterator[str]:
        one, other = getattr(recorded, kind.name), getattr(actual, kind.name)
        if is_map(kind):
            if dict(one) != dict(other):
                yield f"{where}: {dict(one)} became {dict(other)}"
        elif is_repeated(kind):
            loose = unordered or kind.name in UNORDERED.get(recorded.DESCRIPTOR.name, ())
            yield from self.lists(where, list(one), list(other), loose)
        elif kind.message_type is not None:
            had, has = recorded.HasField(kind.name), actual.HasField(kind.name)
            if had != has:
                yield f"{where}: {'set' if had else 'unset'} became {'set' if has else 'unset'}"
            elif had and kind.message_type.full_name not in _PRESENCE_ONLY:
                yield from self._values(where, one, other, unordered)
        elif kind.name in JSON:
            yield from self._values(where, _normal(one), _normal(other), unordered)
        else:
            yield from self._values(where, one, other, unordered)

    def _sort_key(self, value: Any, *, recorded: bool) -> str:
        """A text that is equal for equal content, whatever its times and the ids not met before."""
        if not isinstance(value, Message):
            return self._ids.mask(str(value), recorded=recorded)
        parts = []
        for kind in fields(value):
            part = getattr(value, kind.name)
            if kind.message_type is None or is_map(kind):
                parts.append(f"{kind.name}={self._ids.mask(str(part), recorded=recorded)}")
            elif kind.message_type.full_name not in _PRESENCE_ONLY:
                values = list(part) if is_repeated(kind) else [part] if value.HasField(kind.name) else []
                parts += sorted(self._sort_key(each, recorded=recorded) for each in values)
        return "|".join(parts)


def fields(message: Any) -> list[FieldDescriptor]:
    """The fields that have to agree."""
    ignored = IGNORED.get(message.DESCRIPTOR.name, set()) | ({"details"} if _is_of_meta_repo(message) else set())
    return [kind for kind in message.DESCRIPTOR.fields if kind.name not in ignored]


def _is_of_meta_repo(message: Any) -> bool:
    """The sizes of meta repos depend on how long datums took."""
    if not message.DESCRIPTOR.full_name.endswith(("v2.pfs.CommitInfo", "v2.pfs.RepoInfo")):
        return False
    owner = message.commit if message.DESCRIPTOR.name == "CommitInfo" else message
    if not owner.HasField("repo"):
        # before 2.6 a commit names its repo by the branch alone
        owner = owner.branch
    return bool(owner.repo.type == "meta")


def reduced(message: Any, names: tuple[str, ...]) -> Any:
    """A message with some of its fields only, also in lists of it."""
    out = type(message)()
    for kind, value in message.ListFields():
        if kind.name == "job_info":
            out.job_info.extend(reduced(each, names) for each in value)
        elif kind.name in names and kind.message_type is not None:
            getattr(out, kind.name).CopyFrom(value)
        elif kind.name in names:
            setattr(out, kind.name, value)
    return out


def _normal(text: str) -> str:
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def is_repeated(kind: FieldDescriptor) -> bool:
    """Whether a field is a list."""
    # the one spelling that protobuf 4.25 and 7 share without a warning
    return isinstance(kind.default_value, list)


def is_map(kind: FieldDescriptor) -> bool:
    """Whether a field is a map."""
    return kind.message_type is not None and bool(kind.message_type.GetOptions().map_entry)


def _names(values: list[Any]) -> list[str]:
    return [_name(value) for value in values[:20]]


def _name(value: Any) -> str:
    """The path, name or id by which an entry is known."""
    if not isinstance(value, Message):
        return repr(value)
    for name in ("path", "name", "id"):
        if name in value.DESCRIPTOR.fields_by_name:
            return str(getattr(value, name))
    nested = [part for kind, part in value.ListFields() if kind.message_type is not None and isinstance(part, Message)]
    return _name(nested[0]) if nested else ""


def content_differences(step: dict[str, Any], content: bytes) -> Iterator[str]:
    """Compare streamed content; how it is cut into messages does not count."""
    if "tar" in step:
        entries = _tar_entries(content)
        if entries != step["tar"]:
            yield f"tar: {step['tar']} became {entries}"
    elif "payload" in step:
        expected, actual = step["payload"], {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        if any(expected[key] != value for key, value in actual.items()):
            yield f"content: {expected} became {actual}"
    else:
        expected = b"".join(BytesValue.FromString(base64.b64decode(r["wire"])).value for r in step["responses"])
        if expected != content:
            yield f"content: {expected!r:.100} became {content!r:.100}"


def _tar_entries(content: bytes) -> list[dict[str, Any]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r|", ignore_zeros=True) as tar:
        return [_tar_entry(tar, member) for member in tar]


def _tar_entry(tar: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    body = tar.extractfile(member)
    return {
        "name": member.name,
        "type": "dir" if member.isdir() else "file",
        "size": member.size,
        "sha256": hashlib.sha256(body.read()).hexdigest() if body else "",
    }
