"""Which platform a document is from: told from itself, given, or asked for; and what is refused."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import models as m
from connectors.errors import PayloadRefused
from connectors.importing import import_documents, import_files
from connectors.payloads.documents import Document
from connectors.payloads.holdings import Contained, One, walk
from connectors.payloads.outline import Outline, head_of
from connectors.recognising import VOCABULARIES, recognised, vocabulary_of
from gateway.cli import app
from models.database import Database
from models.errors import BadUserInput
from models.phase import Platform
from tests.importing import PAYLOADS, dump, payload, payloads, rows, take, together

FILES = [(platform, name) for platform in VOCABULARIES for name in payloads(platform.lower())]

EXPERIMENTS = {
    Platform.ABSMARTLY: {"experiments": [{"id": 1, "name": "checkout", "state": "running"}]},
    Platform.POSTHOG: payload("posthog/experiment_2025"),
    Platform.AUTH0: payload("auth0/experiments"),
    Platform.CHECKMANGO: payload("checkmango/experiments"),
}


def outline(said: Any) -> Outline:
    found = Outline(Document("file", BytesIO(json.dumps(said).encode())))
    for _ in found.walk():
        pass
    return found


def platform_of(*documents: Any) -> Platform:
    return recognised([outline(said) for said in documents], None).platform


@pytest.mark.parametrize(("platform", "name"), FILES, ids=[name for _, name in FILES])
def test_every_answer_tells_its_platform(platform: Platform, name: str) -> None:
    assert platform_of(payload(name)) is platform
    assert [words.platform for words in VOCABULARIES.values()
            if words.claims(head_of(payload(name)))] == [platform]  # fmt: skip


@pytest.mark.parametrize(("platform", "name"), FILES, ids=[name for _, name in FILES])
async def test_importing_twice_changes_nothing(
    database: Database, platform: Platform, name: str
) -> None:
    first = await import_files(database, [PAYLOADS / f"{name}.json"])
    before = await dump(database)
    again = await import_files(database, [PAYLOADS / f"{name}.json"])

    assert first.source == f"import-{platform.lower()}"
    assert {how for _, how in again.outcomes} <= {"unchanged", "skipped"}
    assert (again.elsewhere, await dump(database)) == ({}, before)


@pytest.mark.parametrize("platform", VOCABULARIES)
async def test_all_answers_of_a_platform_are_one_import_in_any_order(
    database: Database, platform: Platform
) -> None:
    documents = [payload(name) for name in payloads(platform.lower())]
    for _ in range(2):  # what is said twice, and differently, is said by the first
        await together(database, documents, source="at once")
    counts = [len(found) for found in await dump(database)]
    report = await together(database, documents, source="at once")

    assert {how for _, how in report.outcomes} <= {"unchanged", "skipped"}
    assert [len(found) for found in await dump(database)] == counts


@pytest.mark.parametrize(
    ("document", "platform"),
    [
        ({"experiments": [], "total": 0}, Platform.ABSMARTLY),
        ({"experiments": [{"name": "x"}]}, Platform.ABSMARTLY),
        ({"segments": [{"id": 1, "name": "x"}]}, Platform.ABSMARTLY),
        ({"segments": [{"id": "seg_1", "name": "x"}]}, Platform.AUTH0),
        ({"experiments": [None, {"id": "<string>", "name": "x"}]}, Platform.AUTH0),
        ({"experiments": [{"name": "x", "authentication_flow": "all"}]}, Platform.AUTH0),
        ({"feature_flags": []}, Platform.AUTH0),
        ({"count": 0, "next": None, "previous": None, "results": []}, Platform.POSTHOG),
        ({"next": None, "results": [{"id": 1, "name": "x", "filters": []}]}, Platform.POSTHOG),
        ({"data": []}, Platform.CHECKMANGO),
        ({"data": None, "links": {}}, Platform.CHECKMANGO),
        ({"data": {"type": "event", "id": "X"}}, Platform.CHECKMANGO),
        ({"type": "teams", "id": "1", "attributes": {"name": "x"}}, Platform.CHECKMANGO),
        ([EXPERIMENTS[Platform.AUTH0], EXPERIMENTS[Platform.AUTH0]], Platform.AUTH0),
        ([None, {"id": 7, "name": "x", "feature_flag_key": "k"}], Platform.POSTHOG),
    ],
    ids=lambda value: str(value)[:60],
)
def test_little_is_enough_to_tell_a_platform(document: Any, platform: Platform) -> None:
    assert platform_of(document) is platform


async def test_what_may_be_from_two_platforms_is_asked_for(database: Database) -> None:
    with pytest.raises(PayloadRefused) as refused:
        await take(database, {"experiments": []})
    assert str(refused.value) == (
        "file: it may be from ABsmartly or Auth0: say which platform it is from"
    )

    report = await take(database, {"experiments": []}, vocabulary=VOCABULARIES[Platform.AUTH0])
    assert report.source == "import-auth0"
    assert await rows(database, m.Source, "name", "platform") == [("import-auth0", "AUTH0")]


def test_one_document_decides_for_those_that_do_not_tell() -> None:
    empty: dict[str, Any] = {"experiments": []}
    assert platform_of(empty, EXPERIMENTS[Platform.AUTH0]) is Platform.AUTH0
    assert platform_of(EXPERIMENTS[Platform.ABSMARTLY], empty) is Platform.ABSMARTLY


async def test_a_source_decides_for_documents_that_do_not_tell(database: Database) -> None:
    await take(database, EXPERIMENTS[Platform.AUTH0], source="tenant")
    report = await take(database, {"experiments": []}, source="tenant")

    assert report.source == "tenant"
    assert await rows(database, m.Source, "name") == ["tenant"]


@pytest.mark.parametrize("platform", VOCABULARIES)
@pytest.mark.parametrize("other", VOCABULARIES)
async def test_a_document_of_another_platform_than_the_sources_is_refused(
    database: Database, platform: Platform, other: Platform
) -> None:
    if other is platform:
        return
    async with database.write() as session:
        session.add(m.Source(name="shop", platform=platform))
    before = await dump(database)
    with pytest.raises(PayloadRefused) as refused:
        await take(database, EXPERIMENTS[other], source="shop")
    ours, theirs = (VOCABULARIES[each].name for each in (platform, other))

    assert str(refused.value) == f"file: this is from {theirs}, and not from {ours}"
    assert await dump(database) == before


async def test_documents_of_two_platforms_are_no_import(database: Database) -> None:
    before = await dump(database)
    documents = [EXPERIMENTS[Platform.POSTHOG], EXPERIMENTS[Platform.CHECKMANGO]]
    with pytest.raises(PayloadRefused) as refused:
        await together(database, documents)

    assert str(refused.value) == "file-1: this is from Checkmango, and not from PostHog"
    assert await dump(database) == before


@pytest.mark.parametrize("platform", VOCABULARIES)
async def test_a_given_platform_is_that_of_the_source(
    database: Database, platform: Platform
) -> None:
    async with database.write() as session:
        session.add(m.Source(name="shop", platform=Platform.LOCAL))
    before = await dump(database)
    for vocabulary in (None, VOCABULARIES[platform]):
        with pytest.raises(BadUserInput, match="'shop' belongs to LOCAL"):
            await take(database, EXPERIMENTS[platform], source="shop", vocabulary=vocabulary)

    assert vocabulary_of(Platform.LOCAL) is None
    assert await dump(database) == before


FAILURES: list[tuple[Any, str]] = [
    ({"ok": False, "errors": ["name is taken", "no owner"]}, "name is taken; no owner"),
    ({"ok": False}, "no reason given"),
    ({"message": "Unauthenticated."}, "Unauthenticated."),
    ({"message": "Subscription required."}, "Subscription required."),
    ({"message": "Not Found"}, "Not Found"),
    (
        {
            "message": "The given data was invalid.",
            "errors": {"key": ["The key has already been taken."], "control": ["One\nis enough."]},
        },
        (
            "The given data was invalid. (key: The key has already been taken.; "
            "control: One is enough.)"
        ),
    ),
    (
        {"statusCode": 403, "error": "Forbidden", "message": "Not entitled",
         "errorCode": "feature_not_entitled"},
        "Not entitled",
    ),
    ({"statusCode": 404, "error": "Nothing there"}, "Nothing there"),
    ({"type": "validation_error", "code": "invalid", "detail": "Bad\n value.", "attr": "name"},
     "Bad value."),
    ({"detail": "This experiment changed since you loaded it.", "current_version": 4},
     "This experiment changed since you loaded it."),
    ({"error": "You cannot decide on this", "reason": "not_an_approver"},
     "You cannot decide on this"),
    ({"validation_errors": {"quorum": ["too low"]}}, "quorum: too low"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "reason"), FAILURES, ids=[reason[:40] for _, reason in FAILURES])
async def test_an_answer_that_tells_of_a_failure_is_refused_in_one_line(
    database: Database, body: Any, reason: str
) -> None:
    before = await dump(database)
    with pytest.raises(PayloadRefused) as refused:
        await take(database, body)

    assert str(refused.value) == f"file: the platform answered with a failure: {reason}"
    assert await dump(database) == before


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (5, "5"),
        ("text", "'text'"),
        (None, "null"),
        ([], "a list"),
        ([1, {}], "1"),
        ({}, "an empty object"),
        ({"a": 1, "b\nc": 2}, "an object with the keys a, b c"),
        ({"id": 1, "name": "x"}, "an object with the keys id, name"),
        ({"results": [{"id": 1}], "count": 1}, "an object with the keys results, count"),
        ({"data": [{"id": 1}]}, "an object with the keys data"),
        (
            {"is_valid": False, "errors": [{"code": "experiment_missing_control"}]},
            "an object with the keys is_valid, errors",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_no_platform_writes_is_refused_in_one_line(
    database: Database, body: Any, found: str
) -> None:
    before = await dump(database)
    with pytest.raises(PayloadRefused) as refused:
        await take(database, body)
    platforms = "ABsmartly, PostHog, Auth0 or Checkmango"

    assert str(refused.value) == f"file: not a payload of {platforms}: {found}"
    assert await dump(database) == before


WRONG: list[tuple[Platform, Any, str]] = [
    (Platform.POSTHOG, {"results": [{"id": 1, "feature_flag_key": "k"}, 5], "next": None},
     "results[1]: expected an object, got 5"),
    (Platform.POSTHOG, {"results": [{"id": 1, "feature_flag_key": "k"}, {"id": 2}], "next": None},
     "results[1]: not a payload of PostHog: an object with the keys id"),
    (Platform.POSTHOG, {"id": "x", "feature_flag_key": "k"},
     "id: expected a whole number, got 'x'"),
    (Platform.POSTHOG, {"id": 1, "feature_flag_key": "k", "start_date": "soon"},
     "start_date: expected a moment, got 'soon'"),
    (Platform.POSTHOG, {"id": 1, "feature_flag_key": "k", "feature_flag": 5},
     "feature_flag: expected an object, got 5"),
    (Platform.POSTHOG,
     {"id": 1, "feature_flag_key": "k",
      "parameters": {"feature_flag_variants": [{"key": "a", "name": []}]}},
     "variants[0].name: expected a text, got a list"),
    (Platform.AUTH0, {"experiments": [{"id": "exp_1", "name": "x", "levels": 5}, 7]},
     "experiments[1]: expected an object, got 7"),
    (Platform.AUTH0,
     {"experiments": [{"id": "exp_1", "name": "x",
                       "allocations": [{"variation_id": "var_1", "weight": "all"}]}]},
     "experiments[0].allocations[0].weight: expected a number, got 'all'"),
    (Platform.AUTH0, {"experiments": {"id": "exp_1"}},
     "experiments: expected a list, got an object"),
    (Platform.CHECKMANGO,
     {"data": [{"id": "K", "type": "experiments", "attributes": {"created": 5}}]},
     "data[0].attributes.created: expected a date, got 5"),
    (Platform.CHECKMANGO, {"data": {"id": "K", "type": "experiments", "attributes": [1]}},
     "data.attributes: expected an object, got a list"),
    (Platform.CHECKMANGO, {"data": [{"id": "K", "type": "event"}, "x"]},
     "data[1]: expected an object, got 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "body", "reason"), WRONG, ids=[f"{reason[:60]}" for _, _, reason in WRONG]
)
async def test_a_value_of_the_wrong_kind_is_refused_with_its_place(
    database: Database, platform: Platform, body: Any, reason: str
) -> None:
    before = await dump(database)
    with pytest.raises(PayloadRefused) as refused:
        await take(database, body, vocabulary=VOCABULARIES[platform])

    assert str(refused.value) == f"file: {reason}"
    assert await dump(database) == before


@pytest.mark.parametrize("platform", VOCABULARIES)
def test_every_name_leads_to_a_shape_and_owners_come_first(platform: Platform) -> None:
    words = VOCABULARIES[platform]
    named = {*words.lists.values(), *words.singles.values()} - {None}
    assert named <= words.shapes.keys() | words.guises.keys()
    assert {guise.shape for guise in words.guises.values()} <= words.shapes.keys()
    order = list(words.shapes)
    for shape in words.shapes.values():
        parts = walk(shape.parts)
        assert {part.shape for part in parts if isinstance(part, One | Contained)} <= {*order}
        owners = [part.shape for part in parts
                  if isinstance(part, One) and part.column == shape.owner]  # fmt: skip
        assert all(order.index(owner) < order.index(shape.name) for owner in owners)


async def test_no_document_at_all_is_no_import(database: Database) -> None:
    with pytest.raises(PayloadRefused, match="no file: it may be from"):
        await import_documents(database, [])


def test_the_command_takes_the_platform_and_its_help_names_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIALGRAPH_DATABASE_URL", f"sqlite:///{tmp_path / 'trialgraph.db'}")
    Path("empty.json").write_text('{"experiments": []}')
    run = CliRunner()
    asked = run.invoke(app, ["import", "empty.json"])
    taken = run.invoke(app, ["import", "empty.json", "--platform", "auth0"])
    unknown = run.invoke(app, ["import", "empty.json", "--platform", "local"])
    told = run.invoke(app, ["import", "--help"], env={"COLUMNS": "200"})

    assert isinstance(asked.exception, PayloadRefused)
    assert (taken.exit_code, unknown.exit_code) == (0, 2)
    assert "Imported into import-auth0" in taken.output
    assert all(platform.lower() in told.output for platform in VOCABULARIES)
