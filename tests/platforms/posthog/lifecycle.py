"""Lifecycle calls: what is said where one is not legal, what each sets, what waits at the gate."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from starlette.responses import Response

from tests.platforms.posthog import gate, inputs
from tests.platforms.posthog.state import State, status_of
from tests.platforms.standin import Answer, Ask, Routed, Row, stamp

BEGUN = ("running", "paused", "exposure_frozen", "stopped")
NOT_LAUNCHED = "Experiment has not been launched yet."
ENDED = "Experiment has already ended."
NOT_FROZEN = "Experiment exposure is not frozen."
LAUNCHED = "Experiment has already been launched."
TEXTS: Mapping[str, Mapping[str, str]] = {
    "launch": dict.fromkeys(BEGUN, LAUNCHED),
    "pause": {
        "draft": NOT_LAUNCHED,
        "stopped": ENDED,
        "paused": "Experiment is already paused.",
        "exposure_frozen": "Cannot pause an experiment whose exposure is frozen.",
    },
    "resume": {
        "draft": NOT_LAUNCHED,
        "stopped": ENDED,
        "running": "Experiment is not paused.",
        "exposure_frozen": "Experiment is not paused.",
    },
    "end": {"draft": NOT_LAUNCHED, "stopped": ENDED},
    "ship_variant": {"draft": NOT_LAUNCHED},
    "reset": {"draft": "Experiment is already in draft state."},
    "freeze_exposure": {
        "draft": NOT_LAUNCHED,
        "stopped": ENDED,
        "paused": "Cannot freeze a paused experiment. Resume it first.",
        "exposure_frozen": "Experiment exposure is already frozen.",
    },
    "unfreeze_exposure": {
        "draft": NOT_LAUNCHED,
        "stopped": ENDED,
        "paused": NOT_FROZEN,
        "running": NOT_FROZEN,
    },
}
"""What is said of an action in a status; an action that says nothing of a status is legal in it."""

GATES = {
    "launch": ("experiment.launch", "feature_flag.enable"),
    "resume": ("experiment.launch", "feature_flag.enable"),
    "pause": ("experiment.pause", "feature_flag.disable"),
    "ship_variant": ("experiment.update", "feature_flag.update"),
    "edit": ("experiment.update", "feature_flag.update"),
}
"""The words by which a policy may catch what an action writes to the flag."""

PAST_THE_GATE = frozenset({"launch", "resume", "pause"})
"""What older releases write to the flag whatever the policies say."""


def legal(here: State, row: Row, action: str) -> None:
    """Whether an action is legal in the status of an experiment. Raises Refused with 400."""
    text = TEXTS[action].get(status_of(row))
    if text:
        raise here.invalid(text)


def write_flag(
    here: State, ask: Ask, row: Row, action: str, changes: Row, *, view: bool = True
) -> None:
    """Write to the flag of an experiment, through the gate. Raises Refused with 409."""
    own, flags = GATES[action]
    flag = row["feature_flag"]
    named = ((own, "experiment", row["id"]), (flags, "feature_flag", flag["id"]))
    if not here.newest:
        named = () if action in PAST_THE_GATE else named[1:]  # type: ignore[assignment]
    gate.write(here, ask, gate.Write(actions=named, changes=changes, flag=flag, view=view))


def _launch(here: State, ask: Ask, row: Row) -> None:
    launch(here, ask, row, stamp(), view=True)


def launch(here: State, ask: Ask, row: Row, at: str, *, view: bool) -> None:
    """Begin, at a moment."""
    flag = row["feature_flag"]
    if flag["deleted"]:
        raise here.invalid("Feature flag is deleted.")
    variants = flag["filters"]["multivariate"]["variants"]
    refusal = inputs.against(variants, control=row["type"] == "web" or not here.newest)
    if refusal:
        raise here.invalid(refusal)
    write_flag(here, ask, row, "launch", {"active": True}, view=view)
    row["start_date"] = at
    for metric in [*(row["metrics"] or []), *(row["metrics_secondary"] or [])]:
        metric["fingerprint"] = uuid4().hex


def _pause(here: State, ask: Ask, row: Row) -> None:
    write_flag(here, ask, row, "pause", {"active": False})


def _resume(here: State, ask: Ask, row: Row) -> None:
    write_flag(here, ask, row, "resume", {"active": True})


def _concluded(here: State, ask: Ask) -> Row:
    conclusion = ask.body.get("conclusion")
    if conclusion not in {None, *inputs.CONCLUSIONS}:
        raise here.invalid(f'"{conclusion}" is not a valid choice.', "conclusion")
    names = ("conclusion", "conclusion_comment")
    return {name: ask.body[name] for name in names if name in ask.body}


def _end(here: State, ask: Ask, row: Row) -> None:
    row.update(_concluded(here, ask), end_date=stamp())


def _ship(here: State, ask: Ask, row: Row) -> None:
    key, concluded = ask.body.get("variant_key"), _concluded(here, ask)
    filters = deepcopy(row["feature_flag"]["filters"])
    variants = filters["multivariate"]["variants"]
    if not key:
        raise here.invalid("This field is required.", "variant_key")
    if key not in {variant["key"] for variant in variants}:
        raise here.invalid(f"Variant '{key}' not found on the feature flag.", "variant_key")
    for variant in variants:
        variant["rollout_percentage"] = 100 if variant["key"] == key else 0
    if ask.body.get("release_to_everyone"):
        filters["groups"].insert(0, {"properties": [], "rollout_percentage": 100})
    write_flag(here, ask, row, "ship_variant", {"filters": filters})
    row.update(concluded)
    row["end_date"] = row["end_date"] or stamp()


def _archive(here: State, ask: Ask, row: Row) -> None:
    archive(here, row, wanted=True)
    if ask.body.get("disable_feature_flag"):
        here.write_flag(row["feature_flag"], {"active": False})


def _unarchive(here: State, _ask: Ask, row: Row) -> None:
    archive(here, row, wanted=False)


def archive(here: State, row: Row, *, wanted: bool) -> None:
    """Put it away, or bring it back. Raises Refused with 400."""
    if wanted and row["archived"]:
        raise here.invalid("Experiment is already archived.")
    if wanted and status_of(row) != "stopped":
        raise here.invalid("Experiment must be ended before it can be archived.")
    if not wanted and not row["archived"]:
        raise here.invalid("Experiment is not archived.")
    row["archived"] = wanted


def _reset(here: State, _ask: Ask, row: Row) -> None:
    _thaw(here, row)
    cleared = ("start_date", "end_date", "conclusion", "conclusion_comment")
    row.update(dict.fromkeys(cleared), archived=False)


def _freeze(here: State, _ask: Ask, row: Row) -> None:
    filters = deepcopy(row["feature_flag"]["filters"])
    if row["holdout_id"] or filters.get("aggregation_group_type_index") is not None:
        raise here.invalid("Exposure cannot be frozen for this experiment.")
    here.cohorts += 1
    row["exposure_cohort"] = here.cohorts
    for group in filters["groups"]:
        group["properties"].append({"key": "id", "type": "cohort", "value": here.cohorts})
    here.write_flag(row["feature_flag"], {"filters": filters})


def _unfreeze(here: State, _ask: Ask, row: Row) -> None:
    _thaw(here, row)


def _thaw(here: State, row: Row) -> None:
    if row["exposure_cohort"] is None:
        return
    filters = deepcopy(row["feature_flag"]["filters"])
    for group in filters["groups"]:
        group["properties"] = [each for each in group["properties"] if each["type"] != "cohort"]
    here.write_flag(row["feature_flag"], {"filters": filters})
    row["exposure_cohort"] = None


@dataclass(frozen=True)
class Step:
    """What an action does, and whether only newer releases have it."""

    does: Callable[[State, Ask, Row], None]
    newer: bool = False


STEPS = {
    "launch": Step(_launch),
    "pause": Step(_pause),
    "resume": Step(_resume),
    "end": Step(_end),
    "ship_variant": Step(_ship),
    "archive": Step(_archive),
    "unarchive": Step(_unarchive, newer=True),
    "reset": Step(_reset),
    "freeze_exposure": Step(_freeze, newer=True),
    "unfreeze_exposure": Step(_unfreeze, newer=True),
}


def act(action: str, here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/<action>/``."""
    step = STEPS[action]
    if step.newer and not here.newest:
        raise here.failed(404, "Not found.")
    row = here.experiment(ask)
    if action in TEXTS:
        legal(here, row, action)
    step.does(here, ask, row)
    here.touch(row)
    here.record(row["id"], action)
    return Answer(here.shown(row))


ROUTES: list[Routed] = [
    *(("POST", f"/experiments/{{id:int}}/{action}", partial(act, action)) for action in STEPS),
]
