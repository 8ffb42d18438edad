"""Cron expressions: five fields, or a name such as ``@daily``, or ``@every 10m``; in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

_NAMED = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# lowest and highest value, and the names that count from the lowest
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 6, _DAYS))
_PART = re.compile(r"(\*|\?|\w+)(?:-(\w+))?(?:/(\d+))?")
_EVERY = re.compile(r"@every (?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?")
_LONGEST = 5 * 366


class BadCron(ValueError):
    """Not a cron expression."""


@dataclass(frozen=True)
class Cron:
    """When something is due.

    :param every: so often, instead of at the times of the fields.
    :param free_day: the day of the month or that of the week is free: both must fit, else either may.
    """

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    free_day: bool = True
    every: timedelta | None = None

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read an expression.

        :raises BadCron: if it is none.
        """
        if match := _EVERY.fullmatch(text):
            every = timedelta(**{unit: int(count) for unit, count in match.groupdict("0").items()})
            return cls(every=max(every, timedelta(seconds=1)))
        fields = _NAMED.get(text, text).split()
        if len(fields) != len(_FIELDS):
            raise BadCron(f"expected 5 fields, found {len(fields)}: {text}")
        free_day = fields[2] in ("*", "?") or fields[4] in ("*", "?")
        minutes, hours, days, months, weekdays = (
            frozenset(_values(field, *limits)) for field, limits in zip(fields, _FIELDS, strict=True)
        )
        return cls(minutes, hours, days, months, weekdays, free_day)

    def after(self, time: datetime) -> datetime | None:
        """Give the next time it is due after another one; None if it never is."""
        if self.every is not None:
            return time.replace(microsecond=0) + self.every
        first = time.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for number in range(_LONGEST):
            day = first.replace(hour=0, minute=0) + timedelta(days=number)
            if self._fits(day):
                for due in self._times(day):
                    if due >= first:
                        return due
        return None

    def _fits(self, day: datetime) -> bool:
        fits = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return day.month in self.months and (all(fits) if self.free_day else any(fits))

    def _times(self, day: datetime) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield day.replace(hour=hour, minute=minute)


def _values(field: str, lowest: int, highest: int, names: tuple[str, ...]) -> Iterator[int]:
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise BadCron(f"failed to parse {part!r}")
        first, last, step = match.groups()
        if first in "*?":
            begin, end = lowest, highest
        else:
            begin = _number(first, lowest, highest, names)
            # with a step, one value stands for all from it on
            end = _number(last, lowest, highest, names) if last else highest if step else begin
        if begin > end or step == "0":
            raise BadCron(f"failed to parse {part!r}")
        yield from range(begin, end + 1, int(step or 1))


def _number(text: str, lowest: int, highest: int, names: tuple[str, ...]) -> int:
    name = text.lower()
    number = names.index(name) + lowest if name in names else int(text) if text.isdecimal() else -1
    if not lowest <= number <= highest:
        raise BadCron(f"{text!r} is not between {lowest} and {highest}")
    return number
