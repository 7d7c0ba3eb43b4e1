"""What an import did, and what it met: counts for people to read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST = 1_000
"""Different texts that a tally keeps apart: a file could invent a new key in every object."""

OUTCOMES = ("created", "updated", "unchanged", "skipped")


class Tally(Counter[tuple[str, str]]):
    """Counts of (what, which); once there are too many kinds, further ones are counted as ``…``."""

    def note(self, what: str, which: str, count: int = 1) -> None:
        """Count one more."""
        known = (what, which) in self or len(self) < MOST
        self[(what, which if known else "…")] += count


@dataclass(slots=True)
class Report:
    """The end report of an import.

    ``outcomes`` are counted by (type, one of OUTCOMES); ``reasons`` say why things were skipped,
    by (type, reason). ``elsewhere`` are rows that no file spoke of and that changed because what
    they waited for arrived. ``unknown_keys`` and ``unknown_words`` are counted by (type, key) and
    (type.key, word). ``upstream_errors`` are what the platform itself reported, by file.
    """

    source: str
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Tally = field(default_factory=Tally)
    elsewhere: Counter[str] = field(default_factory=Counter)
    unknown_keys: Tally = field(default_factory=Tally)
    unknown_words: Tally = field(default_factory=Tally)
    upstream_errors: list[tuple[str, str]] = field(default_factory=list)
    waiting: int = 0

    def skip(self, kind: str, reason: str, count: int = 1) -> None:
        """Count something that was left out."""
        self.outcomes[(kind, "skipped")] += count
        self.reasons.note(kind, reason, count)

    def rows(self) -> Iterator[tuple[str, int, int, int, int]]:
        """A line for each type: its name, created, updated, unchanged, skipped."""
        for kind in sorted({kind for kind, _ in self.outcomes}):
            created, updated, unchanged, skipped = (self.outcomes[(kind, how)] for how in OUTCOMES)
            yield kind, created, updated, unchanged, skipped

    def remarks(self) -> Iterator[tuple[str, str, str, int]]:
        """A line for everything else: the kind of remark, what it is about, a text, a count."""
        for name in ("reasons", "unknown_keys", "unknown_words"):
            tally: Tally = getattr(self, name)
            for (what, which), count in sorted(tally.items()):
                yield REMARKS[name], what, which, count
        for kind, count in sorted(self.elsewhere.items()):
            yield "joined", kind, "changed because what it waited for arrived", count
        if self.waiting:
            yield "waiting", "reference", "points at things that have not arrived", self.waiting
        for (file, error), count in Counter(self.upstream_errors).items():
            yield "reported by the platform", file, error, count


REMARKS = {"reasons": "skipped", "unknown_keys": "unknown key", "unknown_words": "unknown value"}
