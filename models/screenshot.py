"""Screenshots of variants."""

from models.base import Row, link, owned_by, text


class Screenshot(Row, table=True):
    """A picture of a variant; the index may name a variant that the payload does not list."""

    experiment_id: int = owned_by("experiment")
    variant_id: int | None = link("variant", ondelete="SET NULL")
    variant_index: int = 0
    file_id: int | None = link("file")
    label: str | None = text()
    position: int = 0
