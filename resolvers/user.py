"""What a user is called, and what can be written of one."""

from typing import Any

from sqlalchemy import func

from models import File, User
from models.base import TEXT_BY_CODE_POINT
from models.rules import key_text, mail_address, web_address
from resolvers.writing import Noun, Reference, Value


def name(row: User) -> str | None:
    """First and last name; None where neither is known."""
    parts = [part for part in (row.first_name, row.last_name) if part]
    return " ".join(parts) or None


def name_expression(row: Any) -> Any:
    """The same in SQL, on any alias of the model."""
    both = func.coalesce(row.first_name, "") + " " + func.coalesce(row.last_name, "")
    return func.trim(both, type_=TEXT_BY_CODE_POINT)


USER = Noun(
    model=User,
    fields={
        "email": Value(mail_address, required=True),
        "first_name": Value(key_text),
        "last_name": Value(key_text),
        "department": Value(key_text),
        "job_title": Value(key_text),
        "directory_id": Value(key_text),
        "archived": Value(),
        "avatar": Reference(File),
        "avatar_url": Value(web_address),
    },
    unique=("email",),
    folded=True,
)
