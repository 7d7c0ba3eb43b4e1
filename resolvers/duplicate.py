"""A new experiment with the design of another: a draft of a family of its own."""

from typing import Any

import models as m
from models.lifecycle import native_state
from models.rules import LONGEST_NAME, key_text, name_text
from resolvers.allocation import allocations_told
from resolvers.arms import difference, told, variants_of
from resolvers.change import Change
from resolvers.copying import copy, new_seed
from resolvers.design import EXPERIMENT, leave_note, sound_note
from resolvers.details import design_of
from resolvers.editing import checked, source_of
from resolvers.families import free_key
from resolvers.linking import links_of
from resolvers.outcome import Outcome
from resolvers.scopes import write_scope
from resolvers.write_through import Outgoing
from resolvers.writing import Noun, Value

COPY = Noun(
    model=m.Experiment,
    fields={"key": Value(key_text), "name": Value(name_text)},
    unique=(),
    checks=(sound_note, free_key),
)
"""What is said of a copy; everything else is as it was."""

SUFFIX = " (copy)"

OWN_FLAG = frozenset({m.Platform.POSTHOG})
"""The platforms where the key is that of the feature flag, so that a copy has another flag."""


async def duplicate_experiment(change: Change, given: Any) -> Outcome:
    """Copy the design of an experiment, whatever became of it; seeds and family are new."""
    change.viewer.require(write_scope(m.Experiment))
    row = await change.find(m.Experiment, given.id, "id")
    change.require_version(row, given.expected_version)
    patch = await checked(change, COPY, None, given, await source_of(change, row))
    name = f"{row.name[: LONGEST_NAME - len(SUFFIX)]}{SUFFIX}"
    flag = None if row.platform in OWN_FLAG else row.feature_flag_id
    made = await copy(
        change,
        row,
        extra=None,
        phase=m.Phase.DRAFT,
        native_state=native_state(row.platform, m.Phase.DRAFT, archived=False),
        seed=new_seed(),
        traffic_seed=new_seed(),
        feature_flag_id=flag,
        details=design_of(row),
        **{"name": name, **patch.values},
    )
    note = await leave_note(change, made, m.NoteAction.CREATE, given.note or None)
    _, variants = difference([], [told(each) for each in await variants_of(change, made)])
    links = await links_of(change, EXPERIMENT, made)
    allocations = await allocations_told(change, made)
    event = await change.created(made, {**links, **variants, **allocations})
    delivery_id = await (await Outgoing.new(change, made)).edited(change, event, "CREATE")
    return Outcome(row_id=made.id, note_id=note.id, event_id=event.id, delivery_id=delivery_id)
