"""Expected failures: small classes that carry their facts. Plain Python."""


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


class NotFound(ExpectedError):
    """Nothing of that name is there for this caller."""

    code = "NOT_FOUND"


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
