"""URLs as they may be shown: in errors, logs, links and lineage nobody should find what opens a door.

What is secret in a URL is the user and password before its host, the values in its query, which may sign it, and its
fragment. All functions take time in proportion to the length of their text.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

MASK = "***"

_WORD = re.compile(r'[^\s"]+')
_HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:@]*)(:[0-9]*)?")
_SCHEME = re.compile(r"[A-Za-z0-9+.-]*\Z")
_LONGEST_SCHEME = 20
# what a text has behind a URL, and not in it
_BEHIND = "]')}>.,:;"
# in these the part before the @ names a connection or a container, unless it is a user and a password
_OBJECT_STORES = frozenset(
    {"abfs", "abfss", "adl", "az", "file", "gcs", "gs", "hdfs", "pfs", "s3", "s3a", "s3n", "wasb", "wasbs"}
)
_SECRET_NAME = re.compile(r"sig|tok|key|secret|pass|pwd|auth|cred|code|jwt|sess", re.IGNORECASE)
# Airflow 2 masks each registered secret wherever it occurs, be it one letter
_SHORTEST_SECRET = 6
_SHORTEST_UNNAMED = 24


def masked(text: str) -> str:
    """Mask what is secret in every URL of a text; the rest stays as it is."""
    return _WORD.sub(lambda word: _masked_word(word[0]), text) if "://" in text else text


def masked_url(url: str) -> str:
    """Mask what is secret in a URL: scheme, host and path stay.

    :param url: alone, without any text around it; ``user:password@host`` without a scheme counts, too.
    """
    return _masked_word(url if "://" in url else f"://{url}").removeprefix("://")


def masked_userinfo(url: str) -> str:
    """Mask the user and password of a URL whose path may have a ``?`` in it, as those of object stores may."""
    return _masked_users(url)


def is_well_formed(url: str) -> bool:
    """Say whether a URL has a scheme, and before its path no more than user, password, host and port.

    A password with a slash that nobody encoded makes another host of the user, and of the password a port or a path,
    which are not masked then.
    """
    scheme, separator, rest = url.partition("://")
    authority = _authority(rest)
    return bool(scheme and separator) and _HOST_AND_PORT.fullmatch(authority[authority.rfind("@") + 1 :]) is not None


def has_secrets(text: str) -> bool:
    """Say whether a text has a URL with something secret in it."""
    return masked(text) != text


def public_url(url: str) -> str:
    """Leave out what is secret in a URL, so that it still leads somewhere: user, password, query and fragment."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{_before_query(rest[_userinfo_length(scheme, rest) :])}"


def secrets_of(url: str) -> list[str]:
    """Give the secret parts of a URL, as they stand there and decoded, for what masks texts of others.

    Parts that are too short to be secrets are left out: they would be masked in every word that has them.
    """
    scheme, _, rest = url.rpartition("://") if "://" not in url else url.partition("://")
    end = _userinfo_length(scheme, rest)
    userinfo = rest[: max(0, end - 1)]
    query = rest[end + len(_before_query(rest[end:])) + 1 :]
    parts = [userinfo, *userinfo.split(":", 1), query, *_secret_values(query)]
    return list(dict.fromkeys(part for text in parts for part in (text, unquote(text)) if _is_long(part)))


def _secret_values(query: str) -> list[str]:
    pairs = (pair.partition("=") for pair in re.split(r"[&;#]", query))
    return [
        value or name
        for name, _, value in pairs
        if not value or _SECRET_NAME.search(name) or len(value) >= _SHORTEST_UNNAMED
    ]


def _is_long(secret: str) -> bool:
    return len(secret) >= _SHORTEST_SECRET


def _masked_word(word: str) -> str:
    """Mask in one word, which may be several URLs with something other than a space between them."""
    return _without_query(_masked_users(word)) if "://" in word else word


def _masked_users(word: str) -> str:
    first, *rest = word.split("://")
    shown = [first]
    for part in rest:
        end = _userinfo_length(shown[-1], part)
        shown.append(f"{MASK}@{part[end:]}" if end else part)
    return "://".join(shown)


def _userinfo_length(before: str, rest: str) -> int:
    """Count the characters up to the host, with the @ before it; 0 if there is no user or it is none.

    :param before: what stands before the ``://``, and ends with the scheme.
    """
    authority = _authority(rest)
    end = authority.rfind("@") + 1
    if not end and not _HOST_AND_PORT.fullmatch(authority):
        end = rest.rfind("@") + 1  # a password with a slash that nobody encoded
    scheme = _SCHEME.search(before[-_LONGEST_SCHEME:])
    assert scheme is not None
    is_name = scheme[0].lower() in _OBJECT_STORES and ":" not in rest[:end]
    return 0 if is_name else end


def _authority(rest: str) -> str:
    return re.split(r"[/?#]", rest, maxsplit=1)[0]


def _before_query(rest: str) -> str:
    return re.split(r"[?#]", rest, maxsplit=1)[0]


def _without_query(word: str) -> str:
    scheme, separator, rest = word.partition("://")
    path = _before_query(rest)
    if len(path) == len(rest):
        return word
    query = rest[len(path) :].rstrip(_BEHIND)
    return f"{scheme}{separator}{path}{_masked_query(query)}{rest[len(path) + len(query) :]}"


def _masked_query(query: str) -> str:
    values, fragment, _ = query[1:].partition("#")
    if query[:1] == "#":
        return f"#{MASK}"
    pairs = "&".join(map(_masked_pair, values.split("&")))
    return f"?{pairs}#{MASK}" if fragment else f"?{pairs}"


def _masked_pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    # without a value, or with no more than padding for one, the name is the secret
    return f"{name}={MASK}" if value.strip("=") else MASK
