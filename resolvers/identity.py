"""Global ids: opaque to clients, a type and a row number inside."""

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from functools import lru_cache
from typing import Any

import models
from models.base import Row
from models.errors import BadUserInput

LARGEST = 2**63 - 1

NODES: dict[str, type[Row]] = {
    model.__name__: model
    for model in (
        models.Alert,
        models.ApiKey,
        models.Application,
        models.ApprovalPolicy,
        models.ChangeRequest,
        models.CustomField,
        models.Event,
        models.Experiment,
        models.Family,
        models.FeatureFlag,
        models.File,
        models.Goal,
        models.Holdout,
        models.Metric,
        models.MetricCategory,
        models.Note,
        models.SavedMetric,
        models.ScheduledAction,
        models.Segment,
        models.Source,
        models.Tag,
        models.Team,
        models.UnitType,
        models.User,
        models.Variant,
    )
}
"""GraphQL type name → model, for everything that ``node(id:)`` can find."""


def global_id(row: Row) -> str:
    """The id by which clients know the row."""
    return encode(type(row).__name__, row.id)


@lru_cache(20_000)
def encode(type_name: str, number: int) -> str:
    """The global id of a row number."""
    # Letters, digits and a colon never come to a sign that is not safe in a URL.
    return b2a_base64(f"{type_name}:{number}".encode(), newline=False).decode().rstrip("=")


def decode(text: str) -> tuple[type[Row], int]:
    """The model and row number of a global id. Raises BadUserInput for anything else."""
    try:
        padded = text + "=" * (-len(text) % 4)
        type_name, _, digits = urlsafe_b64decode(padded.encode("ascii")).decode().partition(":")
        number = int(digits) if digits.isascii() and digits.isdigit() else -1
    except ValueError:
        raise _malformed(text) from None
    model = NODES.get(type_name)
    if model is None or not 0 <= number <= LARGEST or encode(type_name, number) != text:
        raise _malformed(text)
    return model, number


def decode_as(model: type[Any], text: str) -> int:
    """The row number of a global id that must name a row of ``model``."""
    found, number = decode(text)
    if found is not model:
        raise BadUserInput(
            f"{shorten(text)} is the id of a thing of type {found.__name__}, not {model.__name__}."
        )
    return number


LONGEST_SHOWN = 60


def shorten(text: str) -> str:
    """A value as a message shows it: quoted, cut at `LONGEST_SHOWN` characters."""
    return repr(text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…")


def _malformed(text: str) -> BadUserInput:
    return BadUserInput(f"{shorten(text)} is not an id of this graph.")
