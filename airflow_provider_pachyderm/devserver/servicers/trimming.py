"""Taking the fields out of messages that a release lacks, see :mod:`...releases.fields`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message


def trimmer(kind: Descriptor, lacks: frozenset[str]) -> Callable[[Message], Message] | None:
    """What takes the fields away that a release lacks, from messages of one type and all in them; None if it has all.

    :param lacks: fields as ``Message.field``.
    """
    if not _touched(kind, lacks):
        return None

    def trim(message: Message) -> Message:
        _trim(message, lacks)
        return message

    return trim


def _trim(message: Message, lacks: frozenset[str]) -> None:
    for name in _own(message.DESCRIPTOR, lacks):
        message.ClearField(name)
    for field in _nested(message.DESCRIPTOR, lacks):
        for inner in _values(message, field):
            _trim(inner, lacks)


@cache
def _own(kind: Descriptor, lacks: frozenset[str]) -> tuple[str, ...]:
    """The fields of a message type that are lacking."""
    return tuple(field.name for field in kind.fields if f"{_short(kind)}.{field.name}" in lacks)


@cache
def _nested(kind: Descriptor, lacks: frozenset[str]) -> tuple[FieldDescriptor, ...]:
    """The fields with messages in which something is lacking; maps have none."""
    return tuple(
        field
        for field in kind.fields
        if field.message_type is not None
        and not field.message_type.GetOptions().map_entry
        and _touched(field.message_type, lacks)
    )


@cache
def _touched(kind: Descriptor, lacks: frozenset[str]) -> bool:
    """Whether something is lacking in a message type or in what it holds."""
    return any(_own(one, lacks) for one in _reachable(kind))


def _reachable(kind: Descriptor) -> list[Descriptor]:
    found = {kind.full_name: kind}
    queue = [kind]
    while queue:
        inner = [field.message_type for field in queue.pop().fields if field.message_type is not None]
        new = [one for one in inner if one.full_name not in found]
        found.update({one.full_name: one for one in new})
        queue += new
    return list(found.values())


def _short(kind: Descriptor) -> str:
    """The name of a message type without its package."""
    return str(kind.full_name.removeprefix(f"{kind.file.package}."))


def _values(message: Message, field: FieldDescriptor) -> Iterator[Message]:
    value = getattr(message, field.name)
    # the one spelling that protobuf 4.25 and 7 share without a warning
    if isinstance(field.default_value, list):
        yield from value
    elif message.HasField(field.name):
        yield value
