"""API keys: making and revoking them, and who comes with a secret.

A secret has 256 random bits, so a plain SHA-256 of it can be kept: there is nothing to guess.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col
from strawberry import UNSET

from models import ApiKey, ApiKeyTeam, Event, Team, User
from models.arguments import FieldError
from models.errors import Forbidden, NotFound, Refusal, UserError, ValidationFailed
from models.rules import name_text, number_rule
from resolvers.access import Viewer, visible
from resolvers.change import Change
from resolvers.identity import decode_as, encode, shorten
from resolvers.keys import keyed_by
from resolvers.outcome import Outcome
from resolvers.scopes import ADMIN, known_scopes, write_scope

MARK = "tg_"
"""What every secret begins with, so that a leaked one is recognised as ours."""

SECRET_LENGTH = len(MARK) + 43
PREFIX_LENGTH = 11
LIMIT = number_rule(10, 1_000_000_000)
"""What a key's own rate limit may be."""

USED_AT_MOST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A key to be made. ``teams`` are row numbers; None makes a key that sees everybody's rows."""

    name: str
    scopes: Sequence[str]
    teams: Sequence[int] | None = None
    include_unowned: bool = False
    user_id: int | None = None
    rate_limit: int | None = None
    expires_at: datetime | None = None


class Made(NamedTuple):
    """A new key. Its secret is nowhere else, and is to be shown once."""

    key: ApiKey
    secret: str
    event: Event


async def make(change: Change, wanted: Wanted) -> Made:
    """Make a key. Raises a Refusal with every reason against it.

    Nobody makes a key that may do or see more than they do, and only an admin makes keys for
    other users or with a rate limit of their own.
    """
    change.viewer.require(write_scope(ApiKey))
    reasons = [*_unsound(wanted, change.at), *_beyond(wanted, change.viewer)]
    reasons += await _missing(change, wanted)
    if reasons:
        raise Refusal(*reasons)
    secret = MARK + secrets.token_urlsafe(32)
    key = ApiKey(
        name=wanted.name.strip(),
        prefix=secret[:PREFIX_LENGTH],
        digest=digest_of(secret),
        scopes=list(dict.fromkeys(wanted.scopes)),
        team_bound=wanted.teams is not None,
        include_unowned=wanted.include_unowned,
        user_id=wanted.user_id,
        rate_limit=wanted.rate_limit,
        expires_at=wanted.expires_at,
        created_by=change.viewer.name,
    )
    teams = list(dict.fromkeys(wanted.teams or ()))
    await change.add(key)
    change.session.add_all(
        ApiKeyTeam(api_key_id=key.id, team_id=team, position=position)
        for position, team in enumerate(teams)
    )
    also = {"teams": [encode(Team.__name__, team) for team in teams]} if key.team_bound else {}
    return Made(key, secret, await change.created(key, also))


async def revoke(change: Change, key: ApiKey) -> Event | None:
    """Make a key useless from now on; None where it was before. Raises a Refusal."""
    change.viewer.require(write_scope(ApiKey))
    if key.revoked_at is not None:
        return None
    return await change.update(key, "REVOKE", {"revoked_at": change.at})


async def create_api_key(change: Change, given: Any) -> Outcome:
    """The mutation that makes a key, and shows its secret once."""
    unbound = given.teams is None or given.teams is UNSET
    said = {name: getattr(given, name) for name in ("include_unowned", "rate_limit", "expires_at")}
    made = await make(
        change,
        Wanted(
            name=given.name,
            scopes=given.scopes,
            teams=None if unbound else [decode_as(Team, text) for text in given.teams],
            user_id=decode_as(User, given.user) if given.user else None,
            **{name: value for name, value in said.items() if value not in {None, UNSET}},
        ),
    )
    return Outcome(row_id=made.key.id, event_id=made.event.id, secret=made.secret)


async def revoke_api_key(change: Change, given: Any) -> Outcome:
    """The mutation that makes a key useless."""
    key = await change.find(ApiKey, given.id, "id")
    event = await revoke(change, key)
    return Outcome(row_id=key.id, event_id=event.id if event else None)


async def listed(session: AsyncSession, viewer: Viewer) -> Sequence[ApiKey]:
    """The keys that exist for the viewer, oldest first."""
    return (await session.scalars(visible(ApiKey, viewer).order_by(col(ApiKey.id)))).all()


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def holder(session: AsyncSession, secret: str) -> tuple[ApiKey, Viewer] | None:
    """The key of a secret, good or not, and whom it makes of its bearer; in one statement."""
    return await _held(session, col(ApiKey.digest) == digest_of(secret))


async def holder_of(session: AsyncSession, number: int) -> tuple[ApiKey, Viewer] | None:
    """The key of that row number, good or not, and whom it makes of its bearer now."""
    return await _held(session, col(ApiKey.id) == number)


async def _held(session: AsyncSession, owned: ColumnElement[bool]) -> tuple[ApiKey, Viewer] | None:
    named = select(col(ApiKeyTeam.team_id)).join(ApiKey, col(ApiKey.id) == ApiKeyTeam.api_key_id)
    teams = with_those_below(named.where(owned))
    statement = select(ApiKey, teams.c.team_id).join(teams, true(), isouter=True).where(owned)
    rows = (await session.execute(statement)).all()
    if not rows:
        return None
    key: ApiKey = rows[0][0]
    found = frozenset(team for _, team in rows if team is not None)
    viewer = Viewer(
        actor=f"key:{key.id}",
        name=key.name,
        scopes=frozenset(key.scopes),
        teams=found if key.team_bound else None,
        include_unowned=key.include_unowned,
        user_id=key.user_id,
        api_key_id=key.id,
        rate_limit=key.rate_limit,
        until=key.expires_at,
    )
    return key, viewer


def with_those_below(teams: Select[Any]) -> CTE:
    """The teams of a statement with every team below them, as ``team_id``."""
    tree = teams.cte("tree", recursive=True)
    below: Any = aliased(Team)
    return tree.union(select(below.id).join(tree, below.parent_id == tree.c.team_id))


async def note_use(session: AsyncSession, number: int, at: datetime) -> None:
    """Write down that a key was used, unless that was done less than a minute ago."""
    last = col(ApiKey.last_used_at)
    long_ago = or_(last.is_(None), last <= at - USED_AT_MOST_EVERY)
    await session.execute(
        update(ApiKey).where(col(ApiKey.id) == number, long_ago).values(last_used_at=at)
    )


def _unsound(wanted: Wanted, at: datetime) -> Iterator[UserError]:
    """What of the wish cannot be, whoever it comes from."""
    known = known_scopes()
    problems = [name_text(("name",), wanted.name)]
    problems += [
        FieldError(("scopes",), f"There is no scope {shorten(scope)}.", "known")
        for scope in wanted.scopes
        if scope not in known
    ]
    if not wanted.name.isprintable():
        problems.append(FieldError(("name",), "name holds characters that are no text.", "text"))
    if not wanted.scopes:
        problems.append(FieldError(("scopes",), "scopes is empty.", "required"))
    if wanted.teams is None and wanted.include_unowned:
        message = "includeUnowned goes with teams: a key without them sees everything."
        problems.append(FieldError(("includeUnowned",), message, "teams"))
    if wanted.expires_at is not None and wanted.expires_at <= at:
        problems.append(FieldError(("expiresAt",), "expiresAt is past.", "future"))
    if wanted.rate_limit is not None:
        problems.append(LIMIT(("rateLimit",), wanted.rate_limit))
    found = [problem for problem in problems if problem is not None]
    if found:
        yield ValidationFailed.of(*found)


def _beyond(wanted: Wanted, viewer: Viewer) -> Iterator[UserError]:
    """What the viewer cannot give away, not having it."""
    yield from (
        Forbidden.lacking(scope)
        for scope in wanted.scopes
        if scope in known_scopes() and viewer.lacks(scope)
    )
    if viewer.team_bound and not wanted.teams:  # one of no team is out of the maker's sight
        yield Forbidden(message="Your key is bound to teams: so must this one be.", scope=None)
    if viewer.team_bound and wanted.include_unowned and not viewer.include_unowned:
        yield Forbidden(message="Your key does not see what belongs to no team.", scope=None)
    is_for_another = wanted.user_id not in {None, viewer.user_id}
    if (is_for_another or wanted.rate_limit is not None) and viewer.lacks(ADMIN):
        yield Forbidden.lacking(ADMIN)


async def _missing(change: Change, wanted: Wanted) -> list[UserError]:
    """What the wish names and the viewer does not find."""
    users = [] if wanted.user_id is None else [wanted.user_id]
    named: tuple[tuple[type[Any], str, Sequence[int]], ...] = (
        (Team, "teams", wanted.teams or ()),
        (User, "user", users),
    )
    reasons: list[UserError] = []
    for model, field, numbers in named:
        there = visible(model, change.viewer).where(keyed_by(model.id, numbers))
        found = {row.id for row in await change.session.scalars(there)} if numbers else set()
        reasons += [
            NotFound(
                message=f"There is no {model.__name__} {encode(model.__name__, number)}.",
                path=(field,),
            )
            for number in dict.fromkeys(numbers)
            if number not in found
        ]
    return reasons
