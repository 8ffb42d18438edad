"""The input of a spec, which is a tree: combinations, and leaves that read something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

COMBINED: Final = ("cross", "union", "join", "group")
NOW: Final = ("pfs", "cron", *COMBINED)
KINDS: Final = (*NOW, "git", "atom")
"""All there ever were."""


def leaves(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the kind and the content of each leaf of a spec's input, in order."""
    if isinstance(spec.get("input"), dict):
        yield from _leaves(spec["input"])
    for leaf in spec.get("inputs") or ():  # 1.4 and 1.5
        yield "pfs", {**leaf, "repo": (leaf.get("repo") or {}).get("name")}


def _leaves(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in KINDS:
        inner = node.get(kind)
        if kind in COMBINED:
            for child in inner or ():
                yield from _leaves(child)
        elif inner:
            yield kind, inner


def name_of(kind: str, leaf: dict[str, Any]) -> str:
    """Name a leaf: by its name, else by the repo."""
    return str(leaf.get("name") or (leaf.get("repo") if kind != "cron" else "") or "")
