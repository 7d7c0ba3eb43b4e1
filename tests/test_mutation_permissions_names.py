"""What an input names: what a key does not see is not there, and nothing leaves its sight."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from models.database import Database
from tests.asking import Call, ids_of_inputs, missing, same
from tests.company import EVERY_SCOPE, Company, company
from tests.nouns import filled
from tests.permitting import BY_NAME, CASES


@dataclass(frozen=True)
class Named:
    """What a field of an input names: a row by its name in `Company`, and the noun of its scopes.

    ``within`` is the item that holds it, in a field that takes a list of inputs.
    """

    row: str
    noun: str
    within: dict[str, Any] | None = None


GOAL, USER, METRIC = Named("goal", "goal"), Named("user", "user"), Named("metric", "metric")
TEAM = Named("team", "team")
FIELDS = {
    "unitType": Named("unitType", "unit_type"),
    "primaryMetric": METRIC,
    "secondaryMetrics.metric": Named("metric", "metric", {"role": "SECONDARY"}),
    "savedMetrics.savedMetric": Named(
        "savedMetric", "experiment_saved_metric", {"role": "SECONDARY"}
    ),
    "owners": USER,
    "users": USER,
    "user": USER,
    "teams": TEAM,
    "team": TEAM,
    "parent": Named("spare team", "team"),
    "tags": Named("tag", "tag"),
    "applications.application": Named("application", "application", {}),
    "allocations.segment": Named("segment", "segment", {"variantIndex": 0}),
    "holdout": Named("holdout", "experiment"),
    "featureFlag": Named("flag", "feature_flag"),
    "template": Named("template", "experiment"),
    "category": Named("category", "metric"),
    "goal": GOAL,
    "denominatorGoal": GOAL,
    "cancellationGoal": GOAL,
    "relationGoal": GOAL,
    "avatar": Named("file", "user"),
}
"""Every field that names something beside the row that a mutation is about."""

LISTS = {"owners", "users", "teams", "tags"}
SHARED = {"unitType", "tag", "application", "category"}
TAGS = {"createMetric": "metric tag", "updateMetric": "metric tag"}
TAGS |= {"createGoal": "goal tag", "updateGoal": "goal tag"}

OWN: dict[str, dict[str, Any]] = {
    "createExperiment": {"variants": [{"key": "a"}]},
    "updateExperiment": {"id": "@using"},
    "setFavorite": {"experiment": "@using"},
}
"""What an input says of a team's own rows, where its case names others."""

BEYOND: dict[tuple[str, str], str | None] = {
    ("createUser", "avatar"): None,
    ("createApiKey", "user"): "admin",
}
"""What a key that is bound to a team may not do even with its own rows: the missing scope."""

ASKED_FOR: dict[tuple[str, str], tuple[str, list[str]]] = {
    ("setFavorite", "user"): ("Forbidden", []),
}
"""Where the scope of what is named is asked for, and what it names is not looked for at all."""


@pytest.fixture
async def here(client: httpx.AsyncClient, database: Database) -> Company:
    return await company(client, database)


def references() -> list[tuple[str, str]]:
    """Each mutation with each field that names something beside its row."""
    about = {(case.name, case.about) for case in CASES} | {("transitionExperiments", "ids")}
    return [each for each in ids_of_inputs() if each not in about]


def test_every_field_that_takes_an_id_is_in_the_table() -> None:
    assert {field for _, field in references()} == {*FIELDS}


def row_of(name: str, field: str) -> str:
    """What the field of that mutation names."""
    return TAGS.get(name, FIELDS[field].row) if field == "tags" else FIELDS[field].row


def naming(here: Company, name: str, field: str, number: str, ids: dict[str, str]) -> Call:
    """The mutation about a row of a team, with something that its field names."""
    given = filled({**BY_NAME[name].given, **OWN.get(name, {})}, {**here.ids, **ids})
    outer, _, inner = field.partition(".")
    item = FIELDS[field].within
    value: Any = number if item is None else [{**item, inner: number}]
    if outer in LISTS:
        # A team of its own stands beside, or the row would leave the sight of the key.
        value = [*([ids["own team"]] if outer == "teams" else []), number]
    return name, {**given, outer: value}


def reasons(payload: Any) -> list[tuple[str, list[str]]]:
    return [(error["__typename"], error["path"]) for error in payload["errors"]]


def path_of(field: str) -> list[str]:
    outer, _, inner = field.partition(".")
    return [outer, "0", inner] if outer == "allocations" else [outer]


async def test_what_another_team_owns_cannot_be_named_and_what_is_ones_own_can(
    here: Company,
) -> None:
    theirs = await here.key(team=here.others["own team"], unowned=True)
    found = [each for each in references() if row_of(*each) not in SHARED | {*TAGS.values()}]
    before = await here.everything()
    for name, field in found:
        own, hidden = here.others[row_of(name, field)], here.ids[row_of(name, field)]
        name_, said = naming(here, name, field, own, here.others)
        calls = [(name_, {**said, "dryRun": True})]
        calls += [
            naming(here, name, field, number, here.others) for number in (hidden, missing(hidden))
        ]
        may, told, absent = await here.make(calls, theirs)
        lacking = [error["scope"] for error in may["errors"]]
        assert lacking == ([BEYOND[name, field]] if (name, field) in BEYOND else []), (name, may)
        assert ("NotFound", path_of(field)) in reasons(told), (name, field, told)
        assert same(told, absent, (hidden, missing(hidden))), (name, field)
    assert await here.everything() == before


async def test_what_may_not_be_read_cannot_be_named(here: Company) -> None:
    keys = {
        named.noun: await here.key(EVERY_SCOPE - {f"{named.noun}:read", f"{named.noun}:write"})
        for named in FIELDS.values()
    }
    before = await here.everything()
    count = 0
    for name, field in references():
        noun = FIELDS[field].noun
        if BY_NAME[name].scope.startswith(f"{noun}:"):
            continue
        hidden = here.ids[row_of(name, field)]
        calls = [
            naming(here, name, field, number, here.ids) for number in (hidden, missing(hidden))
        ]
        told, absent = await here.make(calls, keys[noun])
        count += 1
        expected = ASKED_FOR.get((name, field), ("NotFound", path_of(field)))
        assert expected in reasons(told), (name, field, told)
        assert same(told, absent, (hidden, missing(hidden))), (name, field)
    assert count == 47
    assert await here.everything() == before


TEAM_BOUND = "team_bound"
MOVES: list[tuple[str, dict[str, Any], str]] = [
    ("createExperiment", {"teams": None}, TEAM_BOUND),
    ("createMetric", {"teams": []}, TEAM_BOUND),
    ("createGoal", {"teams": None}, TEAM_BOUND),
    ("updateExperiment", {"id": "@using", "teams": []}, TEAM_BOUND),
    ("updateExperiment", {"id": "@using", "teams": None}, TEAM_BOUND),
    ("updateMetric", {"teams": []}, TEAM_BOUND),
    ("updateGoal", {"teams": None}, TEAM_BOUND),
    ("createTeam", {"parent": None}, TEAM_BOUND),
    ("updateTeam", {"parent": None}, TEAM_BOUND),
    ("createApprovalPolicy", {"team": None}, TEAM_BOUND),
    ("updateApprovalPolicy", {"team": None}, TEAM_BOUND),
    ("updateApprovalPolicy", {"id": "@gate"}, "Forbidden"),
    ("updateApprovalPolicy", {"id": "@gate", "team": "@team"}, "Forbidden"),
    ("deleteApprovalPolicy", {"id": "@gate"}, "Forbidden"),
    ("createUser", {}, "Forbidden"),
    ("createSegment", {}, "Forbidden"),
    ("createHoldout", {}, "Forbidden"),
    ("createSavedMetric", {}, "Forbidden"),
    ("createApiKey", {"teams": None}, "Forbidden"),
    ("createApiKey", {"teams": []}, "Forbidden"),
    ("createApiKey", {"includeUnowned": True}, "Forbidden"),
    ("importPayload", {}, "Forbidden"),
    ("syncSource", {}, "Forbidden"),
]  # fmt: skip
"""What a key that is bound to a team might do with its own rows, and the reason why it may not."""


async def test_nothing_leaves_the_sight_of_a_key_that_is_bound_to_a_team(here: Company) -> None:
    mine = await here.key(team=here.ids["own team"], user=here.ids["user"])
    before = await here.everything()
    for name, given, why in MOVES:
        payload = await here.one(name, {**BY_NAME[name].given, **given}, mine)
        [error] = payload["errors"]
        rules = [each["rule"] for each in error.get("fields", ())] or [error["__typename"]]
        assert rules == [why], (name, given, payload)
        assert error.get("scope") is None, (name, payload)
    assert await here.everything() == before
