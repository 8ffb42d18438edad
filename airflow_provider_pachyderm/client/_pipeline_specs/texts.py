"""Reading the text of specs as pachctl does: JSON, one object or several, or YAML, one document or several."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from airflow_provider_pachyderm.client._errors import InvalidSpec

_SPACE = re.compile(r"\s*")
_TAB = re.compile(r"""("(?:\\.|[^"\\])*"|'[^']*')|\t""", re.DOTALL)


def documents(text: str, source: str) -> list[Any]:
    """Give the specs of a text; a list of them stands for its items.

    :param source: where it is from, for error texts.
    :raises InvalidSpec: if it is neither JSON nor YAML.
    """
    text = text.removeprefix("\ufeff")
    read = list(_json(text) or _yaml(text, source))
    return [spec for document in read for spec in (document if isinstance(document, list) else [document])]


def _json(text: str) -> list[Any] | None:
    """Read JSON values that follow each other; None if it is something else."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    decoder = json.JSONDecoder()
    values: list[Any] = []
    position = _skip(text, 0)
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError:
            return None
        values.append(value)
        position = _skip(text, position)
    return values


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _yaml(text: str, source: str) -> Iterator[Any]:
    from yaml import YAMLError

    from airflow_provider_pachyderm.client._pipeline_specs.yaml_texts import load_all

    if text.lstrip().startswith(("{", "[")):
        # in braces, tabs are no more than space, but PyYAML does not take them
        text = _TAB.sub(lambda found: found[1] or " ", text)
    try:
        for document in load_all(text):
            if document is not None:
                yield document
    except YAMLError as error:
        raise InvalidSpec(f"{source} is neither JSON nor YAML: {error}") from error
