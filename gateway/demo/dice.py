"""Chance that falls alike on every machine: the same words make the same throws."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of throws, named by words; another stream does not disturb it."""

    def __init__(self, *words: object) -> None:
        # Of a generator's methods only random() is promised to be alike in every Python.
        generator = random.Random(" ".join(map(str, words)))  # noqa: S311 (no secret)
        self._throw = generator.random

    def chance(self, share: float) -> bool:
        """True in ``share`` of all cases."""
        return self._throw() < share

    def real(self, low: float, high: float) -> float:
        """A number from ``low`` up to ``high``."""
        return low + (high - low) * self._throw()

    def whole(self, low: int, high: int) -> int:
        """A whole number, ``low`` and ``high`` included."""
        return low + int((high - low + 1) * self._throw())

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[int(len(options) * self._throw())]

    def popular(self, options: Sequence[T]) -> T:
        """One of the options by Zipf's law: the k-th is met k times as seldom as the first."""
        return options[int((len(options) + 1) ** self._throw()) - 1]

    def several(self, options: Sequence[T], wanted: int) -> list[T]:
        """Different options by the same law: ``wanted`` of them, or all if there are fewer."""
        found: dict[T, None] = {}
        while len(found) < min(len(options), wanted):
            found[self.popular(options)] = None
        return list(found)

    def weighted(self, options: Sequence[tuple[int, T]]) -> T:
        """One of the options, as likely as its weight says."""
        left = self._throw() * sum(weight for weight, _ in options)
        for weight, option in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][1]

    def normal(self) -> float:
        """A number around 0 with standard deviation 1, never beyond 6: twelve throws, added."""
        return sum(self._throw() for _ in range(12)) - 6.0

    def seed(self) -> str:
        """A 64-bit number as decimal text."""
        return str((self.whole(0, 2**31 - 1) << 32) | self.whole(0, 2**32 - 1))

    def letters(self, alphabet: str, length: int) -> str:
        """A word of ``length`` letters."""
        return "".join(self.pick(alphabet) for _ in range(length))
