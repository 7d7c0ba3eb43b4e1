"""Screenshots in the graph."""

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one


@of_rows(m.Screenshot, "A picture of a variant.")
class Screenshot:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    variant: n.Variant | None = one(r.VARIANT, "The variant, where the experiment lists it.")
    variant_index: int = column("The variant's index.")
    label: str | None = column("What is written below it.")
    file: n.File | None = one(r.SCREENSHOT_FILE, "The picture.")
