"""A new experiment from one that is there: its design is copied, its history is not."""

import secrets
from typing import Any

from sqlalchemy import inspect, select

import models as m
from models import Experiment
from models.base import Table
from resolvers.change import Change

DESIGN = (
    "source_id",
    "extra",
    "key",
    "name",
    "description",
    "type",
    "native_type",
    "platform",
    "family_id",
    "ramp_levels",
    "variant_count",
    "percentages",
    "percentage_of_traffic",
    "seed",
    "traffic_seed",
    "unit_type_id",
    "audience",
    "audience_strict",
    "allocation_strategy",
    "holdout_id",
    "feature_flag_id",
    "template_id",
    "exposure_criteria",
    "stats_config",
    "primary_metric_id",
    "minimum_detectable_effect",
    "hypothesis",
    "prediction",
    "action_points",
    "implementation_details",
    "other",
    "details",
)
"""The columns of an experiment that a copy has too."""

PARTS: tuple[type[Table], ...] = (
    m.Variant,
    m.Allocation,
    m.Screenshot,
    m.ExperimentOwner,
    m.ExperimentTeam,
    m.ExperimentTag,
    m.ExperimentApplication,
    m.ExperimentMetric,
    m.ExperimentSavedMetric,
    m.CustomFieldValue,
)
"""What belongs to an experiment's design; variants come first, since others name them."""

NOT_COPIED = frozenset({"id", "experiment_id", "external_id", "extra", "variant_id"})


def new_seed() -> str:
    """What assignment is computed from: a random number of 63 bits, as text."""
    return str(secrets.randbits(63))


async def copy(change: Change, row: Experiment, **changed: Any) -> Experiment:
    """A copy of the experiment with some columns changed, written with all its parts."""
    design = {name: getattr(row, name) for name in DESIGN}
    made = Experiment(
        **{
            **design,
            "created_at": change.at,
            "created_by_id": change.viewer.user_id,
            **changed,
        }
    )
    change.session.add(made)
    await change.session.flush()
    variants: dict[int | None, int] = {}
    for part in PARTS:
        await _copy_part(change, part, row.id, made.id, variants)
    return made


async def _copy_part(
    change: Change, part: type[Any], old: int, new: int, variants: dict[int | None, int]
) -> None:
    columns = [column.key for column in inspect(part).c if column.key not in NOT_COPIED]
    rows = (await change.session.scalars(select(part).where(part.experiment_id == old))).all()
    copies = [
        part(**{name: getattr(row, name) for name in columns}, experiment_id=new) for row in rows
    ]
    for row, made in zip(rows, copies, strict=True):
        if hasattr(row, "variant_id"):
            made.variant_id = variants.get(row.variant_id)
    change.session.add_all(copies)
    await change.session.flush()
    if part is m.Variant:
        variants.update({row.id: made.id for row, made in zip(rows, copies, strict=True)})
