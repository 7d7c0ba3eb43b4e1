"""Writes docs/performance.md and its plot from the results of a run."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from string import Template
from typing import Any

from benchmarks import data, plot
from benchmarks.cells import CELLS

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
OURS = "trialgraph"
SYNCS = {"first": "a first sync", "again": "the same again, nothing changed"}


def write(results: Mapping[str, Any]) -> None:
    """Write the page and the plot."""
    machine = results["machine"]
    values = {
        "at": results["at"].replace("T", " ").replace("+00:00", " UTC"),
        "machine_line": f"{machine['cores']} cores with other work on them",
        "rounds": results["rounds"],
        "seconds": results["seconds"],
        "cells": "\n".join(
            f"| {cell.name} | {cell.title} | {_whole(results['leaves'][cell.name])} |"
            for cell in CELLS
        ),
        "rows": f"{data.SHARED:,} experiments of the demo, and {data.APART} of the other kind",
        "rates": "\n\n".join(_rates(results, cell.name, cell.title) for cell in CELLS),
        "growth": _growth(results),
        "large": _large(),
        "standing": _standing(results),
        "writes": _writes(results),
        "python": f"{machine['Python']}",
        "node": machine["Node"],
        "postgresql": machine["PostgreSQL"],
        "load": machine["load"],
        "machine": _table(["", ""], machine.items()),
        **results["settings"],
    }
    text = Template((HERE / "page.md").read_text()).substitute(values)
    (DOCS / "performance.md").write_text(text)
    (DOCS / "performance.svg").write_text(plot.draw(results))


def _rates(results: Mapping[str, Any], cell: str, title: str) -> str:
    measured = results["rates"][cell]
    rows = []
    for name, shown in results["titles"].items():
        row = [shown]
        for connections in measured:
            rates = measured[connections][name]
            ratio = median(rates) / median(measured[connections][OURS])
            spread = f"{_whole(min(rates))}-{_whole(max(rates))}"
            row += [f"**{_whole(median(rates))}**", spread, f"{ratio:.2f}"]
        rows.append(row)
    heads = [title]
    for connections in measured:
        heads += [f"{connections} connection{'s' * (connections != '1')}", "spread", "ratio"]
    return _table(heads, rows)


def _growth(results: Mapping[str, Any]) -> str:
    growth = results["growth"]
    names = next(iter(growth.values()))
    rows = [
        [results["titles"][name], *(_whole(growth[asked][name]) for asked in growth)]
        for name in names
    ]
    return _table(["", *growth], rows)


def _large() -> str:
    """What `benchmarks.large` found last."""
    path = HERE / "large.json"
    if not path.exists():
        return "It was not measured yet."
    found = json.loads(path.read_text())
    rows, names = [], {"trialgraph": "PostgreSQL", "trialgraph-sqlite": "SQLite"}
    for question, kinds in found["took"].items():
        for name, took in kinds.items():
            last = [took[size] for size in ("10000", "1000000") if size in took]
            rows.append([question, names[name], *map(_whole, took.values()), _ratio(*last)])
    for name, took in found["loading"].items():
        rows.append(["seconds to load", names[name], *map(_whole, took.values()), ""])
    for name, took in found["memory"].items():
        rows.append(["MB resident, afterwards", names[name], *map(str, took.values()), ""])
    sizes = [f"{int(size):,}" for size in next(iter(found["memory"].values()))]
    table = _table(["", "", *sizes, "1,000,000 to 10,000"], rows)
    return f"The median of {found['turns']} turns:\n\n{table}"


def _ratio(*both: float) -> str:
    """How the second stands to the first; nothing where only one was measured."""
    return f"{both[1] / both[0]:.2f}" if len(both) > 1 else ""


def _standing(results: Mapping[str, Any]) -> str:
    rows = [
        [shown, f"{results['started'][name]:.1f} s", results["idle"][name], results["loaded"][name]]
        for name, shown in results["titles"].items()
    ]
    return _table(["", "first answer", "MB idle", "MB after the load"], rows)


def _writes(results: Mapping[str, Any]) -> str:
    starts, imports = results["writes"]["starts"], results["writes"]["imports"]
    rows = [
        [f"starts, {clients} client{'s' * (clients != '1')}", *map(_spread, rates.values())]
        for clients, rates in starts.items()
    ]
    rows.append(["imports", *map(_spread, imports.values())])
    rows += [
        [SYNCS[time], *map(_whole, rates.values())]
        for time, rates in results["writes"].get("syncs", {}).items()
    ]
    return _table(["", "PostgreSQL", "SQLite"], rows)


def _spread(rates: Sequence[float]) -> str:
    return f"**{_whole(median(rates))}** ({_whole(min(rates))}-{_whole(max(rates))})"


def _whole(value: float) -> str:
    """A number with as many digits as it deserves."""
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"  # noqa: PLR2004  where a digit counts


def _table(heads: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def again() -> None:
    """Write the page from the last run's results."""
    write(json.loads((HERE / "results.json").read_text()))


if __name__ == "__main__":
    again()
