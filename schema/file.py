"""Files in the graph."""

import models as m
from resolvers import relations as r
from resolvers.file import Crop as CropFacts
from resolvers.file import FileUsage as FileUsageFacts
from resolvers.file import crop, usage
from schema import names as n
from schema.fields import column, computed, many, of_rows
from schema.node import Audited
from schema.scalars import JSON, BigInt


@of_rows(CropFacts, "The part of a picture that is shown, in the platform's own units.")
class Crop:
    left: float | None = column("The left edge.")
    top: float | None = column("The upper edge.")
    width: float | None = column("The width.")
    height: float | None = column("The height.")


@of_rows(FileUsageFacts, "What a file was uploaded for.")
class FileUsage:
    name: str | None = column("The purpose, such as avatars.")
    external_id: str | None = column("The id by which its source knows the purpose.")
    cropped: bool | None = column("Whether such files are cropped.")
    resize_on_demand: bool | None = column("Whether such files are resized when asked for.")


@of_rows(m.File, "An uploaded file; its bytes stay with the platform.")
class File(Audited):
    external_id: str | None = column("The id by which its source knows it, where that was said.")
    extra: JSON | None = column("What the source said and no other field takes, verbatim.")
    file_name: str | None = column("The name it was uploaded under.")
    content_type: str | None = column("The media type.")
    base_url: str | None = column("Where its platform serves it, without the file name.")
    width: int | None = column("The width in pixels.")
    height: int | None = column("The height in pixels.")
    file_size: BigInt | None = column("The size in bytes.")
    crop: Crop | None = computed(
        crop, ["crop_left", "crop_top", "crop_width", "crop_height"], "The part that is shown."
    )
    usage: FileUsage | None = computed(
        usage,
        ["usage", "usage_external_id", "usage_cropped", "usage_resize_on_demand"],
        "What it was uploaded for.",
    )
    screenshots: list[n.Screenshot] = many(r.FILE_SCREENSHOTS, "The screenshots that show it.")
    users: list[n.User] = many(r.FILE_USERS, "The users whose avatar it is.")
