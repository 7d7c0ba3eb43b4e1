"""Idempotency keys: asking the same again under the same key changes nothing more.

The key belongs to one caller and one mutation. It is claimed before anything is looked at, in the
transaction of the change: of two that come at once the second waits, and then replays the first.
"""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from strawberry import UNSET

from models import IdempotencyRecord
from models.errors import IdempotencyConflict, Refusal, ValidationFailed
from models.rules import text_rule
from resolvers.change import Change

KEPT = timedelta(days=2)
LONGEST_KEY = 255
INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
BESIDE_THE_INPUT = frozenset({"idempotency_key", "dry_run"})


async def claim(change: Change, mutation: str, given: Any) -> IdempotencyRecord | None:
    """The record of the input's idempotency key, new or as it was answered; None without a key.

    Raises a Refusal with IdempotencyConflict where the key was used for another input.
    """
    key = given.idempotency_key
    if key is UNSET or key is None:
        return None
    _require_sound(key)
    wanted = fingerprint(given)
    named = {"actor": change.viewer.actor, "mutation": mutation, "key": key}
    insert = INSERTS[change.session.get_bind().dialect.name]
    record: IdempotencyRecord | None = await change.session.scalar(
        insert(IdempotencyRecord)
        .values(**named, fingerprint=wanted, created_at=change.at)
        .on_conflict_do_nothing()
        .returning(IdempotencyRecord)
    )
    return record or await _claimed(change, named, wanted)


async def forget(change: Change, at: datetime) -> None:
    """Remove what was answered longer ago than `KEPT`."""
    old = col(IdempotencyRecord.created_at) < at - KEPT
    await change.session.execute(delete(IdempotencyRecord).where(old))


def fingerprint(given: Any) -> str:
    """A hash of an input, which is the same for the same input however it is written."""
    said = json.dumps(_canonical(given), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


async def _claimed(change: Change, named: dict[str, str], wanted: str) -> IdempotencyRecord:
    record = await change.session.scalar(
        select(IdempotencyRecord).filter_by(**named).with_for_update()
    )
    if record is None or record.fingerprint != wanted:
        message = "The idempotency key was used for another input of this mutation."
        raise Refusal(IdempotencyConflict(message=message, path=("idempotencyKey",)))
    return record


def _require_sound(key: str) -> None:
    error = text_rule(LONGEST_KEY, least=1)(("idempotencyKey",), key)
    if error:
        raise Refusal(ValidationFailed.of(error))


def _canonical(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _canonical(getattr(value, field.name))
            for field in fields(value)
            if field.name not in BESIDE_THE_INPUT and getattr(value, field.name) is not UNSET
        }
    if isinstance(value, dict):
        return {str(name): _canonical(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else _plain(value)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
