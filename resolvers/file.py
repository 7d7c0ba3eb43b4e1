"""Where a file is, and which part of it is shown."""

from dataclasses import dataclass

from models import File


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a picture that is shown."""

    left: float | None
    top: float | None
    width: float | None
    height: float | None


@dataclass(frozen=True, slots=True)
class FileUsage:
    """What a file was uploaded for."""

    name: str | None
    external_id: str | None
    cropped: bool | None
    resize_on_demand: bool | None


def crop(row: File) -> Crop | None:
    """The part of a picture that is shown; None where nobody said."""
    facts = (row.crop_left, row.crop_top, row.crop_width, row.crop_height)
    return None if facts == (None, None, None, None) else Crop(*facts)


def usage(row: File) -> FileUsage | None:
    """What a file was uploaded for; None where nobody said."""
    facts = (row.usage, row.usage_external_id, row.usage_cropped, row.usage_resize_on_demand)
    return None if facts == (None, None, None, None) else FileUsage(*facts)
