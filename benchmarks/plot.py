"""The plot of a run: bars for each question, as SVG that reads well on light and dark pages."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.cells import CELLS

WIDTH, LEFT, RIGHT = 860, 270, 70
BAR, HEAD, GAP = 18, 34, 14
CONNECTIONS = "8"
MOST = "at 8 connections, requests a second"

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.head { font-weight: 600 }
.small { font-size: 11px; fill: #57606a }
.ours { fill: #0969da } .other { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 }
  .ours { fill: #4493f8 } .other { fill: #656c76 }
}
"""


def draw(results: Mapping[str, Any]) -> str:
    """The bars of every question, each question to its own scale, with lowest and highest round."""
    titles: dict[str, str] = results["titles"]
    panel = HEAD + BAR * len(titles) + GAP
    height = panel * len(CELLS) + GAP
    body = [
        line
        for at, cell in enumerate(CELLS)
        for line in _panel(
            f"{cell.title}, {MOST}",
            titles,
            results["rates"][cell.name][CONNECTIONS],
            GAP + at * panel,
        )
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
        f"<title>Requests a second</title>\n<style>{STYLE}</style>\n"
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _panel(
    title: str, titles: Mapping[str, str], rates: Mapping[str, list[float]], top: int
) -> Iterator[str]:
    yield f'<text class="head" x="0" y="{top + 16}">{escape(title)}</text>'
    scale = (WIDTH - LEFT - RIGHT) / max(max(values) for values in rates.values())
    for at, (name, shown) in enumerate(titles.items()):
        y = top + HEAD + at * BAR
        middle, low, high = median(rates[name]), min(rates[name]), max(rates[name])
        kind = "ours" if name.startswith("trialgraph") else "other"
        end = LEFT + middle * scale
        yield f'<text x="{LEFT - 8}" y="{y + 10}" text-anchor="end">{escape(shown)}</text>'
        yield (
            f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{max(middle * scale, 1):.1f}" '
            f'height="{BAR - 6}"/>'
        )
        yield (
            f'<line x1="{LEFT + low * scale:.1f}" x2="{LEFT + high * scale:.1f}" y1="{y + 6}" '
            f'y2="{y + 6}" stroke="#d29922" stroke-width="2"/>'
        )
        after = max(end, LEFT + high * scale) + 6
        shown_rate = f"{middle:,.0f}" if middle >= 20 else f"{middle:.1f}"  # noqa: PLR2004
        yield f'<text class="small" x="{after:.1f}" y="{y + 10}">{shown_rate}</text>'
