"""The page docs/lifecycle.md, printed from the tables that it documents."""

from collections.abc import Callable, Iterable, Iterator

from strawberry.utils.str_converters import to_camel_case

from models.editing import ANY, LOCKS, Lock, always
from models.lifecycle import TABLES, Overlay, Transition
from models.phase import Phase, Platform

INTRODUCTION = """# The lifecycle

An experiment is in exactly one phase. Overlays stand beside it: archived, deleted, released (one
variant is given to everybody), scheduled. Each platform has its own table; an action that a
platform lacks is refused, never imitated. `lifecycle(platform:)` serves these tables as data, and
`availableTransitions` says for one experiment which of the actions may be taken now, and everything
that is in the way of the others.

Below each table of actions stands what may not change meanwhile. An edit that would change it is
refused with the rule `locked`, and nothing of it is written; what is said again as it is, is no
change. `variants` is every field of every variant, and their number. Notes can always be written.

This page is printed from `models/lifecycle.py` and `models/editing.py`; a test compares them.
"""

UNDER = {
    Overlay.NONE: "",
    Overlay.UNRELEASED: "not released",
    Overlay.ARCHIVED: "archived",
    Overlay.EITHER: "archived or not",
    Overlay.DELETED: "deleted",
}


def page() -> str:
    """The page as Markdown."""
    return "\n".join([INTRODUCTION, *(line for each in Platform for line in _platform(each))])


def _platform(platform: Platform) -> Iterator[str]:
    rows = TABLES[platform]
    yield f"## {platform}\n"
    yield "```mermaid\nstateDiagram-v2"
    yield from sorted({line for row in rows for line in _arrows(row)})
    yield "```\n"
    yield "| action | from | to | scope | under | only if | arguments | sets |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from (_line(row) for row in rows)
    yield ""
    yield "| locked | while | if | why |"
    yield "|---|---|---|---|"
    yield from (_lock(row) for row in LOCKS[platform])
    yield ""


def _arrows(row: Transition) -> Iterator[str]:
    for phase in Phase:
        if phase in row.sources:
            yield f"    {phase} --> {row.lands(phase)}: {row.action}"


def _line(row: Transition) -> str:
    start = ", ".join(phase for phase in Phase if phase in row.sources)
    cells = (
        row.action,
        start,
        row.to or "the same",
        f"`{row.scope}`",
        UNDER[row.under],
        _said(row.only_if),
        _said(row.asks),
        _said([row.sets]),
    )
    return f"| {' | '.join(cells)} |"


def _lock(row: Lock) -> str:
    fields = ", ".join(f"`{_named(field)}`" for field in row.fields) or "everything"
    spared = " and ".join(f"`{_named(field)}`" for field in row.but)
    phases = ", ".join(phase for phase in Phase if phase in row.phases)
    cells = (
        f"{fields} but {spared}" if spared else fields,
        "always" if row.phases == ANY else phases,
        "" if row.only_if is always else _said([row.only_if]),
        f"{row.why} What is empty may be filled." if row.filling else row.why,
    )
    return f"| {' | '.join(cells)} |"


def _named(field: str) -> str:
    return ".".join(to_camel_case(part) for part in field.split("."))


def _said(functions: Iterable[Callable[..., object]]) -> str:
    return " ".join(" ".join((function.__doc__ or "").split()) for function in functions)
