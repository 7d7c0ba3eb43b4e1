"""The media types of answers, and which of them a client wants."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"

ANYTHING = "*/*"
WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)


class _Wish(NamedTuple):
    """How much a media type is wanted: by its weight, and then by how early it is named."""

    weight: float
    earliness: int


@lru_cache(128)
def preferred(accept: str, offered: Sequence[str] = (JSON, GRAPHQL_RESPONSE)) -> str | None:
    """Which of the media types that are offered the header Accept wants most; None for none.

    What has the same weight goes by its place in the header, and what one `*` stands for by its
    place in `offered`: a type that is listed late, as a last resort, is never the one.
    """
    ranges: dict[str, _Wish] = {}
    for place, item in enumerate((accept.strip() or ANYTHING).split(",")):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        ranges.setdefault(name, _Wish(_weight(parameters), -place))
    wishes = {name: wish for name in offered if (wish := _wish(name, ranges)) and wish.weight}
    return max(wishes, key=lambda name: wishes[name], default=None)


def _wish(name: str, ranges: dict[str, _Wish]) -> _Wish | None:
    """What is said of a type: by its name, or else of its kind, or else of anything."""
    kind = name.partition("/")[0]
    return next((ranges[key] for key in (name, f"{kind}/*", ANYTHING) if key in ranges), None)


def _weight(parameters: Sequence[str]) -> float:
    """The parameter q, which is 1 unless given; what is no weight counts as unwanted."""
    given = [part[2:] for part in parameters if part.startswith("q=")]
    if not given:
        return 1.0
    return float(given[0]) if WEIGHT.fullmatch(given[0]) else 0.0
