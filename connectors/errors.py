"""What goes wrong outside: one small class per expected failure."""

from dataclasses import dataclass

from models.errors import ExpectedError


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
