"""Whether everybody answers alike, leaf by leaf, before anything is measured.

Three things are taken as the same although they are written differently: ids, which the gateway
makes opaque; moments, which ISO 8601 can write in several ways; and PostGraphile's link rows, of
which each holds one thing called ``is``. An experiment's metrics are compared in one order, since
the gateway sorts roles by their rank and the others by their letters.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from benchmarks.load import Failed
from resolvers.identity import decode

MOMENTS = {"createdAt", "startedAt"}


class Disagreement(Failed):
    """Two contenders gave different answers to the same question."""


def compare(question: str, answers: dict[str, bytes], *, opaque: set[str]) -> int:
    """How many leaves the answer has that all of them gave. Raises Disagreement.

    ``opaque`` are the contenders whose ids are the gateway's.
    """
    read = {name: _read(name, answer, opaque=name in opaque) for name, answer in answers.items()}
    reference, expected = next(iter(read.items()))
    for name, given in read.items():
        for place in dict(expected) | dict(given):
            wanted, got = expected.get(place), given.get(place)
            if wanted != got or type(wanted) is not type(got):
                raise Disagreement(
                    f"{question}: at {place} {reference} answers {wanted!r} and {name} {got!r}."
                )
    if not expected:
        raise Disagreement(f"{question}: nothing was answered.")
    return len(expected)


def _read(name: str, answer: bytes, *, opaque: bool) -> dict[str, Any]:
    whole = json.loads(answer)
    if "errors" in whole or not whole.get("data"):
        raise Disagreement(f"{name} answers {answer[:500]!r}.")
    return dict(_leaves("data", whole["data"], opaque=opaque))


def _leaves(place: str, value: Any, *, opaque: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value.keys() == {"is"}:
        value = value["is"]
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{place}.{key}", inner, opaque=opaque)
    elif isinstance(value, list):
        if place.endswith(".secondaryMetrics"):
            value = sorted(value, key=lambda item: (item["role"], item["position"]))
        yield f"{place}.length", len(value)
        for index, inner in enumerate(value):
            yield from _leaves(f"{place}[{index}]", inner, opaque=opaque)
    else:
        yield place, _leaf(place.rpartition(".")[2], value, opaque=opaque)


def _leaf(key: str, value: Any, *, opaque: bool) -> Any:
    if value is None:
        return None
    if key == "id":
        return str(decode(value)[1]) if opaque else value
    if key in MOMENTS:
        return datetime.fromisoformat(value)
    return float(value) if type(value) is int else value
