"""Lists that notebooks show as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from html import escape
from typing import Any, TypeVar

T = TypeVar("T")

_MOST_ROWS = 200
_LONGEST_TEXT = 200
_EMPTY = (None, "", (), b"")


class InfoList(list[T]):
    """A list like any other; notebooks show it as a table, with what is said of any of its items as columns."""

    def _repr_html_(self) -> str:
        shown = self[:_MOST_ROWS]
        columns = _columns(shown)
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        rows = "".join(f"<tr>{_row(item, columns)}</tr>" for item in shown)
        more = f"<p>… and {len(self) - len(shown):,} more</p>" if len(self) > len(shown) else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}" if self else "<p>empty</p>"


def _columns(items: Sequence[Any]) -> list[str]:
    """Name the fields that say something of an item; one without a name if items have no fields."""
    if not items or not all(is_dataclass(item) for item in items):
        return [""]
    names = [field.name for field in fields(items[0]) if field.repr]
    return [name for name in names if any(getattr(item, name, None) not in _EMPTY for item in items)]


def _row(item: Any, columns: list[str]) -> str:
    values = (getattr(item, name, None) if name else item for name in columns)
    return "".join(f"<td>{escape(_shortened(_text(value)))}</td>" for value in values)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return str(value)
