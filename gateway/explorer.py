"""The page at `/`: GraphiQL with ready queries, and a plain editor where GraphiQL cannot load."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples" / "queries"


@cache
def examples() -> tuple[str, ...]:
    """The queries of `examples/queries`, in the order of their file names."""
    return tuple(path.read_text("utf-8") for path in sorted(EXAMPLES.glob("*.graphql")))


@cache
def html() -> str:
    """The page itself."""
    template = Template((HERE / "explorer.html").read_text("utf-8"))
    return template.substitute(
        # A script ends at the first "</", wherever it stands.
        queries=orjson.dumps(examples()).decode().replace("<", "\\u003c"),
        listed="\n".join(f"<pre>{escape(query)}</pre>" for query in examples()),
    )


async def page(_: Request) -> Response:
    """The explorer. No other site may show it in a frame."""
    return HTMLResponse(html(), headers={"Content-Security-Policy": "frame-ancestors 'none'"})
