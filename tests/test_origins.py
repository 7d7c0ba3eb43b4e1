"""Pages of other origins ask only if they are allowed to, and never without a credential."""

import httpx
import pytest

from tests.endpoint import Connect, ask

APP = "https://app.example"
ELSEWHERE = "https://elsewhere.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


def allowed(response: httpx.Response) -> dict[str, str]:
    """What an answer says to browsers about other origins."""
    return {
        name.removeprefix("access-control-"): value
        for name, value in response.headers.items()
        if name.startswith("access-control-")
    }


async def test_a_page_of_an_allowed_origin_may_ask_with_a_key_and_read_the_answer(
    connect: Connect,
) -> None:
    async with connect(allowed_origins=(APP,)) as http:
        before = await http.options("/graphql", headers={**PREFLIGHT, "Origin": APP})
        answer = await http.post("/graphql", json={"query": "{ hello }"}, headers={"Origin": APP})
    assert before.status_code == 200
    assert allowed(before)["allow-origin"] == APP
    assert allowed(before)["allow-methods"] == "GET, POST"
    assert "Authorization" in allowed(before)["allow-headers"]
    assert answer.json() == {"data": {"hello": "hello you"}}
    assert allowed(answer) == {
        "allow-origin": APP,
        "expose-headers": "ETag, Retry-After, WWW-Authenticate, X-Request-Id",
    }
    assert "Origin" in answer.headers["vary"]


async def test_browsers_are_never_told_to_send_credentials_of_their_own(connect: Connect) -> None:
    async with connect(allowed_origins=(APP,)) as http:
        before = await http.options("/graphql", headers={**PREFLIGHT, "Origin": APP})
    assert "allow-credentials" not in allowed(before)


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "https://app.example.elsewhere.example"])
async def test_a_page_of_any_other_origin_is_not_let_ask(connect: Connect, origin: str) -> None:
    async with connect(allowed_origins=(APP,)) as http:
        before = await http.options("/graphql", headers={**PREFLIGHT, "Origin": origin})
        answer = await http.post(
            "/graphql", json={"query": "{ hello }"}, headers={"Origin": origin}
        )
    assert before.status_code == 400
    assert "allow-origin" not in allowed(before)
    assert "allow-origin" not in allowed(answer)


async def test_without_the_setting_no_other_origin_is_let_ask(http: httpx.AsyncClient) -> None:
    before = await http.options("/graphql", headers={**PREFLIGHT, "Origin": APP})
    answer = await http.post("/graphql", json={"query": "{ hello }"}, headers={"Origin": APP})
    assert before.status_code == 405
    assert allowed(before) == allowed(answer) == {}


async def test_what_a_page_can_send_without_asking_first_runs_nothing_but_the_schema(
    http: httpx.AsyncClient,
) -> None:
    del http.headers["Authorization"]
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": ELSEWHERE}
    schema = {"query": "{ __typename }"}
    by_page = await http.get("/graphql", params=schema, headers=foreign)
    by_script = await http.get("/graphql", params=schema)
    data = await http.get("/graphql", params={"query": "{ hello }"})
    form = await http.post("/graphql", data={"query": "{ __typename }"}, headers=foreign)
    assert by_page.status_code == data.status_code == form.status_code == 401
    assert by_script.json() == {"data": {"__typename": "Query"}}


async def test_an_allowed_page_may_ask_for_the_schema_without_a_key(connect: Connect) -> None:
    async with connect(allowed_origins=(APP,)) as http:
        del http.headers["Authorization"]
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": APP}
        response = await http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_a_page_with_a_key_is_as_good_as_any_other_client(http: httpx.AsyncClient) -> None:
    http.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await ask(http, "{ hello }")).json() == {"data": {"hello": "hello you"}}
