"""The page at `/` works with a browser and says something useful without one."""

import json
import re
from html import unescape

import httpx
import pytest
from graphql import DocumentNode, OperationDefinitionNode, parse

from gateway import explorer


async def test_the_page_carries_every_example_for_the_explorer_and_as_text(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    embedded = re.search(r'id="queries">(.*?)</script>', response.text, re.DOTALL)
    assert embedded is not None
    assert tuple(json.loads(embedded[1])) == explorer.examples()
    assert "could not be loaded from unpkg.com" in response.text
    for query in explorer.examples():
        assert query in unescape(response.text)


async def test_scripts_from_elsewhere_are_accepted_only_as_they_were_when_chosen() -> None:
    elsewhere = re.findall(r'<(?:script|link)\s[^>]*"https:[^>]*>', explorer.html())
    assert len(elsewhere) == 4
    assert all('integrity="sha384-' in tag and "crossorigin" in tag for tag in elsewhere)


async def test_no_other_site_may_show_the_page_in_a_frame(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert response.headers["content-security-policy"] == "frame-ancestors 'none'"


@pytest.mark.parametrize("query", explorer.examples(), ids=lambda query: query.split("\n")[0][2:30])
def test_an_example_says_what_it_shows_and_is_one_named_operation(query: str) -> None:
    assert query.startswith("# ")
    document: DocumentNode = parse(query)
    [operation] = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    assert operation.name is not None


async def test_the_page_takes_a_key_from_its_address_and_shows_it_to_nobody_else() -> None:
    page = explorer.html()
    script = page[page.rindex("<script>") :]
    assert 'sessionStorage.setItem(KEY, key);\n        history.replaceState(null, "",' in script
    assert "localStorage" not in page
    assert "storage: sessionStorage" in script
    assert '"Api-Key " + key' in script


async def test_without_a_key_the_page_says_how_to_get_one(client: httpx.AsyncClient) -> None:
    response = await client.get("/", headers={"Authorization": ""})
    text = " ".join(unescape(re.sub("<[^>]+>", "", response.text)).split())
    assert (
        "Every answer takes an API key. trialgraph keys create NAME --scope admin makes one; "
        "the first start shows one too. Send it as Authorization: Api-Key KEY"
    ) in text
