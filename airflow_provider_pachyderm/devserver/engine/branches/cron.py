"""Cron expressions: five fields, or a name such as ``@daily``, or ``@every 10m``, or ``@never``; in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from airflow_provider_pachyderm.devserver.engine.branches.durations import BadDuration, nanoseconds

_NAMED = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# lowest and highest value, and the names that count from the lowest
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 6, _DAYS))
_EVERY = "@every "
_LONGEST = 5 * 366
_DIGITS = 18
"""All numbers of so many fit in an int64; no field takes one that is near."""


class BadCron(ValueError):
    """Not a cron expression; in the words of the library that Pachyderm reads them with."""


@dataclass(frozen=True)
class Cron:
    """When something is due.

    :param every: so often, instead of at the times of the fields; in whole seconds.
    :param never: not at any time.
    :param free_day: the day of the month or that of the week is free: both must fit, else either may.
    """

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    free_day: bool = True
    every: timedelta | None = None
    never: bool = False

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read an expression.

        :raises BadCron: if it is none.
        """
        if text.startswith(_EVERY):
            return cls(every=_every(text))
        if text.strip() == "@never":
            return cls(never=True)
        fields = _NAMED.get(text, text).split()
        if text.startswith("@") and text not in _NAMED:
            raise BadCron(f"Unrecognized descriptor: {text}")
        if len(fields) != len(_FIELDS):
            raise BadCron(f"Expected exactly {len(_FIELDS)} fields, found {len(fields)}: {text}")
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

    def following(self, due: datetime, now: datetime) -> datetime | None:
        """Give the first time after ``now``, when it was due before: what comes every so often keeps its step."""
        if self.every is not None:
            return due + ((now - due) // self.every + 1) * self.every
        return self.after(now)

    def _fits(self, day: datetime) -> bool:
        fits = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return day.month in self.months and (all(fits) if self.free_day else any(fits))

    def _times(self, day: datetime) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield day.replace(hour=hour, minute=minute)


def _every(text: str) -> timedelta:
    try:
        duration = nanoseconds(text.removeprefix(_EVERY))
    except BadDuration as error:
        raise BadCron(f"Failed to parse duration {text}: {error}") from None
    return timedelta(seconds=max(duration // 10**9, 1))


def _values(field: str, lowest: int, highest: int, names: tuple[str, ...]) -> Iterator[int]:
    for part in filter(None, field.split(",")):
        yield from _range(part, lowest, highest, names)


def _range(part: str, lowest: int, highest: int, names: tuple[str, ...]) -> range:
    values, *steps = part.split("/")
    ends = values.split("-")
    if len(ends) > 2 or len(steps) > 1:
        raise BadCron(f"Too many {'hyphens' if len(ends) > 2 else 'slashes'}: {part}")
    if ends[0] in ("*", "?"):
        first, last = lowest, highest
    else:
        first, last = (_number(end, lowest, names) for end in (ends[0], ends[-1]))
    step = _integer(steps[0]) if steps else 1
    if steps and len(ends) == 1:
        last = highest  # with a step, one value stands for all from it on
    _check_range(part, first, last, lowest, highest)
    if step == 0:
        raise BadCron(f"Step of range should be a positive number: {part}")
    return range(first, last + 1, step)


def _check_range(part: str, first: int, last: int, lowest: int, highest: int) -> None:
    if first < lowest:
        raise BadCron(f"Beginning of range ({first}) below minimum ({lowest}): {part}")
    if last > highest:
        raise BadCron(f"End of range ({last}) above maximum ({highest}): {part}")
    if first > last:
        raise BadCron(f"Beginning of range ({first}) beyond end of range ({last}): {part}")


def _number(text: str, lowest: int, names: tuple[str, ...]) -> int:
    name = text.lower()
    return names.index(name) + lowest if name in names else _integer(text)


def _integer(text: str) -> int:
    is_number, digits = text.isascii() and text.isdecimal(), text.lstrip("0")
    if not is_number or len(digits) > _DIGITS:
        why = "value out of range" if is_number else "invalid syntax"
        raise BadCron(f'Failed to parse int from {text}: strconv.Atoi: parsing "{text}": {why}')
    return int(digits or "0")
