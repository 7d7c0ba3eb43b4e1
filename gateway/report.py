"""The end report of an import, for a terminal."""

from rich.console import Console
from rich.table import Table

from connectors.report import OUTCOMES, Report


def show(report: Report, console: Console) -> None:
    """Print what was done by type, then everything else that was met."""
    done = Table("type", *OUTCOMES, title=f"Imported into {report.source}", title_justify="left")
    for column in done.columns[1:]:
        column.justify = "right"
    for kind, *counts in report.rows():
        done.add_row(kind, *(str(count) for count in counts))
    console.print(done)
    remarks = Table("", "where", "what", "count", title="Also met", title_justify="left")
    remarks.columns[-1].justify = "right"
    for kind, where, what, count in report.remarks():
        remarks.add_row(kind, where, what, str(count))
    if remarks.row_count:
        console.print(remarks)
