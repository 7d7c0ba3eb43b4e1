"""The import of a payload through the graph.

The payload is read and merged before the transaction begins, and written in it: so an idempotency
key, a dry run and a refusal mean what they mean for every other mutation. What reads payloads is
imported with the first of them: no process needs it to start.
"""

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.errors import PayloadRefused
from models import Source
from models.arguments import FieldError
from models.errors import (
    BadUserInput,
    Forbidden,
    Refusal,
    UnsupportedByPlatform,
    ValidationFailed,
)
from models.rules import name_text
from resolvers.access import Viewer
from resolvers.change import Change
from resolvers.context import Context
from resolvers.mutation import Work, perform
from resolvers.outcome import Outcome
from resolvers.scopes import write_scope

if TYPE_CHECKING:
    from connectors.importing import Staged
    from connectors.payloads.vocabulary import Vocabulary

MUTATION = "importPayload"


class ImportCount(NamedTuple):
    """What became of the things of one type."""

    type: str
    created: int
    updated: int
    unchanged: int
    skipped: int


async def import_payload(context: Context, input: Any) -> Outcome:  # noqa: A002  as in the graph
    """Write a platform's payload as rows of one source; everything of it, or nothing."""
    from connectors.importing import staged  # noqa: PLC0415  see above
    from connectors.payloads.documents import Document  # noqa: PLC0415  see above

    try:
        vocabulary = _require_possible(context.viewer, input)
        document = Document("payload", BytesIO(_written(input.payload)))
        reading = staged([document], source=input.source or None, vocabulary=vocabulary)
        async with reading as ready:
            return await perform(context, MUTATION, _writing(ready), input)
    except PayloadRefused as refused:
        return Outcome.refused(input, _invalid("payload", refused.message, "payload"))
    except Refusal as refusal:
        return Outcome.refused(input, *refusal.reasons)


def counts(outcome: Outcome) -> list[ImportCount]:
    """What became of everything in the payload, by type."""
    return [ImportCount(*entry) for entry in outcome.counts]


def _writing(ready: "Staged") -> Work:
    async def work(change: Change, _: Any) -> Outcome:
        try:
            number = await ready.write(await change.session.connection())
        except BadUserInput as error:
            raise Refusal(_invalid("source", error.message, "platform")) from error
        found = tuple(ready.report.rows())
        source = await change.session.get_one(Source, number)
        event_id = None
        if any(created or updated for _, created, updated, *_ in found):
            told = {"counts": [ImportCount(*entry)._asdict() for entry in found]}
            event_id = (await change.record(source, "IMPORT", None, told)).id
        return Outcome(row_id=number, event_id=event_id, counts=found)

    return work


def _require_possible(viewer: Viewer, given: Any) -> "Vocabulary | None":
    """How the payload is read; None where it tells by itself.

    Raises a Refusal where it cannot be taken from this viewer.
    """
    from connectors.recognising import vocabulary_of  # noqa: PLC0415  see above

    viewer.require(write_scope(Source))
    if viewer.team_bound:
        message = "Your key is bound to teams, and an import writes what belongs to others too."
        raise Refusal(Forbidden(message=message, scope=None))
    vocabulary = vocabulary_of(given.platform) if given.platform else None
    if given.platform and vocabulary is None:
        message = f"Payloads of {given.platform} cannot be imported."
        raise Refusal(
            UnsupportedByPlatform(
                message=message, path=("platform",), platform=given.platform, action=None
            )
        )
    if given.source and (error := name_text(("source",), given.source)):
        raise Refusal(ValidationFailed.of(error))
    return vocabulary


def _written(payload: Any) -> bytes:
    """The payload as the import reads it, which has bounds of its own."""
    try:
        return json.dumps(payload, allow_nan=False).encode()
    except RecursionError:
        message = "payload is nested too deeply."
    except ValueError:
        message = "payload holds a number that is out of range."
    raise Refusal(_invalid("payload", message, "payload"))


def _invalid(field: str, message: str, rule: str) -> ValidationFailed:
    return ValidationFailed.of(FieldError((field,), message, rule))
