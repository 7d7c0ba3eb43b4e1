"""Making, listing and revoking API keys: by the real command, and what nobody may give away."""

import asyncio
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

import models as m
from gateway.keys import create_first, duration
from models.base import now
from models.database import Database
from models.errors import BadUserInput, Refusal
from resolvers.access import Viewer
from resolvers.api_key import Wanted, digest_of, listed, make
from resolvers.context import Context
from resolvers.identity import encode
from resolvers.scopes import ADMIN, known_scopes
from tests.making import everything
from tests.serving import COMMAND, environment, fails, serving

SHOWN_ONCE = "This is the only time that it is shown.\n"
ME = Viewer("me", "me", frozenset({ADMIN}))


def run(*arguments: str, cwd: Path, **settings: str) -> tuple[str, str]:
    """What `trialgraph keys …` prints, on both streams."""
    finished = subprocess.run(
        [*COMMAND, "keys", *arguments],
        cwd=cwd,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return finished.stdout, finished.stderr


async def people(database: Database) -> dict[str, int]:
    """Teams and users, two of each with the same name; the numbers of the first ones."""
    async with database.write() as session:
        source = m.Source(name="s", platform=m.Platform.LOCAL)
        session.add(source)
        await session.flush()
        rows: list[Any] = [
            *(m.Team(source_id=source.id, name=name) for name in ("Growth", "Twin", "Twin")),
            *(m.User(source_id=source.id, email=email) for email in ("ada@x", "twin@x", "twin@x")),
        ]
        for row in rows:
            session.add(row)
            await session.flush()
    return {"Growth": rows[0].id, "Twin": rows[1].id, "ada@x": rows[3].id, "twin@x": rows[4].id}


async def only_key(database: Database) -> tuple[m.ApiKey, list[int]]:
    """The only key that there is, and its teams."""
    async with database.read() as session:
        [key] = (await session.scalars(select(m.ApiKey))).all()
        teams = await session.scalars(select(m.ApiKeyTeam.team_id))
        return key, list(teams)


async def test_a_key_is_made_its_secret_shown_once_and_only_its_hash_kept(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    numbers = await people(database)
    before = now()
    secret, said = run(
        *("create", "nightly report", "--scope", "experiment:read", "--scope", "goal:write"),
        *("--team", "Growth", "--team", encode("Team", numbers["Twin"]), "--include-unowned"),
        *("--user", "ada@x", "--expires-in", "90d"),
        cwd=tmp_path,
        database_url=database_url,
    )
    key, teams = await only_key(database)

    assert re.fullmatch(r"tg_[A-Za-z0-9_-]{43}\n", secret)
    assert said == SHOWN_ONCE
    assert key.prefix == secret[:11]
    assert key.digest == digest_of(secret.strip())
    assert secret[11:-1] not in str(await everything(database))
    assert (key.name, key.scopes) == ("nightly report", ["experiment:read", "goal:write"])
    assert (key.team_bound, key.include_unowned) == (True, True)
    assert teams == [numbers["Growth"], numbers["Twin"]]
    assert (key.user_id, key.created_by) == (numbers["ada@x"], "the command line")
    assert (key.last_used_at, key.revoked_at) == (None, None)
    assert key.expires_at is not None
    assert timedelta(0) <= key.expires_at - before - timedelta(days=90) < timedelta(minutes=5)


async def test_the_log_of_changes_tells_that_a_key_was_made_and_revoked(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    secret, _ = run("create", "ci", "--scope", "admin", cwd=tmp_path, database_url=database_url)
    run("revoke", secret[:11], cwd=tmp_path, database_url=database_url)
    async with database.read() as session:
        events = list(await session.scalars(select(m.Event).order_by(col(m.Event.id))))

    assert [(event.action, event.subject_type, event.actor) for event in events] == [
        ("CREATE", "ApiKey", "the command line"),
        ("REVOKE", "ApiKey", "the command line"),
    ]
    assert events[0].after is not None
    assert (events[0].after["name"], events[0].after["scopes"]) == ("ci", ["admin"])


async def test_keys_are_listed_with_what_they_may_do_and_how_they_stand(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await people(database)
    made = [
        run("create", *arguments, cwd=tmp_path, database_url=database_url)[0][:11]
        for arguments in (
            ("all", "--scope", "admin"),
            ("some", "--scope", "tag:read", "--scope", "goal:read", "--team", "Growth"),
            ("old", "--scope", "tag:read", "--user", "ada@x"),
        )
    ]
    run("revoke", made[0], cwd=tmp_path, database_url=database_url)
    async with database.write() as session:
        old = await session.get(m.ApiKey, 3)
        assert old is not None
        old.expires_at = old.last_used_at = now().replace(year=2026, month=1, day=2, hour=3)
        at = old.expires_at.strftime("%Y-%m-%d %H:%M")

    output, _ = run("list", cwd=tmp_path, database_url=database_url)
    rows = [re.split(r"\s{2,}", line) for line in output.splitlines()]
    assert rows == [
        ["PREFIX", "NAME", "STATE", "SCOPES", "TEAMS", "USER", "EXPIRES", "LAST USED"],
        [made[0], "all", "revoked", "admin", "(all)", "never", "never"],
        [made[1], "some", "good", "tag:read,goal:read", "Growth", "never", "never"],
        [made[2], "old", "expired", "tag:read", "(all)", "ada@x", at, at],
    ]


@pytest.mark.parametrize("by", ["prefix", "id", "secret"])
async def test_a_key_is_revoked_by_what_one_has_of_it(
    database: Database, database_url: str, tmp_path: Path, by: str
) -> None:
    secret, _ = run("create", "ci", "--scope", "admin", cwd=tmp_path, database_url=database_url)
    secret = secret.strip()
    named = {"prefix": secret[:11], "id": encode("ApiKey", 1), "secret": secret}[by]

    said, _ = run("revoke", named, cwd=tmp_path, database_url=database_url)
    key, _ = await only_key(database)
    assert said == f"{secret[:11]} (ci) is revoked.\n"
    assert key.revoked_at is not None
    said, _ = run("revoke", named, cwd=tmp_path, database_url=database_url)
    again, _ = await only_key(database)
    assert said == f"{secret[:11]} (ci) was revoked before.\n"
    assert again.revoked_at == key.revoked_at


TWINS = "is the name of several"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a process for each of them
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "x", "--scope", "experiment:eat"), "There is no scope 'experiment:eat'."),
        (("create", "x", "--scope", "Admin"), "There is no scope 'Admin'."),
        (("create", " ", "--scope", "admin"), "name is empty."),
        (("create", "a\nb", "--scope", "admin"), "name holds characters that are no text."),
        (("create", "x", "--scope", "admin", "--team", "Nobody"), "There is no team 'Nobody'."),
        (("create", "x", "--scope", "admin", "--team", "Twin"), f"'Twin' {TWINS} teams: "),
        (
            ("create", "x", "--scope", "admin", "--team", encode("Team", 99)),
            f"There is no Team {encode('Team', 99)}.",
        ),
        (
            ("create", "x", "--scope", "admin", "--team", encode("User", 1)),
            f"There is no team '{encode('User', 1)}'.",
        ),
        (("create", "x", "--scope", "admin", "--user", "bob@x"), "There is no user 'bob@x'."),
        (("create", "x", "--scope", "admin", "--user", "twin@x"), f"'twin@x' {TWINS} users: "),
        (
            ("create", "x", "--scope", "admin", "--include-unowned"),
            "includeUnowned goes with teams: a key without them sees everything.",
        ),
        (("create", "x", "--scope", "admin", "--expires-in", "soon"), "'soon' is no time: "),
        (("create", "x", "--scope", "admin", "--expires-in", "0d"), "'0d' is no time: "),
        (("revoke", "tg_nothing_"), "There is no key 'tg_nothing_'."),
        (("revoke", "tg_most_of_a_secret"), "There is no key tg_most_of_…."),
        (("revoke", "nothing"), "There is no key 'nothing'."),
        (("revoke", encode("ApiKey", 5)), f"There is no ApiKey '{encode('ApiKey', 5)}'."),
    ],
)
async def test_what_cannot_be_is_named_in_one_line_and_nothing_is_written(
    database: Database,
    database_url: str,
    tmp_path: Path,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    await people(database)
    before = await everything(database)
    line = fails("keys", *arguments, cwd=tmp_path, database_url=database_url)

    assert line.startswith(f"trialgraph: {message}")
    assert await everything(database) == before


def test_an_unknown_scope_creates_no_database(tmp_path: Path) -> None:
    fails("keys", "create", "x", "--scope", "nothing", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("90d", timedelta(days=90)),
        ("4w", timedelta(weeks=4)),
    ],
)
def test_a_time_is_written_as_a_number_and_a_unit(text: str, meant: timedelta) -> None:
    assert duration(text) == meant


@pytest.mark.parametrize("text", ["", "d", "5", "-5d", "5y", "1.5h", "5 d", "999999d", "٣d"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(BadUserInput, match="is no time: write 30m, 12h, 90d or 4w"):
        duration(text)


# --- Starting


def test_the_first_start_makes_a_key_shows_it_once_and_the_next_one_makes_none(
    tmp_path: Path, new_database_url: str
) -> None:
    settings = {"database_url": new_database_url, "bootstrap_key": "", "log_level": "debug"}
    with serving(tmp_path, **settings) as gateway:
        found = re.fullmatch(
            rf"Trialgraph: explorer at {gateway.url}#key=(tg_[\w-]{{43}})\n", gateway.banner
        )
        assert found is not None, gateway.banner
        key = found[1]
        assert gateway.line() == f"GraphQL at {gateway.url}graphql. Ctrl-C stops it.\n"
        assert gateway.line() == (
            "The address carries the first API key, which may do everything and is shown this "
            "once.\n"
        )
        who = "{ viewer { name scopes } }"
        first = {"data": {"viewer": {"name": "first key", "scopes": ["admin"]}}}
        assert gateway.ask(who, key) == first
        assert gateway.stop() == 0
    logged = (tmp_path / "stderr.txt").read_text()
    assert "request" in logged
    assert key[11:] not in logged
    assert digest_of(key) not in logged
    with serving(tmp_path, **settings) as gateway:
        assert gateway.banner == f"Trialgraph: explorer at {gateway.url}\n"
        gateway.line()
        assert gateway.line() == (
            "It takes an API key: `trialgraph keys create NAME --scope admin` makes one.\n"
        )
        assert gateway.ask(who, key) == first
        assert gateway.stop() == 0


async def test_of_several_that_start_at_once_one_makes_the_first_key(database: Database) -> None:
    made = await asyncio.gather(*(create_first(database) for _ in range(5)))
    key, _ = await only_key(database)
    assert [found.key.id for found in made if found is not None] == [key.id]


async def test_no_key_is_made_where_a_bootstrap_key_is_set_or_a_revoked_key_is_there(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with serving(tmp_path, database_url=database_url) as gateway:
        assert "#key=" not in gateway.banner
    async with database.read() as session:
        assert list(await session.scalars(select(m.ApiKey))) == []
    secret, _ = run("create", "ci", "--scope", "admin", cwd=tmp_path, database_url=database_url)
    run("revoke", secret[:11], cwd=tmp_path, database_url=database_url)
    with serving(tmp_path, database_url=database_url, bootstrap_key="") as gateway:
        assert "#key=" not in gateway.banner
    key, _ = await only_key(database)
    assert key.name == "ci"


# --- What nobody may give away


async def refused(database: Database, viewer: Viewer, **wanted: Any) -> list[str]:
    """Why the viewer may not make such a key; nothing is written."""
    before = await everything(database)
    with pytest.raises(Refusal) as caught:
        async with Context(database, viewer).transaction() as change:
            await make(change, Wanted(**{"name": "k", "scopes": ["tag:read"], **wanted}))
    assert await everything(database) == before
    return [reason.message for reason in caught.value.reasons]


async def test_nobody_makes_a_key_that_may_do_more_than_they_do(database: Database) -> None:
    keeper = Viewer("k", "k", frozenset({"api_key:write", "tag:write"}))
    assert await refused(database, Viewer("r", "r", frozenset({"api_key:read"}))) == [
        "The scope api_key:write is missing."
    ]
    assert await refused(database, keeper, scopes=["tag:read", "goal:read", "admin", "x"]) == [
        "There is no scope 'x'.",
        "The scope goal:read is missing.",
        "The scope admin is missing.",
    ]
    async with Context(database, keeper).transaction() as change:
        made = await make(change, Wanted(name="k", scopes=["tag:read", "tag:write"]))
    assert (made.key.scopes, made.key.created_by) == (["tag:read", "tag:write"], "k")


async def test_nobody_makes_a_key_that_sees_more_than_they_do(database: Database) -> None:
    numbers = await people(database)
    teams = frozenset({numbers["Growth"]})
    bound = Viewer("b", "b", frozenset({ADMIN}), teams)
    twin = encode("Team", numbers["Twin"])
    assert await refused(database, bound) == ["Your key is bound to teams: so must this one be."]
    assert await refused(database, bound, teams=[numbers["Twin"]]) == [f"There is no Team {twin}."]
    assert await refused(database, bound, teams=[*teams], include_unowned=True) == [
        "Your key does not see what belongs to no team."
    ]
    async with Context(database, bound).transaction() as change:
        await make(change, Wanted(name="k", scopes=[ADMIN], teams=[*teams]))
    key, found = await only_key(database)
    assert (key.team_bound, found) == (True, [*teams])


async def test_only_an_admin_makes_a_key_in_the_name_of_somebody_else(database: Database) -> None:
    ada = (await people(database))["ada@x"]
    scopes = frozenset({"api_key:write", "tag:read", "user:read"})
    assert await refused(database, Viewer("k", "k", scopes), user_id=ada) == [
        "The scope admin is missing."
    ]
    herself = Viewer("k", "k", scopes, user_id=ada)
    for viewer in (herself, ME):
        async with Context(database, viewer).transaction() as change:
            made = await make(change, Wanted(name="k", scopes=["tag:read"], user_id=ada))
        assert made.key.user_id == ada
    assert await refused(database, ME, user_id=10**6) == [
        f"There is no User {encode('User', 10**6)}."
    ]


async def test_a_key_that_has_expired_already_is_not_made(database: Database) -> None:
    assert await refused(database, ME, expires_at=now()) == ["expiresAt is past."]


async def test_keys_are_listed_as_far_as_they_are_seen(database: Database) -> None:
    growth = (await people(database))["Growth"]
    for teams in (None, [growth]):
        async with Context(database, ME).transaction() as change:
            await make(change, Wanted(name=str(teams), scopes=[ADMIN], teams=teams))
    async with database.read() as session:
        bound = Viewer("b", "b", frozenset({ADMIN}), frozenset({growth}))
        names = [[key.name for key in await listed(session, viewer)] for viewer in (ME, bound)]

    assert names == [["None", f"[{growth}]"], [f"[{growth}]"]]


def test_the_scopes_are_two_for_each_noun_and_what_takes_one_of_its_own() -> None:
    nouns = {
        *("api_key", "application", "approval_policy", "experiment", "experiment_saved_metric"),
        *("feature_flag", "goal", "metric", "segment", "source", "tag", "team", "unit_type"),
        "user",
    }
    assert {*known_scopes()} == {
        *(f"{noun}:{verb}" for noun in nouns for verb in ("read", "write")),
        *(f"experiment:{action}" for action in ("start", "stop", "delete", "approve")),
        "admin",
    }
