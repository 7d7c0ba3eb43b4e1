"""Uploaded files: avatars and screenshots. The bytes stay with the platform."""

from models.base import Sourced, big, text


class File(Sourced, table=True):
    """A file that a platform serves at ``base_url`` + ``/`` + ``file_name``."""

    NATURAL_KEY = ("base_url", "file_name")

    file_name: str | None = text()
    content_type: str | None = text()
    base_url: str | None = text()
    width: int | None = None
    height: int | None = None
    file_size: int | None = big()
    crop_left: float | None = None
    crop_top: float | None = None
    crop_width: float | None = None
    crop_height: float | None = None
    usage: str | None = text()
    usage_external_id: str | None = text()
    usage_cropped: bool | None = None
    usage_resize_on_demand: bool | None = None
