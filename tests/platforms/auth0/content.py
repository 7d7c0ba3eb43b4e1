"""Made-up content of Auth0: experiments in every status, on flags with variations, for segments."""

from datetime import UTC, datetime, timedelta
from random import Random

from tests.platforms.auth0.experiments import blank
from tests.platforms.auth0.flags import new_flag, new_variation
from tests.platforms.auth0.lifecycle import active, freeze, unready
from tests.platforms.auth0.segments import new_segment
from tests.platforms.auth0.state import State
from tests.platforms.standin import Row, stamp

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
STATUSES = ("active", "draft", "paused", "completed", "archived", "draft")
"""What experiments there are, in turn; where another one is active already, a draft instead."""

FLOWS = {
    1: ("login", "pre_login", "pre_authentication"),
    2: ("authentication", "mfa_enrollment", "mfa_challenge", "password_reset"),
}
WEIGHTS = ((50, 25, 25), (34, 33, 33), (100, 0, 0))
FLAGS_FOR_EACH = 10
"""How many experiments stand on a flag."""


def at(days: float) -> str:
    """A moment so many days after the beginning."""
    return stamp(BEGINNING + timedelta(days=days))


def fill(here: State, random: Random, count: int) -> None:
    """Replace everything."""
    for table in (here.experiments, here.feature_flags, here.variations, here.segments):
        table.clear()
    here.made = 0
    segments = [_segment(here, number) for number in range(1, 5)]
    flags = [_flag(here, number) for number in range(1, 4 + count // FLAGS_FOR_EACH)]
    by_flag: dict[str, list[Row]] = {}
    for variation in here.variations.values():
        by_flag.setdefault(variation["feature_flag_id"], []).append(variation)
    taken: set[str] = set()
    usable = [flag for flag in flags if flag["status"] == "active"]
    for number in range(1, count + 1):
        flag = random.choice(usable)
        row = _experiment(here, random, number, flag)
        strategy = row["allocation_strategy"]
        weights = random.choice(WEIGHTS)
        row["allocations"] = _allocations(strategy, by_flag[flag["id"]], segments, weights)
        _begin(here, row, number, taken)
        here.experiments[row["id"]] = row
    running = active(here)
    for row in here.experiments.values():
        row["is_valid"] = not unready(here, row, running)


def _segment(here: State, number: int) -> Row:
    rules = [{"match": {"country": ["DE", "AT"]}, "not_match": {"browser": {"contains": ["IE"]}}}]
    fields = {"name": f"Segment {number}", "description": "Who comes from there.", "rules": rules}
    status = "archived" if number == 4 else "active"
    made = {"created_at": at(number), "updated_at": at(number), "status": status}
    return new_segment(here, {**fields, **made})


def _flag(here: State, number: int) -> Row:
    parameters = {
        "colour": {"type": "string", "value": "blue", "description": "Of the button."},
        "attempts": {"type": "number", "value": 3},
    }
    status = {1: "active", 2: "draft", 3: "archived"}.get(number, "active")
    moments = {"created_at": at(number / 24), "updated_at": at(number / 24)}
    fields = {"name": f"Flag {number}", "parameters": parameters, "status": status, **moments}
    kind = {"type": "auth0"} if number == 4 else {}
    flag = new_flag(here, {**fields, **kind})
    for place, overrides in enumerate(({}, {"colour": "green"}, {"colour": "red"})):
        values = {key: {"value": value} for key, value in overrides.items()}
        named = {"name": f"Variation {place}", "overrides": values}
        new_variation(here, flag, {**named, **moments})
    return flag


def _experiment(here: State, random: Random, number: int, flag: Row) -> Row:
    flows = FLOWS[here.generation]
    fields: Row = {
        "name": f"Experiment {number}",
        "description": f"What experiment {number} is about.",
        "feature_flag_id": flag["id"],
        "authentication_flow": flows[number % len(flows)],
        "allocation_strategy": "segment" if number % 3 == 0 else "percentage",
    }
    if here.newer:
        fields["levels"] = random.choice(([5, 25, 50, 100], [10, 100], None))
    row = blank(here, fields)
    return row | {"created_at": at(number / 24), "updated_at": at(number / 24)}


def _allocations(
    strategy: str, variations: list[Row], segments: list[Row], weights: tuple[int, ...]
) -> list[Row]:
    if strategy == "percentage":
        return [
            {"variation_id": each["id"], "is_control": place == 0, "weight": weight}
            for place, (each, weight) in enumerate(zip(variations, weights, strict=True))
        ]
    made: list[Row] = [
        {
            "variation_id": each["id"],
            "is_control": False,
            "segment_id": segment["id"],
            "priority": place,
            "is_fallback": False,
        }
        for place, (each, segment) in enumerate(zip(variations[1:], segments, strict=False), 1)
    ]
    return [*made, {"variation_id": variations[0]["id"], "is_control": True, "is_fallback": True}]


def _begin(here: State, row: Row, number: int, taken: set[str]) -> None:
    status = STATUSES[(number - 1) % len(STATUSES)]
    place = row["authentication_flow"] if here.newer else "the tenant"
    if status == "active" and place in taken:
        status = "draft"
    if status == "active":
        taken.add(place)
    row["status"] = status
    if status == "draft":
        return
    row["started_at"] = at(number / 24 + 1)
    if here.newer:
        freeze(here, row)
    if status in {"completed", "archived"}:
        row.update(ended_at=at(number / 24 + 8), current_level=None)
