"""Files as one text, ``repo@branch:/path``, where functions of the client take a commit and a path."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from airflow_provider_pachyderm.client._errors import InvalidReference

F = TypeVar("F", bound=Callable[..., Any])


class _Place(NamedTuple):
    """Two arguments that name a file, and where they are among those that may be given without a name."""

    commit: str
    path: str
    at: int
    path_at: int
    has_default: bool


def takes_text_with_path(commit: str = "commit", path: str = "path") -> Callable[[F], F]:
    """Let a function whose path has a default take that with the commit: ``list_file("repo@branch:/dir")``.

    :param commit: name of the argument that may be such a text.
    :param path: name of the argument that has the path otherwise.
    """

    def decorate(function: F) -> F:
        wrapped: Any = _splitting(function, [(commit, path)])
        return wrapped  # type: ignore[no-any-return]

    return decorate


def takes_file_text(*pairs: tuple[str, str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a function take one argument in the place of two: ``put_file("repo@branch:/path", source)``.

    Overloads say so to type checkers, which take their types from these alone.

    :param pairs: names of the arguments for the commit and for the path; ``commit`` and ``path`` by default.
    """
    return lambda function: _splitting(function, pairs or [("commit", "path")])


def _splitting(function: Callable[..., Any], pairs: Any) -> Callable[..., Any]:
    places = [_place(function, *pair) for pair in pairs]
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            return await function(self, *_split(places, args, kwargs), **kwargs)
    else:

        @wraps(function)
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            return function(self, *_split(places, args, kwargs), **kwargs)

    return wrapper


def _place(function: Callable[..., Any], commit: str, path: str) -> _Place:
    parameters = inspect.signature(function).parameters
    names = list(parameters)[1:]
    has_default = parameters[path].default is not inspect.Parameter.empty
    return _Place(commit, path, names.index(commit), names.index(path), has_default)


def _split(places: list[_Place], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """Give the arguments that come without a name, and put the others in ``kwargs``: commits and paths apart."""
    given = list(args)
    for place in places:
        named = place.commit in kwargs
        text = kwargs[place.commit] if named else given[place.at] if place.at < len(given) else None
        if not isinstance(text, str) or ":" not in text:
            continue
        commit, _, path = text.partition(":")
        if place.path in kwargs or (place.has_default and place.path_at < len(given)):
            raise InvalidReference(f"{text!r} names a path, and {place.path} another one: leave one of them out")
        if named:
            kwargs |= {place.commit: commit, place.path: path}
            continue
        given[place.at] = commit
        if place.has_default:
            kwargs[place.path] = path
        else:
            given.insert(place.path_at, path)
    return given
