"""An experiment's whole design as one document, for platforms: what it names goes by external ids.

It is the same for every platform; each connector takes from it what its platform knows.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import models as m
from models import Experiment
from models.base import plain

PLAIN = (
    "key",
    "name",
    "description",
    "native_type",
    "percentages",
    "percentage_of_traffic",
    "audience",
    "audience_strict",
    "hypothesis",
    "prediction",
    "action_points",
    "implementation_details",
    "other",
    "exposure_criteria",
    "stats_config",
    "ramp_levels",
    "seed",
    "traffic_seed",
    "details",
)
"""The columns that stand in the document as they are."""

TARGETS: dict[str, type[Any]] = {
    "unit_type": m.UnitType,
    "primary_metric": m.Metric,
    "holdout": m.Holdout,
    "feature_flag": m.FeatureFlag,
}
LISTS: dict[str, tuple[type[Any], type[Any], str, tuple[str, ...]]] = {
    "secondary_metrics": (m.ExperimentMetric, m.Metric, "metric", ("role",)),
    "saved_metrics": (
        m.ExperimentSavedMetric,
        m.SavedMetric,
        "saved_metric",
        ("role", "link_metadata"),
    ),
    "applications": (
        m.ExperimentApplication,
        m.Application,
        "application",
        ("application_version",),
    ),
    "owners": (m.ExperimentOwner, m.User, "user", ()),
    "teams": (m.ExperimentTeam, m.Team, "team", ()),
    "tags": (m.ExperimentTag, m.Tag, "tag", ()),
}
"""Lists by their links: the link, its target, what the target is called there, further columns."""

VARIANT = ("external_id", "index", "key", "name", "description", "is_control", "weight", "config")


async def blueprint(session: AsyncSession, row: Experiment) -> dict[str, Any]:
    """The design of an experiment.

    ``unit_type``, ``primary_metric``, ``holdout`` and ``feature_flag`` are external ids or None;
    ``owners``, ``teams`` and ``tags`` are lists of them; the other lists hold objects. Variants
    come by their index, allocations name variants by it and segments by external id. Some platforms
    know tags by nothing but their text: ``tag_names`` are the same ones by that.
    """
    effect = row.minimum_detectable_effect
    return {
        **{name: getattr(row, name) for name in PLAIN},
        "type": str(row.type),
        "allocation_strategy": row.allocation_strategy and str(row.allocation_strategy),
        "minimum_detectable_effect": None if effect is None else plain(effect),
        **{name: await _target(session, row, name) for name in TARGETS},
        **{name: await _list(session, row, name) for name in LISTS},
        "tag_names": await _tag_names(session, row),
        "variants": await _variants(session, row),
        "allocations": await _allocations(session, row),
    }


async def _target(session: AsyncSession, row: Experiment, name: str) -> str | None:
    number = getattr(row, f"{name}_id")
    found = None if number is None else await session.get(TARGETS[name], number)
    return found.external_id if found else None


async def _list(session: AsyncSession, row: Experiment, name: str) -> list[Any]:
    link, target, called, extras = LISTS[name]
    statement = (
        select(target.external_id, *(getattr(link, extra) for extra in extras))
        .join(link, getattr(link, f"{called}_id") == target.id)
        .where(link.experiment_id == row.id)
        .order_by(link.position)
    )
    found = (await session.execute(statement)).all()
    if not extras:
        return [external_id for (external_id,) in found]
    return [
        {called: external_id, **dict(zip(extras, values, strict=True))}
        for external_id, *values in found
    ]


async def _tag_names(session: AsyncSession, row: Experiment) -> list[str]:
    statement = (
        select(col(m.Tag.tag))
        .join(m.ExperimentTag, col(m.ExperimentTag.tag_id) == col(m.Tag.id))
        .where(col(m.ExperimentTag.experiment_id) == row.id)
        .order_by(col(m.ExperimentTag.position))
    )
    return list(await session.scalars(statement))


async def _variants(session: AsyncSession, row: Experiment) -> list[dict[str, Any]]:
    statement = (
        select(m.Variant)
        .where(col(m.Variant.experiment_id) == row.id)
        .order_by(col(m.Variant.index))
    )
    return [arm(variant) for variant in await session.scalars(statement)]


def arm(variant: m.Variant) -> dict[str, Any]:
    """A variant as it stands in the document."""
    return {name: getattr(variant, name) for name in VARIANT}


async def _allocations(session: AsyncSession, row: Experiment) -> list[dict[str, Any]]:
    statement = (
        select(m.Allocation, m.Variant, m.Segment)
        .outerjoin(m.Variant, col(m.Variant.id) == col(m.Allocation.variant_id))
        .outerjoin(m.Segment, col(m.Segment.id) == col(m.Allocation.segment_id))
        .where(col(m.Allocation.experiment_id) == row.id)
        .order_by(col(m.Allocation.position))
    )
    rows: list[Any] = list((await session.execute(statement)).all())
    return [
        {
            "variant": variant.external_id if variant else None,
            "variant_index": variant.index if variant else None,
            "segment": segment.external_id if segment else None,
            "weight": allocation.weight,
            "priority": allocation.priority,
            "is_control": allocation.is_control,
            "is_fallback": allocation.is_fallback,
        }
        for allocation, variant, segment in rows
    ]
