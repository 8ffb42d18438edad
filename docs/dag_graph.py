"""The graph of a DAG as a picture: tasks from top to bottom, as an SVG that takes its colours from the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

WIDTH, HEIGHT = 250, 46
GAP, RISE = 26, 34
_DECORATED = "@task"


@dataclass(frozen=True)
class Task:
    """A box of the graph.

    :param name: its id
    :param kind: the class of its operator, or its decorator
    :param note: what else is worth knowing, such as that it is mapped
    :param after: the tasks before it
    """

    name: str
    kind: str
    note: str = ""
    after: frozenset[str] = field(default_factory=frozenset)


def tasks_of(dag: Any) -> list[Task]:
    """Read the tasks of a DAG; an asset that starts it stands before the first ones."""
    tasks = [_task(task) for task in dag.task_dict.values()]
    watched = [asset.name for asset in _assets(dag)]
    return [Task(name, "asset") for name in watched] + [
        task
        if task.after or not watched
        else Task(task.name, task.kind, task.note, frozenset(watched))
        for task in tasks
    ]


def _task(task: Any) -> Task:
    kind = task.operator_name if task.operator_name.startswith(_DECORATED) else task.task_type
    rule = str(getattr(task.trigger_rule, "value", task.trigger_rule))
    notes = (["mapped"] if task.is_mapped else []) + ([rule] if rule != "all_success" else [])
    return Task(task.task_id, kind, ", ".join(notes), frozenset(task.upstream_task_ids))


def _assets(dag: Any) -> list[Any]:
    condition = getattr(dag.timetable, "asset_condition", None)
    return list(getattr(condition, "objects", [condition])) if condition else []


def picture(tasks: list[Task]) -> str:
    """Draw tasks; an arrow that others imply is left out."""
    direct = {task.name: _direct(task, {each.name: each for each in tasks}) for task in tasks}
    places = _places(_layers(direct))
    width = max(x for x, _ in places.values()) + WIDTH // 2 + 2
    height = max(y for _, y in places.values()) + HEIGHT + 2
    arrows = [
        _arrow(places[before], places[name]) for name in direct for before in sorted(direct[name])
    ]
    boxes = [_box(task, *places[task.name]) for task in tasks]
    said = "; ".join(
        f"{name} after {', '.join(sorted(direct[name]))}" for name in direct if direct[name]
    )
    return (
        f'<svg class="dag" role="img" aria-label="{escape(said)}" viewBox="-2 -2 {width + 2} {height + 2}" '
        f'style="max-width: {width + 2}px" xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(arrows)}{''.join(boxes)}</svg>"
    )


def _direct(task: Task, tasks: Mapping[str, Task]) -> frozenset[str]:
    further: set[str] = set()
    due = list(task.after)
    while due:
        for before in tasks[due.pop()].after - further:
            further.add(before)
            due.append(before)
    return task.after - further


def _layers(direct: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Put each task below those before it; one that starts by itself stands just above the first that needs it."""
    depth: dict[str, int] = {}

    def below(name: str) -> int:
        if name not in depth:
            depth[name] = max((below(before) + 1 for before in direct[name]), default=0)
        return depth[name]

    for name in direct:
        below(name)
    for name in direct:
        after = [depth[other] for other, before in direct.items() if name in before]
        if after and not direct[name]:
            depth[name] = min(after) - 1
    return [[name for name in direct if depth[name] == at] for at in range(max(depth.values()) + 1)]


def _places(layers: list[list[str]]) -> dict[str, tuple[int, int]]:
    """Give the middle of the upper edge of each box; layers are centred."""
    widest = max(map(len, layers))
    places = {}
    for row, names in enumerate(layers):
        left = (widest - len(names)) * (WIDTH + GAP) // 2
        for column, name in enumerate(names):
            places[name] = (left + column * (WIDTH + GAP) + WIDTH // 2, row * (HEIGHT + RISE))
    return places


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x, y), (to_x, to_y) = (start[0], start[1] + HEIGHT), end
    middle = (y + to_y) // 2
    tip = f"M {to_x - 4} {to_y - 7} L {to_x} {to_y} L {to_x + 4} {to_y - 7}"
    return (
        f'<path class="arrow" d="M {x} {y} C {x} {middle}, {to_x} {middle}, {to_x} {to_y} {tip}"/>'
    )


def _box(task: Task, x: int, y: int) -> str:
    kind = f"{task.kind} ({task.note})" if task.note else task.kind
    rounding = HEIGHT // 2 if task.kind == "asset" else 5
    return (
        f'<g class="{"asset" if task.kind == "asset" else "task"}">'
        f'<rect x="{x - WIDTH // 2}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="{rounding}"/>'
        f'<text x="{x}" y="{y + 19}">{escape(task.name)}</text>'
        f'<text class="kind" x="{x}" y="{y + 36}">{escape(kind)}</text></g>'
    )
