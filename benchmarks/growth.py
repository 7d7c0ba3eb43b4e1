"""How the nested query grows with what is asked, in pages as large as the gateway gives."""

import json
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.agree import compare
from benchmarks.cells import said, source
from benchmarks.contenders import Running, ask
from benchmarks.data import Loaded

ASKED = (10, 50, 200, 1_000)
LARGEST_PAGE = 200
WHO = ("trialgraph", "trialgraph-sqlite", "reference", "strawberry", "mercurius")
TIMES = 7


def measure(running: Sequence[Running], loaded: Loaded, digest: str) -> dict[str, Any]:
    """The median milliseconds of each, one request at a time and in turns."""
    chosen = [one for one in running if one.target.name in WHO]
    found: dict[str, dict[str, float]] = {}
    for asked in ASKED:
        took: dict[str, list[float]] = {one.target.name: [] for one in chosen}
        for turn in range(TIMES):
            answers = {}
            for one in chosen:
                body = _body(one.contender.speaks, asked, loaded.shared, turn * 37, digest)
                begun = perf_counter()
                answers[one.target.name] = ask(one.target, body)
                took[one.target.name].append(1000 * (perf_counter() - begun))
            if turn == 0:
                opaque = {one.target.name for one in chosen if one.contender.speaks == "gateway"}
                compare(f"{asked} experiments", answers, opaque=opaque)
        found[str(asked)] = {name: round(median(times), 1) for name, times in took.items()}
    return found


def _body(speaks: str, asked: int, numbers: Sequence[int], start: int, digest: str) -> bytes:
    """One operation of as many pages as it takes."""
    pages = [min(LARGEST_PAGE, asked - at) for at in range(0, asked, LARGEST_PAGE)]
    fields, variables = [], {}
    for index, size in enumerate(pages):
        after = numbers[start + index * LARGEST_PAGE]
        variables[f"after{index}"] = said(speaks, "after", after, digest)
        window = f"first: {size}, after: $after{index}"
        fields.append(f"page{index}: experiments({window}) {{ nodes {{ ...Whole }} }}")
    declared = ", ".join(f"${name}: String" for name in variables)
    text = f"query Growth({declared}) {{ {' '.join(fields)} }}\n{source('', 'whole')}"
    body = {"query": text, "operationName": "Growth", "variables": variables}
    return json.dumps(body).encode()
