"""Variations of flags, and the arms that show them: an arm is called like its variation.

What an arm tells the code is what its variation says, until the experiment is activated: then it
is what the experiment froze, if its release does so.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from connectors.payloads.looking import objects, part, tried, word
from connectors.payloads.values import json_text
from connectors.payloads.writing import Values, Writing
from models.experiment import Experiment
from models.feature_flag import FeatureFlag
from models.variant import Variant

VARIANT = Variant.metadata.tables["variant"]
EXPERIMENT = Experiment.metadata.tables["experiment"]
FLAGS = FeatureFlag.metadata.tables["feature_flag"]
FLAG = FLAGS.columns

SNAPSHOT = "snapshot"
"""Where an arm keeps what its variation was when the experiment was activated."""


async def follow(writing: Writing) -> None:
    """Tell the arms of experiments what their variations say, where either was spoken of."""
    for name, column in (("experiment", EXPERIMENT.c.id), ("feature_flag", FLAG.id)):
        for row_ids in writing.staging.rows_of(writing.vocabulary.shapes[name]):
            await _follow(writing, column.in_(row_ids))


async def _follow(writing: Writing, condition: Any) -> None:
    columns = VARIANT.columns
    arms = await writing.rows(
        select(columns.id, columns.external_id, columns.name, columns.description, columns.config,
               columns.extra, FLAG.variations)
        .join(EXPERIMENT, EXPERIMENT.c.id == columns.experiment_id)
        .outerjoin(FLAGS, FLAG.id == EXPERIMENT.c.feature_flag_id)
        .where(EXPERIMENT.c.source_id == writing.source, condition)
        .order_by(columns.id)
    )  # fmt: skip
    changes = [({"id": arm.id}, values) for arm in arms if (values := _differences(arm))]
    await writing.update(VARIANT, changes)
    await writing.changed(VARIANT, [key["id"] for key, _ in changes])


def _differences(arm: Any) -> Values:
    """What of an arm is not as its variation says."""
    known = {said.get("id"): said for said in objects(arm.variations)}
    variation, frozen = known.get(arm.external_id, {}), part(arm.extra, SNAPSHOT)
    wanted = {
        "name": word(variation.get("name")) or arm.name or word(frozen.get("name")),
        "description": word(variation.get("description")) or word(frozen.get("description")),
        "config": _config(frozen, variation),
    }
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(arm, name)
    }


def _config(*sayings: Mapping[str, Any]) -> str | None:
    found = next((said["overrides"] for said in sayings if said.get("overrides") is not None), None)
    return None if found is None else tried(json_text, found)
