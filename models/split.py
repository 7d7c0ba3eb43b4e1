"""How units are split: the percentages, the variants' weights and the number of arms. Plain Python.

The three say the same thing, and these functions keep them in step. An arm is known by its index; a
platform's answer may list fewer variants than there are arms, and then the others have a share and
nothing more.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from models.arguments import FieldError
from models.rules import Path

SHARE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,9})?")
WHOLE = 100
MOST_ARMS = 200


@dataclass(frozen=True, slots=True)
class Split:
    """Arms by index, each with its weight in percent; None where it has none."""

    arms: Mapping[int, float | None]

    @property
    def count(self) -> int:
        """How many arms there are."""
        return len(self.arms)

    @property
    def percentages(self) -> str | None:
        """The weights as one text, such as 34/33/33; None unless every arm has one."""
        weights = [self.arms[index] for index in sorted(self.arms)]
        written = [_written(weight) for weight in weights if weight is not None]
        return "/".join(written) if written and len(written) == len(weights) else None

    def shared(self, shares: Sequence[float], listed: Collection[int]) -> "Split":
        """As many arms as there are shares, at least those of the variants that are listed."""
        indexes = sorted({*listed, *islice(_free(listed), max(0, len(shares) - len(listed)))})
        return Split(dict(zip(indexes, shares, strict=True)))

    def cleared(self) -> "Split":
        """The same arms without weights."""
        return Split(dict.fromkeys(self.arms))


def split_of(
    listed: Mapping[int, float | None], arms: int | None = None, percentages: str | None = None
) -> Split:
    """The split as it stands: weights by index, the number of arms and the percentages.

    Where a variant has no weight of its own, its share counts.
    """
    shares = shares_of(percentages)
    total = max(len(listed), arms or len(shares))
    indexes = sorted({*listed, *islice(_free(listed), total - len(listed))})
    said = dict(zip(indexes, shares, strict=True)) if len(shares) == len(indexes) else {}
    weights = {index: listed.get(index) for index in indexes}
    return Split(
        {index: said.get(index) if weight is None else weight for index, weight in weights.items()}
    )


def shares_of(percentages: str | None) -> list[float]:
    """The shares that a text names; empty where it names none."""
    parts = (percentages or "").split("/")
    sound = all(SHARE.fullmatch(part.strip()) for part in parts)
    return [float(part) for part in parts] if sound else []


def percentages_text(path: Path, value: Any) -> FieldError | None:
    """Shares from 0 to 100 with slashes between them, one for each arm."""
    parts = value.split("/")
    if len(parts) > MOST_ARMS:
        message = f"{path[-1]} names {len(parts)} shares; {MOST_ARMS} is the most."
        return FieldError(path, message, "max_items")
    if all(SHARE.fullmatch(part) and float(part) <= WHOLE for part in parts):
        return None
    message = f"{path[-1]} must be shares from 0 to 100 with slashes between them, as 34/33/33."
    return FieldError(path, message, "percentages")


def _free(taken: Collection[int]) -> Iterator[int]:
    """The indexes that are free, smallest first."""
    return (index for index in count() if index not in taken)


def next_index(taken: Collection[int]) -> int:
    """The smallest index that is free."""
    return next(_free(taken))


def _written(weight: float) -> str:
    return f"{weight:.9f}".rstrip("0").rstrip(".")
