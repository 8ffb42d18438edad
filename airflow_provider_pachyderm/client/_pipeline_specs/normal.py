"""Writing a spec as every server reads it: names of fields with underscores, values of their kind."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from airflow_provider_pachyderm.client._capabilities import Capabilities, readable
from airflow_provider_pachyderm.client._pipeline_specs import durations
from airflow_provider_pachyderm.client._pipeline_specs.fields import ALIASES, ARGUMENTS, ENUMS, FIELDS, INSTEAD, ROOT

_INT_LIMIT = 2**63
_SCHEMA = "$schema"


@cache
def _names(part: str) -> dict[str, str]:
    """Give the name of a field by each of its spellings."""
    names = [*FIELDS[part], *(ARGUMENTS if part == ROOT else ())]
    return {**{_camel(name): name for name in names}, **{name: name for name in names}, **ALIASES.get(part, {})}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


class Normaliser:
    """Normalises a spec, and gathers what is wrong in it.

    :param capabilities: of the server that it is for; None if any server may be meant.
    :ivar problems: what is wrong, a sentence each, with the place in the spec.
    """

    def __init__(self, capabilities: Capabilities | None) -> None:
        self._capabilities = capabilities
        self.problems: list[str] = []
        self._kinds: dict[str, Callable[[Any], Any]] = {
            "string": _string,
            "bool": _bool,
            "int": _int,
            "number": _number,
            "duration": _duration,
            "time": _time,
        }

    def part(self, name: str, value: object, path: str = "") -> dict[str, Any]:
        """Normalise an object of a spec.

        :param name: of the kind of part.
        :param path: where it stands in the spec.
        """
        if not isinstance(value, Mapping):
            self._problem(path or "the spec", f"must be an object, not {_what(value)}")
            return {}
        normal: dict[str, Any] = {}
        for key, inner in value.items():
            if key == _SCHEMA:
                continue
            field = _names(name).get(key)
            place = f"{path}.{key}" if path else str(key)
            if field is None:
                close = difflib.get_close_matches(str(key), _names(name), 1)
                self._problem(
                    place, "is not a field of a pipeline spec" + (f": did you mean {close[0]}?" if close else "")
                )
            elif field not in ARGUMENTS or name != ROOT:
                self._check_version(name, field, place)
                normal[field] = None if inner is None else self._value(FIELDS[name][field].kind, inner, place)
        return normal

    def _check_version(self, part: str, field: str, path: str) -> None:
        versions = FIELDS[part][field].versions
        if self._capabilities is None or self._capabilities.within(versions):
            return
        text = f"needs Pachyderm {readable(versions)} (this server is {self._capabilities.version})"
        hint = INSTEAD.get(f"{part}.{field}")
        self._problem(path, f"{text}: {hint}" if hint else text)

    def _value(self, kind: str, value: Any, path: str) -> Any:
        if kind.startswith("["):
            return self._list(kind[1:-1], value, path)
        if kind == "{string}":
            return self._map(value, path)
        if kind == "TFJob" and isinstance(value, Mapping) and "tf_job" not in value and "tfJob" not in value:
            return {"tf_job": json.dumps(value)}
        if kind == "GPUSpec" and self._capabilities is None and isinstance(value, int):
            return value  # 1.4.6 to 1.8.1
        if kind in FIELDS:
            return self.part(kind, value, path)
        read = self._kinds.get(kind) or (lambda value: _enum(kind, value))
        try:
            return read(value)
        except ValueError as error:
            self._problem(path, f"must be {error}, not {_what(value)}")
            return None

    def _list(self, kind: str, value: Any, path: str) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            self._problem(path, f"must be a list, not {_what(value)}")
            return []
        return [self._value(kind, item, f"{path}[{index}]") for index, item in enumerate(value)]

    def _map(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self._problem(path, f"must be an object, not {_what(value)}")
            return {}
        return {str(key): self._value("string", inner, f"{path}.{key}") for key, inner in value.items()}

    def _problem(self, path: str, text: str) -> None:
        self.problems.append(f"{path} {text}")


def _what(value: object) -> str:
    """Name a value in the words of JSON."""
    for kind, name in ((bool, "a boolean"), (str, "text"), ((int, float), "a number"), (Mapping, "an object")):
        if isinstance(value, kind):
            return f"{name} ({value!r})" if name != "an object" else name
    return "a list" if isinstance(value, (list, tuple)) else type(value).__name__


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text: write it in quotes")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _int(value: Any) -> int:
    number = _number(value) if not isinstance(value, int) or isinstance(value, bool) else value
    if number != int(number) or not -_INT_LIMIT <= number < 2 * _INT_LIMIT:
        raise ValueError("a whole number")
    return int(value) if isinstance(value, str) and value.strip("+-").isdigit() else int(number)


def _number(value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise TypeError
        return int(value) if isinstance(value, int) else float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a number") from None


def _duration(value: Any) -> str:
    if isinstance(value, timedelta):
        return durations.of(value)
    try:
        return durations.canonical(value)
    except (TypeError, ValueError):
        raise ValueError('a duration such as "90s" or "1h30m"') from None


def _time(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    try:
        datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        raise ValueError('a time such as "2024-01-31T00:00:00Z"') from None
    return str(value)


def _enum(kind: str, value: Any) -> str:
    names = ENUMS[kind]
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return names[value]
    if value not in names:
        raise ValueError(f"one of {', '.join(names)}")
    return str(value)
