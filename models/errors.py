"""Expected failures: small classes that carry their facts. Plain Python.

What is refused before or beside a mutation is an `ExpectedError`. Why a mutation was refused is a
`UserError`, a frozen object of facts; a `Refusal` brings one or several of them up to the caller.
"""

from dataclasses import dataclass
from typing import ClassVar

from models.arguments import FieldError
from models.naming import snake
from models.phase import Action, Phase, Platform
from models.readiness import Blocker


class ExpectedError(Exception):
    """A failure that a caller can act on.

    ``code`` is what a GraphQL error carries as ``extensions.code``; ``extensions`` are the facts
    beside it. Everything that is not an ExpectedError is a defect, and is masked.
    """

    code: str = "BAD_USER_INPUT"

    def __init__(self, message: str, **extensions: object) -> None:
        super().__init__(message)
        self.message = message
        self.extensions: dict[str, object] = extensions


class BadUserInput(ExpectedError):
    """The caller asked for something that cannot be: the message names the value and the rule."""


class DatabaseBusy(ExpectedError):
    """A writer waited too long for another one; nothing was written, and it may try again."""

    code = "DATABASE_BUSY"

    def __init__(self, waited_seconds: float) -> None:
        super().__init__(
            f"Another writer kept the database for more than {waited_seconds:g} s. Try again.",
            retryable=True,
        )


class DatabaseUnavailable(ExpectedError):
    """The database cannot be opened or reached; the message names it without its password."""

    code = "DATABASE_UNAVAILABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserError:
    """One reason why a change was not made. ``path`` names the field of the input to mend."""

    TOP_LEVEL: ClassVar[str] = "BAD_USER_INPUT"
    """The ``extensions.code`` where the reason stands outside a payload."""

    message: str
    path: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The name of the class, as programs compare it: INVALID_TRANSITION."""
        return snake(type(self).__name__).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidTransition(UserError):
    """The action does not start from where the experiment stands."""

    action: Action
    from_: Phase
    allowed: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReady(UserError):
    """The experiment lacks something that the action needs."""

    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleVersion(UserError):
    """Somebody else changed the row since the caller read it."""

    current_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequired(UserError):
    """A policy asks for approval first; on a dry run there is no change request."""

    change_request_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationFailed(UserError):
    """Fields of the input cannot be as they are."""

    fields: tuple[FieldError, ...]

    @classmethod
    def of(cls, *fields: FieldError) -> "ValidationFailed":
        """The reason that lists these fields; its path is the first one's."""
        message = " ".join(field.message for field in fields)
        return cls(message=message, path=fields[0].path, fields=fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound(UserError):
    """Nothing of that name is there for this caller."""

    TOP_LEVEL: ClassVar[str] = "NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden(UserError):
    """The caller may not do this; ``scope`` is what is lacking, None where no scope would help."""

    TOP_LEVEL: ClassVar[str] = "FORBIDDEN"

    scope: str | None

    @classmethod
    def lacking(cls, scope: str) -> "Forbidden":
        """The refusal that names the scope."""
        return cls(message=f"The scope {scope} is missing.", scope=scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken(UserError):
    """Another row has that name already."""

    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse(UserError):
    """Other rows name the one that was to go; ``by`` are pairs of type name and row number."""

    by: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsupportedByPlatform(UserError):
    """The platform has no such action; ``action`` is None for what is no lifecycle action."""

    platform: Platform
    action: Action | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyConflict(UserError):
    """The idempotency key was used for another input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamFailed(UserError):
    """The platform did not do what it was asked; ``retry_after`` is in seconds."""

    source: str
    status: int | None
    retryable: bool
    retry_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRequired(UserError):
    """The account at the platform has no plan that allows this."""


class Refusal(ExpectedError):
    """A change that was not made, with every reason at once."""

    def __init__(self, *reasons: UserError) -> None:
        facts = {"scope": reasons[0].scope} if isinstance(reasons[0], Forbidden) else {}
        super().__init__(" ".join(reason.message for reason in reasons), **facts)
        self.reasons = reasons
        self.code = reasons[0].TOP_LEVEL
