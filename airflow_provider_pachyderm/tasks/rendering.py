"""Fields of tasks: templates of text, also in DAGs with ``render_template_as_native_obj``, and secrets in URLs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from typing import Any

from airflow_provider_pachyderm._urls import secrets_of

_TEXTS = (str, bytes, os.PathLike)
_NATIVE = "NativeEnvironment"


class RendersText:
    """Renders what became something else than text once more, as text: ``branch="20260102"`` is a name, no number.

    Airflow evaluates what a template gives as Python. So ``content='{"a": 1}'`` would become a dict, and a description
    of digits a number. Lists stay, as they are paths; so do values that no template made.
    """

    # Fields that are one text, never a list.
    texts: tuple[str, ...] = ("content",)

    def _do_render_template_fields(
        self, parent: Any, template_fields: Iterable[str], context: Any, jinja_env: Any, seen_oids: set[int]
    ) -> None:
        fields = list(template_fields)
        given = {name: getattr(parent, name, None) for name in fields}
        super()._do_render_template_fields(parent, fields, context, jinja_env, seen_oids)  # type: ignore[misc]
        if parent is not self or type(jinja_env).__name__ != _NATIVE:
            return
        for name, template in given.items():
            if not self._is_text(name, template, getattr(self, name, None)):
                setattr(self, name, _as_text(context["dag"].get_template_env(force_sandboxed=True), template, context))

    def _is_text(self, name: str, template: object, rendered: object) -> bool:
        """Say whether a field needs no more: it was no template, or is text, or texts, or None."""
        if rendered is None or not (isinstance(template, str) or _are_texts(template)):
            return True
        if rendered is template and isinstance(template, str) and "{" in template:
            return False  # Airflow 2 leaves the template where a number is 0
        if isinstance(rendered, (list, tuple)):
            return name not in self.texts and _are_texts(rendered)
        return isinstance(rendered, _TEXTS) or hasattr(rendered, "open")


def _are_texts(values: object) -> bool:
    return isinstance(values, (list, tuple)) and all(isinstance(value, _TEXTS) for value in values)


def _as_text(env: Any, template: Any, context: Any) -> Any:
    """Render a template, or a list of some, as DAGs without native objects do; their DAG would do it natively again."""
    if isinstance(template, (list, tuple)):
        return [_as_text(env, each, context) if isinstance(each, str) else each for each in template]
    compiled = env.from_string(template)
    known = copy(context)
    known.update({name: value for name, value in compiled.globals.items() if name not in known})
    return "".join(compiled.root_render_func(env.context_class(env, known, compiled.name, compiled.blocks)))


def secrets_of_fields(values: object) -> Iterator[str]:
    """Find the secrets in what a task is given: texts, paths, and lists and dictionaries of them."""
    if isinstance(values, Mapping):
        values = list(values.values())
    if isinstance(values, (list, tuple, set)):
        for value in values:
            yield from secrets_of_fields(value)
    elif (text := _url_text(values)) is not None:
        yield from secrets_of(text)


def _url_text(value: object) -> str | None:
    # a path in object storage says its protocol
    text = str(value) if isinstance(value, str) or hasattr(value, "protocol") else ""
    return text if "://" in text else None
