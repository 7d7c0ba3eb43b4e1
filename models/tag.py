"""Tags, in three families with separate id spaces."""

from enum import StrEnum

from models.base import Sourced, choice, text


class TagKind(StrEnum):
    """What a tag may be put on."""

    EXPERIMENT = "EXPERIMENT"
    GOAL = "GOAL"
    METRIC = "METRIC"


class Tag(Sourced, table=True):
    """A word put on experiments, goals or metrics."""

    NATURAL_KEY = ("kind", "tag")
    ID_SPACE = ("source_id", "kind")

    kind: TagKind = choice(TagKind)
    tag: str = text(index=True, nullable=False)
