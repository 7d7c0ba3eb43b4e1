"""What became of a mutation: every reason why not, or the rows that its payload is read from."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

from strawberry import UNSET

from models.errors import ApprovalRequired, BadUserInput, UserError
from resolvers.identity import decode

PENDING = "A policy asks for approval first: nothing was changed, and the request is waiting."


@dataclass(frozen=True, slots=True)
class Outcome:
    """Row numbers, which the payload's fields follow like any other edge.

    ``row_id`` is what the mutation is about; ``delivery_id`` is its way to the experiment's
    platform, if it has one; ``secret`` is shown once and never stored; ``counts`` are what an
    import did: type, created, updated, unchanged, skipped. Reasons that are returned, and not
    raised, were written down (a change request that waits, or that became stale): their
    transaction commits.
    """

    errors: tuple[UserError, ...] = ()
    row_id: int | None = None
    experiment_id: int | None = None
    note_id: int | None = None
    scheduled_id: int | None = None
    event_id: int | None = None
    change_request_id: int | None = None
    delivery_id: int | None = None
    secret: str | None = None
    results: tuple["Outcome", ...] = ()
    counts: tuple[tuple[str, int, int, int, int], ...] = ()
    replayed: bool = False

    @property
    def ok(self) -> bool:
        """Whether the change was made (on a dry run: would be made)."""
        return not self.errors and all(result.ok for result in self.results)

    @property
    def is_kept(self) -> bool:
        """Whether an idempotency key answers with this again: a refusal is judged anew.

        A batch of nothing but refusals is one.
        """
        waits = all(isinstance(error, ApprovalRequired) for error in self.errors)
        return waits and (not self.results or any(result.is_kept for result in self.results))

    def stored(self) -> dict[str, Any]:
        """The answer as a document."""
        named = (field.name for field in fields(self) if field.name.endswith("_id"))
        found = {name: getattr(self, name) for name in named}
        found |= {"counts": [list(entry) for entry in self.counts]} if self.counts else {}
        return {**found, "approval_required": bool(self.errors), "again": bool(self.results)}

    @classmethod
    def replay(cls, answer: dict[str, Any]) -> Self | None:
        """The outcome that was stored; None for a batch, whose items have answers of their own."""
        numbers = dict(answer)
        if numbers.pop("again"):
            return None
        counts = tuple(tuple(entry) for entry in numbers.pop("counts", ()))
        reasons = (
            (ApprovalRequired(message=PENDING, change_request_id=numbers["change_request_id"]),)
            if numbers.pop("approval_required")
            else ()
        )
        return cls(errors=reasons, counts=counts, replayed=True, **numbers)

    def undone(self, given: Any) -> Self:
        """The outcome without the rows that a dry run did not write."""
        errors = tuple(
            replace(error, change_request_id=None) if isinstance(error, ApprovalRequired) else error
            for error in self.errors
        )
        left = type(self).refused(given, *errors)
        return replace(left, results=self.results, counts=self.counts)

    @classmethod
    def refused(cls, given: Any, *errors: UserError) -> Self:
        """The outcome that names nothing but what the input named."""
        return cls(
            errors=errors,
            row_id=_number(getattr(given, "id", UNSET)),
            experiment_id=_number(getattr(given, "experiment", UNSET)),
        )


def _number(text: Any) -> int | None:
    try:
        return decode(text)[1] if isinstance(text, str) else None
    except BadUserInput:
        return None
