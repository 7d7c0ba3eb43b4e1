"""What can be written of an experiment, and the mutations that write it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

import models as m
from models.arguments import FieldError
from models.lifecycle import native_state, row_of
from models.rules import (
    Path,
    json_rule,
    key_text,
    long_text,
    name_text,
    number_rule,
    share,
)
from models.split import percentages_text
from resolvers.allocation import allocations, write_allocations
from resolvers.arms import new_variants, split_in_step, write_variants
from resolvers.change import Change
from resolvers.copying import new_seed
from resolvers.details import platform_details
from resolvers.documents import JSON_TEXT, keep_equal
from resolvers.editing import create, update
from resolvers.families import free_key, rename_family
from resolvers.locks import refuse_locked
from resolvers.native_type import forget_native_type
from resolvers.outcome import Outcome
from resolvers.team_bound import owned_by_own_team
from resolvers.writing import Links, Noun, Patch, Reference, Value

TEMPLATES = (m.ExperimentType.TEST_TEMPLATE, m.ExperimentType.FEATURE_TEMPLATE)
WHOLE = 100


def beside_the_primary(path: Path, value: Any) -> FieldError | None:
    """A role that the primary metric does not have."""
    if value is not m.MetricRole.PRIMARY:
        return None
    return FieldError(path, "The primary metric is said in primaryMetric.", "role")


def ramp_levels(path: Path, value: Sequence[int]) -> FieldError | None:
    """Levels from 0 to 100 percent, each above the one before it."""
    rising = all(lower < upper for lower, upper in pairwise(value))
    if rising and all(0 <= level <= WHOLE for level in value):
        return None
    return FieldError(path, f"{path[-1]} must rise, from 0 to 100 percent.", "ramp_levels")


async def born_as_draft(_: Change, row: Any, patch: Patch) -> None:
    """A check: a new experiment is a draft on every platform, with seeds of its own."""
    if row is None:
        platform = patch.source.platform
        patch.values |= {
            "platform": platform,
            "phase": m.Phase.DRAFT,
            "native_state": native_state(platform, m.Phase.DRAFT, archived=False),
            "seed": new_seed(),
            "traffic_seed": new_seed(),
        }


async def sound_note(_: Change, __: Any, patch: Patch) -> None:
    """A check: the note that is left in the experiment's activity."""
    error = long_text(("note",), patch.given.note) if patch.given.note else None
    patch.wrong += [error] if error else []


async def _sound_design(change: Change, row: Any, patch: Patch) -> None:
    """A check: a template is one, a ramp can be climbed, a text that says the same stays."""
    keep_equal(row, patch, "audience")
    platform = patch.source.platform
    if patch.values.get("ramp_levels") and row_of(platform, m.Action.ADVANCE_RAMP) is None:
        message = f"{platform} has no ramp."
        patch.wrong.append(FieldError(("rampLevels",), message, "platform"))
    template = await _named(change, row, patch, "template", m.Experiment)
    if template is not None and (template is row or template.type not in TEMPLATES):
        message = f"The experiment {template.key} is no template for it."
        patch.wrong.append(FieldError(("template",), message, "template"))
    flag = await _named(change, row, patch, "feature_flag", m.FeatureFlag)
    if flag is not None and flag.archived and platform is m.Platform.AUTH0:
        message = f"The feature flag {flag.key} is archived."
        patch.wrong.append(FieldError(("featureFlag",), message, "archived"))


async def _named(change: Change, row: Any, patch: Patch, name: str, model: Any) -> Any:
    """What a field names anew; None where the viewer does not see it."""
    column, path = f"{name}_id", (to_camel_case(name),)
    number = patch.values.get(column)
    hidden = any(reason.path == path for reason in patch.reasons)
    if number is None or hidden or getattr(row, column, None) == number:
        return None
    return await change.session.get(model, number)


async def _unlocked(change: Change, row: Any, patch: Patch) -> None:
    """A check: nothing is changed that may not change now."""
    if row is not None:
        await refuse_locked(change, EXPERIMENT, row, patch)


EXPERIMENT = Noun(
    model=m.Experiment,
    fields={
        "key": Value(key_text),
        "name": Value(name_text),
        "description": Value(long_text),
        "type": Value(),
        "percentages": Value(percentages_text),
        "percentage_of_traffic": Value(share),
        "unit_type": Reference(m.UnitType),
        "primary_metric": Reference(m.Metric),
        "secondary_metrics": Links(
            m.ExperimentMetric,
            m.Metric,
            "experiment_id",
            "metric_id",
            extras={"role": beside_the_primary},
            within="role",
        ),
        "saved_metrics": Links(
            m.ExperimentSavedMetric,
            m.SavedMetric,
            "experiment_id",
            "saved_metric_id",
            extras={"role": None, "link_metadata": json_rule(dict)},
            names={"link_metadata": "metadata"},
        ),
        "owners": Links(m.ExperimentOwner, m.User, "experiment_id", "user_id"),
        "teams": Links(m.ExperimentTeam, m.Team, "experiment_id", "team_id"),
        "tags": Links(
            m.ExperimentTag,
            m.Tag,
            "experiment_id",
            "tag_id",
            only={"kind": m.TagKind.EXPERIMENT},
        ),
        "applications": Links(
            m.ExperimentApplication,
            m.Application,
            "experiment_id",
            "application_id",
            extras={"application_version": key_text},
            names={"application_version": "version"},
        ),
        "audience": JSON_TEXT,
        "audience_strict": Value(),
        "allocation_strategy": Value(),
        "holdout": Reference(m.Holdout),
        "feature_flag": Reference(m.FeatureFlag),
        "template": Reference(m.Experiment),
        "exposure_criteria": Value(json_rule(dict)),
        "stats_config": Value(json_rule(dict)),
        "minimum_detectable_effect": Value(number_rule(0, 1e15)),
        "ramp_levels": Value(ramp_levels, stored=lambda levels: levels or None),
        "hypothesis": Value(long_text),
        "prediction": Value(long_text),
        "action_points": Value(long_text),
        "implementation_details": Value(long_text),
        "other": Value(long_text),
    },
    unique=(),
    checks=(
        born_as_draft,
        sound_note,
        _sound_design,
        platform_details,
        new_variants,
        split_in_step,
        allocations,
        forget_native_type,
        owned_by_own_team(m.ExperimentTeam, "experiment_id"),
        _unlocked,
        free_key,
    ),
    writes=(rename_family, write_variants, write_allocations),
)


async def create_experiment(change: Change, given: Any) -> Outcome:
    """Make an experiment: a draft, the first iteration of its family, and its first note."""
    return await _noted(change, await create(EXPERIMENT)(change, given), m.NoteAction.CREATE, given)


async def update_experiment(change: Change, given: Any) -> Outcome:
    """Change an experiment; with a note, that is kept too."""
    outcome = await update(EXPERIMENT)(change, given)
    if given.note is UNSET or not given.note:
        return outcome
    return await _noted(change, outcome, m.NoteAction.EDIT, given)


async def _noted(change: Change, outcome: Outcome, action: m.NoteAction, given: Any) -> Outcome:
    row = await change.session.get_one(m.Experiment, outcome.row_id)
    note = await leave_note(change, row, action, given.note or None)
    return replace(outcome, note_id=note.id)


async def leave_note(
    change: Change, row: m.Experiment, action: m.NoteAction, text: str | None
) -> m.Note:
    """The entry of the experiment's activity that a creation or an edit leaves, as on ABsmartly."""
    note = m.Note(source_id=row.source_id, experiment_id=row.id, action=action, note=text)
    await change.add(note)
    return note
