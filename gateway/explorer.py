"""The page at `/`: GraphiQL, built from the folder `explorer`, or a plain editor without it."""

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import NamedTuple

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HERE = Path(__file__).parent
BUILT = HERE.parent / "explorer" / "dist"
PLAIN = HERE / "plain"
EXAMPLES = HERE.parent / "examples" / "queries"

ASSETS = "/assets"
FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
"""What a file is. A machine's own table may say that a script is plain text."""

POLICY: Mapping[str, str] = MappingProxyType(
    {
        "default-src": "'none'",
        "script-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",  # Monaco writes its themes into the page
        "font-src": "'self' data:",  # GraphiQL's style sheet carries its fonts
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
)
SAFETY = {
    "Content-Security-Policy": "; ".join(f"{what} {whence}" for what, whence in POLICY.items()),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger("trialgraph.explorer")


class Example(NamedTuple):
    """An operation of `examples/queries`, and its variables as JSON where it takes some."""

    name: str
    query: str
    variables: str


@cache
def examples() -> tuple[Example, ...]:
    """Every example, in the order of the file names."""
    found = []
    for path in sorted(EXAMPLES.glob("*.graphql")):
        beside = path.with_suffix(".json")
        variables = beside.read_text("utf-8") if beside.exists() else ""
        found.append(Example(path.stem, path.read_text("utf-8"), variables))
    return tuple(found)


def is_built() -> bool:
    """Whether this copy has GraphiQL."""
    return (BUILT / "index.html").is_file()


def tell() -> None:
    """Write into the log what is missing, if something is."""
    if not is_built():
        log.warning("explorer not built", instead="a plain page", remedy="make explorer")


def routes() -> list[BaseRoute]:
    """The page, which is read once, and its files."""
    html, assets = (
        ((BUILT / "index.html").read_text("utf-8"), Assets(BUILT / "assets", FOREVER))
        if is_built()
        else (plain(), Assets(PLAIN / "assets", ASK_FIRST))
    )

    async def page(_: Request) -> Response:
        return HTMLResponse(html, headers={"Cache-Control": ASK_FIRST, **SAFETY})

    return [Route("/", page), Mount(ASSETS, assets)]


def plain() -> str:
    """A page with an editor and the examples, which takes nothing to build."""
    listed = (
        f'<pre data-variables="{escape(one.variables)}">{escape(one.query)}</pre>'
        for one in examples()
    )
    template = Template((PLAIN / "index.html").read_text("utf-8"))
    return template.substitute(examples="\n".join(listed))


class Assets(StaticFiles):
    """The files of a page. What was compressed beforehand is sent so to whoever takes it."""

    def __init__(self, folder: Path, kept: str) -> None:
        super().__init__(directory=folder)
        self._kept = kept
        self._compressed = {path.name for path in folder.glob("*.gz")}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file. Raises HTTPException where there is none."""
        compressed = f"{path}.gz" in self._compressed and "gzip" in Headers(scope=scope).get(
            "accept-encoding", ""
        )
        response = await super().get_response(f"{path}.gz" if compressed else path, scope)
        response.headers.update({"Cache-Control": self._kept, **SAFETY})
        if compressed:
            response.headers.update({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
        if "content-type" in response.headers:  # an answer that nothing changed has none
            response.headers["Content-Type"] = TYPES.get(
                Path(path).suffix, "application/octet-stream"
            )
        return response
