"""The page docs/lifecycle.md, printed from the tables that it documents."""

from collections.abc import Callable, Iterable, Iterator

from models.lifecycle import TABLES, Overlay, Transition
from models.phase import Phase, Platform

INTRODUCTION = """# The lifecycle

An experiment is in exactly one phase. Overlays stand beside it: archived, deleted, released (one
variant is given to everybody), scheduled. Each platform has its own table; an action that a
platform lacks is refused, never imitated. `lifecycle(platform:)` serves these tables as data, and
`availableTransitions` says for one experiment which of the actions may be taken now, and everything
that is in the way of the others.

This page is printed from `models/lifecycle.py`; a test compares them.
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


def _said(functions: Iterable[Callable[..., object]]) -> str:
    return " ".join(" ".join((function.__doc__ or "").split()) for function in functions)
