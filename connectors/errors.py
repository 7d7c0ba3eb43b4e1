"""What goes wrong outside: one small class per expected failure."""

from dataclasses import dataclass
from enum import StrEnum

from models.errors import ExpectedError, UpstreamFailed


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a text: line and column count from 1, the byte offset from 0."""

    line: int
    column: int
    offset: int


class PayloadRefused(ExpectedError):
    """A file cannot be taken, and nothing of it was written.

    ``where`` is a spot in the text (the JSON is broken), a path in the document such as
    ``experiments[3].iteration`` (a value is of the wrong type), or None (the file as a whole).
    """

    code = "PAYLOAD_REFUSED"

    def __init__(self, file: str, where: Spot | str | None, reason: str) -> None:
        self.file = file
        self.where = where
        self.reason = reason
        if isinstance(where, Spot):
            message = f"{file}:{where.line}:{where.column}: {reason} (byte {where.offset})"
            super().__init__(message, file=file, line=where.line, column=where.column)
        else:
            message = ": ".join(part for part in (file, where, reason) if part)
            super().__init__(message, file=file, path=where)


class Arrived(StrEnum):
    """Whether a call that failed may have done something on the platform."""

    NO = "NO"
    MAYBE = "MAYBE"


class PlatformFailed(ExpectedError):
    """A platform did not do what it was asked. What its answer said is in no message.

    ``arrived`` says whether the call may have taken effect all the same; ``retry_after`` is in
    seconds.
    """

    code = "UPSTREAM_FAILED"

    def __init__(
        self,
        source: str,
        reason: str,
        *,
        arrived: Arrived,
        status: int | None = None,
        retryable: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(
            f"The source {source!r} {reason}.",
            source=source,
            status=status,
            retryable=retryable,
            retryAfter=retry_after,
        )
        self.source = source
        self.arrived = arrived
        self.status = status
        self.retryable = retryable
        self.retry_after = retry_after

    def facts(self) -> UpstreamFailed:
        """The same as a reason of a mutation."""
        return UpstreamFailed(
            message=self.message,
            path=("id",),
            source=self.source,
            status=self.status,
            retryable=self.retryable,
            retry_after=self.retry_after,
        )


class AlreadySyncing(ExpectedError):
    """Another process, or another task of this one, is at it."""

    code = "ALREADY_SYNCING"
