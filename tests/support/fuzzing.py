"""What the fuzz tests share: how long they look, and values that nobody would write.

A normal run tries some examples of each; ``FUZZ=N`` tries N.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ", "25"))

fuzzed: Callable[[Any], Any] = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize="FUZZ" not in os.environ,
)

_ODD = [
    *("", "/", "//", ".", "..", "@", "=", ":", "~", "^", "-", "_", "*", "?", "[", "]", "{", "}", "\\", "%", "#", "&"),
    *("\0", "\n", "\r", "\t", " ", "\x7f", "\u202e", "é", "\ud800", "٣", "²", "𝟙", "😀"),
    *("a", "repo", "master", "0" * 32, "f" * 32, "../", "/etc/passwd", "project/", ".meta", ".spec", "true", "null"),
    *("9" * 20, "9" * 5000, "1e999", "-1", "0x10", "://", "grpcs://", "unix:", "[::1]", "localhost", ":30650", "@:@"),
]

pieces = st.lists(st.sampled_from(_ODD) | st.text(max_size=5), max_size=8).map("".join)
"""Texts made of what has a meaning somewhere."""

texts = pieces | st.text(max_size=60)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(texts, inside, max_size=3),
    max_leaves=8,
)
"""All that JSON may hold, also where something else is expected."""

anything = json_values | st.binary(max_size=20) | st.tuples(json_values, json_values) | st.sets(st.integers())
