"""Custom fields: what a company adds to its experiments (ABsmartly's custom sections)."""

from models.base import Audited, Sourced, link, owned_by, text


class CustomField(Sourced, table=True):
    """A field that a company defined, under a section's title."""

    NATURAL_KEY = ("section", "title")

    title: str = text(nullable=False)
    section: str | None = text()
    type: str | None = text()
    help_text: str | None = text()
    placeholder: str | None = text()
    default_value: str | None = text()
    required: bool | None = None
    archived: bool = False
    available_in_sdk: bool | None = None
    sdk_field_name: str | None = text()


class CustomFieldValue(Audited, table=True):
    """What one experiment says in one custom field; always text."""

    experiment_id: int = owned_by("experiment")
    field_id: int | None = link("custom_field")
    type: str | None = text()
    value: str | None = text()
    position: int = 0
