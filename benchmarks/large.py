"""How the gateway holds up with what is stored, up to a million experiments: `make bench-growth`.

TURNS, SIZES and POSTGRESQL (the URL of a server) may be set.
"""

import json
import os
import random
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import multiplied, page, stored
from benchmarks.agree import Disagreement
from benchmarks.cells import PAGE, body
from benchmarks.contenders import CONTENDERS, Running, ask, running
from benchmarks.load import Failed

SIZES = (1_000, 10_000, 100_000, 1_000_000)
WHO = {"trialgraph": "postgresql", "trialgraph-sqlite": "sqlite"}
WARM = 5
"""How many answers of each question are not counted: plans and pages of files come with them."""

RESULTS = Path(__file__).with_name("large.json")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; ``arguments`` are those of experiments, beside how many."""

    title: str
    document: str = ""
    arguments: str = ""
    size: str = f"first: {PAGE}"
    rows: int = PAGE

    def body(self, number: int) -> bytes:
        """The request that asks it, of the experiments around a number where it has a place."""
        if self.document:
            name = "id" if self.document == "one" else "after"
            return body("gateway", self.document, {name: number}, "")
        text = f"{{ experiments({self.size} {self.arguments}) {{ nodes {{ id name phase }} }} }}"
        return json.dumps({"query": text}).encode()


QUESTIONS = (
    Question("50 with everything nested", document="nested"),
    Question("50, scalars", document="list"),
    Question("one with everything", document="one", rows=1),
    Question("the first 50"),
    Question("the last 50", size=f"last: {PAGE}"),
    Question("the first 50 by name", arguments="orderBy: [{name: ASC}]"),
    Question("the latest 50 by `startedAt`", arguments="orderBy: [{startedAt: DESC}]"),
    Question("the first 50 that run", arguments="where: {phase: {eq: RUNNING}}"),
    Question("50 whose name contains a common word", arguments='where: {name: {contains: "the"}}'),
    Question("none, by what no name has", arguments='where: {name: {contains: "zyx"}}', rows=0),
)


def main() -> None:
    """Load, ask in turns, and write the page anew."""
    sizes = tuple(map(int, os.environ.get("SIZES", "").split())) or SIZES
    turns = int(os.environ.get("TURNS", "15"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trialgraph-large-")))
        server = stack.enter_context(stored.server(os.environ.get("POSTGRESQL")))
        log = stack.enter_context((folder / "gateways.log").open("w+"))
        started: dict[tuple[str, int], Running] = {}
        loading: dict[str, dict[str, float]] = {}
        for size in sizes:
            made = stack.enter_context(stored.postgresql(server, f"{stored.NAME}_{size}"))
            urls = {"postgresql": made, "sqlite": f"sqlite:///{folder / f'{size}.db'}"}
            for contender in CONTENDERS:
                if contender.name in WHO:
                    loading.setdefault(contender.name, {})[str(size)] = _load(
                        urls[contender.database], size
                    )
                    first = running(contender, urls, lambda _: QUESTIONS[0].body(1), log)
                    started[contender.name, size] = stack.enter_context(first)
        results: dict[str, Any] = {
            "turns": turns,
            "loading": loading,
            "memory": {},
            "took": _measure(started, turns),
        }
        for (name, size), one in started.items():
            results["memory"].setdefault(name, {})[str(size)] = round(one.memory)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    page.again()


def _load(url: str, size: int) -> float:
    begun = perf_counter()
    multiplied.fill(url, size)
    took = round(perf_counter() - begun, 1)
    sys.stderr.write(f"{size:,} experiments are in {url.partition(':')[0]} after {took} s.\n")
    return took


def _measure(started: dict[tuple[str, int], Running], turns: int) -> dict[str, Any]:
    """The median milliseconds by question, contender and size, one request at a time in turns."""
    found: dict[str, Any] = {}
    for question in QUESTIONS:
        dice = random.Random(question.title)  # noqa: S311  what is wanted is that it repeats
        took: dict[tuple[str, int], list[float]] = {key: [] for key in started}
        for _ in range(WARM + turns):
            place = dice.random()
            for (name, size), one in started.items():
                took[name, size].append(_timed(one, question, 1 + int(place * (size - PAGE))))
        for (name, size), times in took.items():
            kept = found.setdefault(question.title, {}).setdefault(name, {})
            kept[str(size)] = round(median(times[WARM:]), 1)
        sys.stderr.write(f"{question.title}: {found[question.title]}\n")
    return found


def _timed(one: Running, question: Question, number: int) -> float:
    """The milliseconds that an answer takes. Raises Disagreement if it is no whole answer."""
    asked = question.body(number)
    begun = perf_counter()
    answer = ask(one.target, asked)
    took = 1000 * (perf_counter() - begun)
    read = json.loads(answer)
    data = read.get("data") or {}
    rows = 1 if data.get("experiment") else len(data.get("experiments", {}).get("nodes", ()))
    if "errors" in read or rows != question.rows:
        raise Disagreement(f"{one.target.name} answers {answer[:500]!r} to {asked!r}.")
    return took


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"make bench-growth: {error}")
