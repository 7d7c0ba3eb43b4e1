"""What `trialgraph keys` and the first start do with the database."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlmodel import col

from models import ApiKey, ApiKeyTeam, Team, User
from models.base import now
from models.database import Database
from models.errors import BadUserInput
from resolvers.access import Viewer
from resolvers.api_key import MARK, PREFIX_LENGTH, Made, Wanted, digest_of, listed, make, revoke
from resolvers.change import Change
from resolvers.context import Context
from resolvers.identity import decode_as, encode, shorten
from resolvers.scopes import ADMIN, known_scopes

COMMAND_LINE = Viewer("command-line", "the command line", frozenset({ADMIN}))
"""Whoever may start our commands has the database already."""

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
HEADINGS = ("PREFIX", "NAME", "STATE", "SCOPES", "TEAMS", "USER", "EXPIRES", "LAST USED")


@dataclass(frozen=True, slots=True)
class Asked:
    """A key as the command line describes it: teams and users by what people call them."""

    name: str
    scopes: Sequence[str]
    teams: Sequence[str] = ()
    include_unowned: bool = False
    user: str | None = None
    expires_in: timedelta | None = None


def duration(said: str) -> timedelta:
    """The time that 30m, 12h, 90d or 4w is. Raises BadUserInput."""
    found = re.fullmatch(r"([1-9]\d{0,4})([mhdw])", said, re.ASCII)
    if found is None:
        raise BadUserInput(f"{shorten(said)} is no time: write 30m, 12h, 90d or 4w.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def check_scopes(scopes: Sequence[str]) -> None:
    """Raises BadUserInput for a scope that there is not, before anything is opened."""
    known = known_scopes()
    for scope in scopes:
        if scope not in known:
            raise BadUserInput(f"There is no scope {shorten(scope)}. There are: {', '.join(known)}")


async def create(database: Database, asked: Asked) -> Made:
    """Make a key. Raises an ExpectedError for what cannot be made or is not there."""
    async with Context(database, COMMAND_LINE).transaction() as change:
        wanted = Wanted(
            name=asked.name,
            scopes=asked.scopes,
            teams=[await _team(change, team) for team in asked.teams] if asked.teams else None,
            include_unowned=asked.include_unowned,
            user_id=None if asked.user is None else await _user(change, asked.user),
            expires_at=None if asked.expires_in is None else change.at + asked.expires_in,
        )
        return await make(change, wanted)


async def create_first(database: Database) -> Made | None:
    """Make a key for whoever starts the gateway, if there is none at all."""
    async with Context(database, COMMAND_LINE).transaction() as change:
        if not database.is_sqlite:  # which has one writer at a time anyway
            await change.session.execute(text("LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE"))
        if await change.session.scalar(select(col(ApiKey.id)).limit(1)) is not None:
            return None
        return await make(change, Wanted(name="first key", scopes=[ADMIN]))


async def cancel(database: Database, named: str) -> tuple[ApiKey, bool]:
    """Revoke the key of a prefix, an id or a secret; whether it was good until now."""
    async with Context(database, COMMAND_LINE).transaction() as change:
        key = await _key(change, named)
        return key, await revoke(change, key) is not None


async def lines(database: Database) -> list[str]:
    """Every key in a line of its own, below a heading."""
    async with database.read() as session:
        keys = await listed(session, COMMAND_LINE)
        owner = select(col(User.id), col(User.email)).join(ApiKey, col(ApiKey.user_id) == User.id)
        users = dict((await session.execute(owner)).tuples().all())
        named: dict[int, list[str]] = {}
        link = select(col(ApiKeyTeam.api_key_id), col(Team.name)).join(Team)
        for number, team in (
            await session.execute(link.order_by(col(ApiKeyTeam.position)))
        ).tuples():
            named.setdefault(number, []).append(team)
    rows = [HEADINGS, *(_row(key, named.get(key.id, []), users) for key in keys)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(key: ApiKey, teams: list[str], users: dict[int, str | None]) -> tuple[str, ...]:
    unowned = ["(no team)"] if key.include_unowned else []
    return (
        key.prefix,
        key.name,
        _state(key),
        ",".join(key.scopes),
        ", ".join([*teams, *unowned]) if key.team_bound else "(all)",
        "" if key.user_id is None else users.get(key.user_id) or encode("User", key.user_id),
        _moment(key.expires_at),
        _moment(key.last_used_at),
    )


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now() else "good"


def _moment(at: datetime | None) -> str:
    return "never" if at is None else at.strftime("%Y-%m-%d %H:%M")


async def _team(change: Change, named: str) -> int:
    return await _only(change, Team, named, col(Team.name) == named)


async def _user(change: Change, named: str) -> int:
    return await _only(change, User, named, col(User.email) == named)


async def _only(change: Change, model: type[Any], named: str, called: Any) -> int:
    """The number of the only row that is called so, or that has this global id."""
    statement = select(model.id).where(called).order_by(model.id)
    found = list(await change.session.scalars(statement))
    if len(found) == 1:
        return int(found[0])
    noun = model.__name__.lower()
    if found:
        ids = ", ".join(encode(model.__name__, number) for number in found)
        raise BadUserInput(f"{shorten(named)} is the name of several {noun}s: {ids}.")
    try:
        number = decode_as(model, named)
    except BadUserInput:
        raise BadUserInput(f"There is no {noun} {shorten(named)}.") from None
    return number


async def _key(change: Change, named: str) -> ApiKey:
    is_secret = named.startswith(MARK) and len(named) > PREFIX_LENGTH
    called = col(ApiKey.digest) == digest_of(named) if is_secret else col(ApiKey.prefix) == named
    found = list(await change.session.scalars(select(ApiKey).where(called)))
    if len(found) > 1:
        ids = ", ".join(encode("ApiKey", key.id) for key in found)
        raise BadUserInput(f"{named} is the prefix of several keys: {ids}.")
    if found:
        return found[0]
    try:
        return await change.find(ApiKey, named)
    except BadUserInput:
        # It may be most of a secret, which is nothing to repeat.
        shown = named[:PREFIX_LENGTH] + "…" if is_secret else shorten(named)
        raise BadUserInput(f"There is no key {shown}.") from None
