"""Notes and favourites: what people say about experiments, and which they follow."""

import hashlib
from typing import Any

import httpx
import pytest

import models as m
from models.base import now
from models.database import Database
from resolvers.identity import encode
from tests.making import add, ask, everything, experiment, id_of, key, rows_of, source
from tests.nouns import REASON

NOTE = "note { id action note variant version replyTo { id } experiment { id } createdBy { id } }"
EVENT = "event { action actor subjectType subjectId before after }"


def mutation(name: str, selection: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input"
    return f"""mutation($input: {kind}!) {{ {name}(input: $input) {{
      ok replayed errors {{ ...Reason }} {EVENT} {selection} }} }} {REASON}"""


ADD = mutation("addExperimentNote", f"{NOTE} experiment {{ id version }}")
REPLY = mutation("replyToNote", f"{NOTE} experiment {{ id }}")
EDIT = mutation("editNote", f"{NOTE} experiment {{ id }}")
FAVORITE = mutation(
    "setFavorite", "user { id } experiment { id version favorites { at user { id } } }"
)


@pytest.fixture
async def row(database: Database) -> m.Experiment:
    return await experiment(database)


async def person(database: Database, name: str, *scopes: str) -> tuple[str, dict[str, str]]:
    """The id of a user, and the headers of a key that acts in their name."""
    user = m.User(source_id=await source(database, m.Platform.LOCAL), email=f"{name}@example.com")
    await add(database, user)
    headers = await key(database, name, *(scopes or ("experiment:write", "user:read")))
    secret = headers["Authorization"].partition(" ")[2]
    async with database.write() as session:
        for made in (await rows_of(database, m.ApiKey)).values():
            if made["digest"] == hashlib.sha256(secret.encode()).hexdigest():
                held = await session.get_one(m.ApiKey, made["id"])
                held.user_id, held.last_used_at = user.id, now()
    return id_of(user), headers


async def test_a_note_is_added_answered_and_edited_by_its_author(
    client: httpx.AsyncClient, database: Database, row: m.Experiment
) -> None:
    ann, headers = await person(database, "ann")
    said = {"experiment": id_of(row), "note": "Why *two*?", "variantIndex": 0}
    added = await ask(client, ADD, headers, input=said)
    note = added["note"]
    assert (added["ok"], added["experiment"]) == (True, {"id": id_of(row), "version": 1})
    assert note == {
        "id": note["id"],
        "action": "COMMENT",
        "note": "Why *two*?",
        "variant": 0,
        "version": 1,
        "replyTo": None,
        "experiment": {"id": id_of(row)},
        "createdBy": {"id": ann},
    }
    event = added["event"]
    assert (event["action"], event["actor"], event["subjectType"]) == ("CREATE", "ann", "Note")
    assert (event["subjectId"], event["before"]) == (note["id"], None)
    assert event["after"].items() >= said.items()

    answer = await ask(client, REPLY, headers, input={"id": note["id"], "note": "Because."})
    assert (answer["ok"], answer["experiment"]) == (True, {"id": id_of(row)})
    assert (answer["note"]["note"], answer["note"]["replyTo"]) == ("Because.", {"id": note["id"]})
    assert answer["event"]["after"]["replyTo"] == note["id"]

    edit = {"id": note["id"], "note": "Why two?", "expectedVersion": 1}
    edited = await ask(client, EDIT, headers, input=edit)
    assert edited["note"] == {**note, "note": "Why two?", "version": 2}
    assert edited["event"]["before"] == {"note": "Why *two*?"}
    assert edited["event"]["after"] == {"note": "Why two?"}
    again = await ask(client, EDIT, headers, input={"id": note["id"], "note": "Why two?"})
    assert (again["ok"], again["event"]) == (True, None)


async def test_only_the_author_or_an_admin_edits_a_note_and_its_action_stays(
    client: httpx.AsyncClient, database: Database, row: m.Experiment
) -> None:
    _, ann = await person(database, "ann")
    _, ben = await person(database, "ben")
    nobody = await key(database, "nobody", "experiment:write")
    note = m.Note(source_id=row.source_id, experiment_id=row.id, action=m.NoteAction.START)
    mine = (await ask(client, ADD, ann, input={"experiment": id_of(row), "note": "x"}))["note"]
    await add(database, note)
    before = await everything(database)
    forbidden = [{"__typename": "Forbidden", "path": ["id"], "scope": "admin"}]
    for headers, number in ((ben, mine["id"]), (nobody, mine["id"]), (nobody, id_of(note))):
        refused = await ask(client, EDIT, headers, input={"id": number, "note": "y"})
        assert (refused["ok"], refused["errors"]) == (False, forbidden)
        assert refused["note"]["id"] == number
    assert await everything(database) == before

    edited = await ask(client, EDIT, input={"id": id_of(note), "note": "At last."})
    assert (edited["note"]["action"], edited["note"]["note"]) == ("START", "At last.")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"note": ""}, [("note", "required")]),
        ({"note": " \n"}, [("note", "required")]),
        ({"note": "a" * 10_001}, [("note", "max_length")]),
        ({"note": "a\0"}, [("note", "text")]),
        ({"note": "x", "variantIndex": 2}, [("variantIndex", "variant_index")]),
        ({"note": "", "variantIndex": -1}, [
            ("note", "required"), ("variantIndex", "variant_index"),
        ]),
    ],
)  # fmt: skip
async def test_a_note_that_cannot_be_is_refused(
    client: httpx.AsyncClient,
    database: Database,
    row: m.Experiment,
    given: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    note = (await ask(client, ADD, input={"experiment": id_of(row), "note": "x"}))["note"]
    before = await everything(database)
    refused = await ask(client, ADD, input={"experiment": id_of(row), **given})
    [error] = refused["errors"]
    found = [(each["path"][0], each["rule"]) for each in error["fields"]]
    assert (refused["ok"], refused["note"], found) == (False, None, expected)

    if given["note"] != "x":
        for query in (REPLY, EDIT):
            answer = await ask(client, query, input={"id": note["id"], "note": given["note"]})
            assert answer["errors"][0]["fields"] == [{"path": ["note"], "rule": expected[0][1]}]
    assert await everything(database) == before


async def test_notes_of_nothing_stale_notes_and_readers_are_refused(
    client: httpx.AsyncClient, database: Database, row: m.Experiment
) -> None:
    note = (await ask(client, ADD, input={"experiment": id_of(row), "note": "x"}))["note"]
    reader = await key(database, "reader", "experiment:read")
    before = await everything(database)
    nowhere = {"experiment": encode("Experiment", 99), "note": "x"}
    missing = await ask(client, ADD, input=nowhere)
    silent = await ask(client, REPLY, input={"id": encode("Note", 99), "note": "x"})
    edit = {"id": note["id"], "note": "y", "expectedVersion": 3}
    stale = await ask(client, EDIT, input=edit)

    assert missing["errors"] == [{"__typename": "NotFound", "path": ["experiment"]}]
    assert silent["errors"] == [{"__typename": "NotFound", "path": ["id"]}]
    assert stale["errors"][0]["currentVersion"] == 1
    for query, given in (
        (ADD, {"experiment": id_of(row), "note": "x"}),
        (REPLY, {"id": note["id"], "note": "x"}),
        (EDIT, {"id": note["id"], "note": "x"}),
        (FAVORITE, {"experiment": id_of(row), "favorite": True}),
    ):
        refused = await ask(client, query, reader, input=given)
        assert refused["errors"][0]["scope"] == "experiment:write"
    assert await everything(database) == before


async def test_a_note_is_added_once_under_its_key_and_never_on_a_dry_run(
    client: httpx.AsyncClient, database: Database, row: m.Experiment
) -> None:
    said = {"experiment": id_of(row), "note": "x"}
    before = await everything(database)
    tried = await ask(client, ADD, input={**said, "dryRun": True})
    assert (tried["ok"], tried["note"], tried["event"]) == (True, None, None)
    assert await everything(database) == before

    once = {**said, "idempotencyKey": "once"}
    first, again = await ask(client, ADD, input=once), await ask(client, ADD, input=once)
    assert again == {**first, "replayed": True}
    assert len(await rows_of(database, m.Note)) == 1


async def test_a_user_follows_an_experiment_and_no_longer(
    client: httpx.AsyncClient, database: Database, row: m.Experiment
) -> None:
    ann, headers = await person(database, "ann")
    ben, bens = await person(database, "ben")
    follow = {"experiment": id_of(row), "favorite": True}
    first = await ask(client, FAVORITE, headers, input=follow)
    event = first["event"]
    assert (first["ok"], first["user"], first["experiment"]["version"]) == (True, {"id": ann}, 1)
    assert (event["action"], event["subjectId"]) == ("FAVORITE", id_of(row))
    assert event["before"] == {"user": ann, "favorite": False}
    assert event["after"] == {"user": ann, "favorite": True}

    second = await ask(client, FAVORITE, bens, input=follow)
    followers = [each["user"]["id"] for each in second["experiment"]["favorites"]]
    assert followers == [ann, ben]
    before = await everything(database)
    same = await ask(client, FAVORITE, headers, input=follow)
    tried = await ask(
        client, FAVORITE, headers, input={**follow, "favorite": False, "dryRun": True}
    )
    assert (same["ok"], same["event"], tried["ok"]) == (True, None, True)
    assert await everything(database) == before

    gone = await ask(client, FAVORITE, headers, input={**follow, "favorite": False})
    assert [each["user"]["id"] for each in gone["experiment"]["favorites"]] == [ben]
    assert gone["event"]["action"] == "UNFAVORITE"
    assert gone["event"]["before"] == {"user": ann, "favorite": True}


async def test_whose_favourite_it_is_must_be_clear_and_ones_own(
    client: httpx.AsyncClient, database: Database, row: m.Experiment
) -> None:
    ann, _ = await person(database, "ann")
    ben, bens = await person(database, "ben")
    machine = await key(database, "machine", "experiment:write", "user:read")
    blind = await key(database, "blind", "experiment:write")
    follow = {"experiment": id_of(row), "favorite": True}
    before = await everything(database)
    unsaid = await ask(client, FAVORITE, machine, input=follow)
    others = await ask(client, FAVORITE, bens, input={**follow, "user": ann})
    nobody = await ask(client, FAVORITE, machine, input={**follow, "user": encode("User", 99)})
    unseen = await ask(client, FAVORITE, blind, input={**follow, "user": ann})

    assert unsaid["errors"][0]["fields"] == [{"path": ["user"], "rule": "required"}]
    assert others["errors"] == [{"__typename": "Forbidden", "path": ["user"], "scope": "admin"}]
    assert nobody["errors"] == [{"__typename": "NotFound", "path": ["user"]}]
    assert unseen["errors"] == [{"__typename": "Forbidden", "path": [], "scope": "user:read"}]
    assert await everything(database) == before
    for headers, user in ((bens, ben), (machine, ann)):
        payload = await ask(client, FAVORITE, headers, input={**follow, "user": user})
        assert (payload["ok"], payload["user"]) == (True, {"id": user})
