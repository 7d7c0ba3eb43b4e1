"""What every table shares: identity, provenance, audit columns, the version, the UTC clock.

Column helpers stand here too, so that a noun's file reads as a list of its facts. Text columns
compare by code point on every database; JSON keeps the order of its keys.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from models.naming import snake

SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BIG = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both databases; SQLite gives row ids only to a column that it calls INTEGER."""

TEXT_BY_CODE_POINT = Text().with_variant(TEXT(collation="C"), "postgresql")

DOCUMENT = JSON(none_as_null=True)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


class DecimalText(TypeDecorator[Decimal]):
    """An exact decimal, kept as its shortest plain text: equal numbers are equal rows."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _: Dialect) -> str | None:
        """Write 0.100 and 0.1 alike."""
        return None if value is None else plain(value)

    def process_result_value(self, value: str | None, _: Dialect) -> Decimal | None:
        """Read the number back exactly."""
        return None if value is None else Decimal(value)


MOST_DIGITS = 400
"""Numbers that would take more digits are written with their exponent."""


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros, to the last digit."""
    if abs(value.adjusted()) > MOST_DIGITS:
        return str(value)
    digits = format(value, "f")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


def text(default: Any = None, **options: Any) -> Any:
    """A column of text of any length, compared by code point."""
    return Field(default=default, sa_type=TEXT_BY_CODE_POINT, **options)


def big(default: Any = None, **options: Any) -> Any:
    """A column of 64-bit integers."""
    return Field(default=default, sa_type=BIG, **options)


def decimal() -> Any:
    """A nullable column of exact decimals."""
    return Field(default=None, sa_type=DecimalText)


def document() -> Any:
    """A nullable column holding a JSON value as it came."""
    return Field(default=None, sa_type=DOCUMENT)


def choice(kind: type[StrEnum], default: Any = None, **options: Any) -> Any:
    """A column that takes the values of one enum, checked by the database."""
    column_type = EnumType(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=40,
        name=snake(kind.__name__),
    )
    return Field(default=default, sa_type=column_type, **options)


def link(target: str, **options: Any) -> Any:
    """A nullable or required reference (the annotation says which) to ``table.id``, indexed."""
    return Field(
        default=None,
        sa_type=BIG,
        foreign_key=f"{target}.id",
        index=options.pop("index", True),
        **options,
    )


def owned_by(target: str, **options: Any) -> Any:
    """A reference whose row goes when its owner goes."""
    return link(target, ondelete="CASCADE", **options)


class Table(SQLModel):
    """A table named after its class."""

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:
        """The class name in snake case."""
        return snake(cls.__name__)


class Row(Table):
    """A row with an identity of its own. Numbers of deleted rows are never given again."""

    id: int = Field(default=None, primary_key=True, sa_type=BIG)


class Audited(Row):
    """A row that says who made and changed it, and when. None means that nobody said."""

    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by_id: int | None = link("user")
    updated_by_id: int | None = link("user")


class Sourced(Audited):
    """A row that came from a source, and is known there by ``external_id``.

    ``extra`` holds, verbatim, what the platform said and no column takes.
    ``version`` grows by one with every change and is what writers compare.
    """

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("name",)
    """The columns that identify a row of a source whose external id nobody said."""

    ID_SPACE: ClassVar[tuple[str, ...]] = ("source_id",)
    """The columns within which an external id is unique."""

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """One row for each external id."""
        return (UniqueConstraint(*cls.ID_SPACE, "external_id"),)

    source_id: int = link("source")
    external_id: str | None = text()
    extra: dict[str, Any] | None = document()
    version: int = 1


class Link(Table):
    """A row of an association; ``position`` keeps the order in which the list was said."""

    position: int = 0
