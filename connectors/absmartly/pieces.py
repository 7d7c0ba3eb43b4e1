"""Pieces that many of ABsmartly's objects share: authors, link rows, rows of an experiment."""

from functools import partial

from connectors.payloads import pieces
from connectors.payloads.holdings import LEFT, Back, One, Part
from connectors.payloads.pieces import AUDIT, one
from connectors.payloads.shapes import Shape, same
from models.base import Table
from models.tag import Tag, TagKind

NAMED = AUDIT | same("name description archived")

ENDS = ("experiment", "metric", "goal", "team")

HOLDERS = frozenset({"id"} | {f"{end}{suffix}" for end in ENDS for suffix in ("", "_id")})
"""The keys by which a row repeats whose it is."""


AUTHORS = one("created_by", "created_by_user_id", "created_by_id", "user") | one(
    "updated_by", "updated_by_user_id", "updated_by_id", "user"
)


links = partial(pieces.links, rest=LEFT, ignored=HOLDERS)
owned = partial(pieces.owned, rest=LEFT, ignored=HOLDERS)

USER_OF_ROW = One("user", "user_id", "user_id", "user")
TEAM_OF_ROW = One("team", "team_id", "team_id", "team")
APPLICATION_OF_ROW = One("application", "application_id", "application_id", "application")
UNIT_TYPE_OF_ROW = One("unit_type", "unit_type_id", "unit_type_id", "unit_type")


def tag_of_row(kind: str) -> One:
    """The tag of a link row; each family of tags has ids of its own."""
    return One(f"{kind}_tag", f"{kind}_tag_id", "tag_id", f"{kind}_tag")


def back(model: type[Table], shape: str) -> Back:
    """An association that the other end owns, as this end lists it."""
    return Back(model, shape, f"{shape}_id", shape)


def tag(kind: TagKind, holder: str, model: type[Table]) -> Shape:
    """One family of tags."""
    return Shape(
        name=f"{holder}_tag",
        model=Tag,
        natural=("tag",),
        constants={"kind": kind},
        columns=AUDIT | same("tag"),
        parts=AUTHORS | {f"{holder}s": back(model, holder)},
        ignored=frozenset({"id"}),
    )


def named(name: str, model: type[Table], columns: str = "", **parts: Part) -> Shape:
    """A small thing that has a name, and little else."""
    return Shape(
        name=name,
        model=model,
        natural=("name",),
        columns=NAMED | same(columns),
        parts={**AUTHORS, **parts},
        kept=frozenset({"experiments", "metrics"} - parts.keys()),
        ignored=frozenset({"id"}),
    )
