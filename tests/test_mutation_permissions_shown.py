"""What the payload of a change shows: nothing that its key may not read, at any depth of it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

import models as m
from models.base import now
from models.database import Database
from models.errors import BadUserInput
from resolvers.identity import decode
from tests.company import Company, company
from tests.making import add
from tests.nouns import filled
from tests.permitting import CASES, ON_THE_PLATFORM, Case

DEEP = 2
WORDS = {
    "metric of ": "metric",
    "flag_of_": "feature_flag",
    "@example.com": "user",
    "below a": "team",
    "gate": "approval_policy",
    "import-": "source",
}
"""Texts of rows, with the noun whose scope shows them."""

NOUNS = {
    "Metric": "metric",
    "MetricCategory": "metric",
    "Goal": "goal",
    "Team": "team",
    "User": "user",
    "Tag": "tag",
    "Application": "application",
    "UnitType": "unit_type",
    "Segment": "segment",
    "SavedMetric": "experiment_saved_metric",
    "FeatureFlag": "feature_flag",
    "ApprovalPolicy": "approval_policy",
    "ApiKey": "api_key",
    "Source": "source",
    "Event": "",
    "File": "",
}
"""The noun of each type; of every other it is an experiment's."""


@pytest.fixture
async def here(client: httpx.AsyncClient, database: Database) -> Company:
    return await company(client, database)


def ids_in(value: Any) -> Iterator[str]:
    """Every global id that stands anywhere in a payload."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for part in value:
            yield from ids_in(part)
    elif isinstance(value, str):
        try:
            decode(value)
        except BadUserInput:
            return
        yield value


def nouns_in(payload: Any) -> set[str]:
    """The nouns of everything that a payload shows."""
    types = {decode(text)[0].__name__ for text in ids_in(payload)}
    text = json.dumps(payload)
    told = {noun for word, noun in WORDS.items() if word in text}
    return ({NOUNS.get(name, "experiment") for name in types} | told) - {""}


def bare(case: Case) -> dict[str, Any]:
    """The input without what names anything beside the row that it is about."""
    about = {case.about, "ids"}
    given = {
        name: value
        for name, value in case.given.items()
        if name in about or "@" not in json.dumps(value).replace("@example.com", "")
    }
    return {**given, **({"scopes": ["api_key:read"]} if case.name == "createApiKey" else {})}


async def test_a_key_that_may_only_make_the_change_is_shown_nothing_else(here: Company) -> None:
    payloads: dict[str, Any] = {}
    before = await here.make([("validateExperiment", {"id": here.ids["using"]})], None, DEEP)
    assert nouns_in(before) > {"experiment", "metric", "feature_flag", "source"}
    for case in CASES:
        if case.name in ON_THE_PLATFORM | {"cancelChangeRequest"}:
            continue
        scopes = {case.scope, case.first} - {""}
        headers = await here.key(scopes, user=here.ids["user"])
        call = (case.name, filled(bare(case), here.ids))
        [payloads[case.name]] = await here.make([call], headers, DEEP)
        payload = payloads[case.name]
        assert (payload["ok"], payload["errors"]) == (True, []), (case.name, payload["errors"])
        assert nouns_in(payload) <= {case.scope.partition(":")[0]}, (case.name, payload)
    told = payloads["duplicateExperiment"]["event"]["after"]
    hidden = {name: told[name] for name in ("source", "primaryMetric", "featureFlag", "createdBy")}
    assert set(hidden.values()) == {None}


async def test_a_request_for_approval_shows_only_what_its_asker_may_read(here: Company) -> None:
    asker = await here.key(["experiment:read", "experiment:start"])
    wanted = ("startExperiment", {"id": here.ids["approved experiment"]})
    [payload] = await here.make([wanted], asker, DEEP)
    [error] = payload["errors"]

    assert error["__typename"] == "ApprovalRequired"
    assert error["changeRequest"]["id"] == payload["changeRequest"]["id"] == here.ids["approved"]
    assert payload["changeRequest"]["policy"] is None
    assert nouns_in(payload) == {"experiment"}


async def _let_both_own(here: Company, database: Database) -> None:
    """Let an experiment of the first team be the second's too, with what is theirs."""
    number = decode(here.ids["using"])[1]
    mine, theirs = (
        {name: decode(text)[1] for name, text in ids.items()} for ids in (here.ids, here.others)
    )
    links: list[Any] = [
        m.ExperimentTeam(experiment_id=number, team_id=theirs["team"], position=1),
        m.ExperimentMetric(
            experiment_id=number, metric_id=theirs["spare metric"], role=m.MetricRole.SECONDARY
        ),
        m.Favorite(experiment_id=number, user_id=theirs["user"], created_at=now()),
        m.ExperimentTag(experiment_id=theirs["using"], tag_id=mine["tag"]),
        m.ExperimentTag(experiment_id=number, tag_id=mine["tag"]),
    ]
    links += [
        m.ExperimentOwner(experiment_id=number, user_id=each["user"]) for each in (mine, theirs)
    ]
    await add(database, *links)
    named = {"primary_metric_id": theirs["metric"], "template_id": theirs["template"]}
    signed = {"created_by_id": theirs["user"], "updated_by_id": theirs["user"]}
    async with database.write() as session:
        here_ = update(m.Experiment).where(col(m.Experiment.id) == number)
        await session.execute(here_.values(**named, **signed))


ON_WHAT_BOTH_OWN: list[tuple[str, dict[str, Any]]] = [
    ("updateExperiment", {"id": "@using", "name": "x", "owners": [], "secondaryMetrics": []}),
    ("duplicateExperiment", {"id": "@using", "key": "copy"}),
    ("updateVariant", {"id": "@variant", "weight": 10}),
    ("addExperimentNote", {"experiment": "@using", "note": "x"}),
    ("replyToNote", {"id": "@note", "note": "x"}),
    ("setFavorite", {"experiment": "@using", "favorite": True}),
    ("scheduleTransition", {"id": "@using", "action": "RESET", "at": "2126-01-01T00:00:00Z"}),
    ("cancelScheduledTransition", {"id": "@planned"}),
    ("transitionExperiments", {"ids": ["@using"], "action": "ARCHIVE"}),
    ("deleteExperiment", {"id": "@using"}),
]


async def test_what_two_teams_own_is_changed_by_one_without_a_sight_of_the_other(
    here: Company, database: Database
) -> None:
    await _let_both_own(here, database)
    mine = await here.key(team=here.ids["own team"], user=here.ids["user"])
    hidden = {*here.others.values()} - {*here.ids.values()}
    shown = json.dumps(
        await here.make([("validateExperiment", {"id": here.ids["using"]})], None, 2)
    )
    assert {word for word in (here.others["user"], here.others["metric"]) if word in shown}
    for name, given in ON_WHAT_BOTH_OWN:
        [payload] = await here.make([(name, filled(given, here.ids))], mine, DEEP)
        if name != "transitionExperiments":
            assert payload["ok"] is True, (name, payload["errors"])
        assert hidden.isdisjoint(ids_in(payload)), (name, hidden & {*ids_in(payload)})
        text = json.dumps(payload)
        assert [word for word in ("b@example.com", "below b", "team b") if word in text] == [], name


async def test_who_uses_a_thing_is_named_only_as_far_as_the_key_sees_it(
    here: Company, database: Database
) -> None:
    await _let_both_own(here, database)
    mine = await here.key(team=here.others["own team"])
    await here.make([("updateExperiment", {"id": here.ids["using"], "teams": [here.ids["team"]]})])
    blind = await here.key(["tag:write"])
    both = [here.ids["using"], here.others["using"]]
    before = await here.everything()
    for headers, expected in ((None, both), (mine, both[1:]), (blind, [])):
        payload = await here.one("deleteTag", {"id": "@tag"}, headers)
        [error] = payload["errors"]
        assert error["__typename"] == "InUse"
        assert sorted(each["id"] for each in error["by"]) == sorted(expected)
    assert await here.everything() == before


async def test_a_refusal_does_not_name_the_source_to_a_key_that_may_not_read_it(
    here: Company, database: Database
) -> None:
    async with database.write() as session:
        await session.execute(update(m.Source).values(state=m.SourceState.CONNECTED))
    writer = await here.key(["segment:write"])
    before = await here.everything()
    for name, given in (("createSegment", {"name": "x"}), ("deleteSegment", {"id": "@segment"})):
        payload = await here.one(name, given, writer)
        [error] = payload["errors"]
        assert (error["__typename"], error["message"]) == (
            "UnsupportedByPlatform",
            "The source is connected to its platform: its Segment is changed there.",
        )
    assert await here.everything() == before
