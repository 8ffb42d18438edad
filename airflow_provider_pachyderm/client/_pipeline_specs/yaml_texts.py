"""YAML as pachctl reads it: booleans are true and false, keys are text, and dates and times stay text."""

from __future__ import annotations

import re
from typing import Any

import yaml

_SCALARS = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "int": (r"0|-?[1-9][0-9]*", "-0123456789"),
    "float": (r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    "merge": (r"<<", "<"),
}


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """Knows the plain scalars above and no others."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012  PyYAML keeps them so

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        self.flatten_mapping(node)
        return {str(key.value): self.construct_object(value, deep=True) for key, value in node.value}


for _name, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), list(_first))
_Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))
_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def load_all(text: str) -> list[Any]:
    """Read all documents.

    :raises yaml.YAMLError: for anything else.
    """
    return list(yaml.load_all(text, Loader=_Loader))
