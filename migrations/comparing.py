"""What of the models is compared with a database."""

from typing import Any


def belongs_to(dialect: str) -> Any:
    """Tells Alembic whether something is meant for a database of this dialect.

    Alembic itself would miss an index that the other dialect has (`Index.ddl_if`).
    """

    def belongs(item: Any, *_: Any) -> bool:
        only = getattr(item, "_ddl_if", None)
        return only is None or only.dialect == dialect

    return belongs
