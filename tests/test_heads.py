"""The head of a request has an end, and what is no request is told so like anything else."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.serving import KEY, Gateway, serving

HOST = b"Host: gateway.example\r\n"
AUTHORIZED = f"Authorization: Api-Key {KEY}\r\n".encode()
TOO_LARGE = "The URL and the headers are too large: at most 64000 bytes are read."


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with serving(tmp_path_factory.mktemp("heads")) as running:
        yield running


def sent(gateway: Gateway, *pieces: bytes) -> httpx.Response:
    """What is answered to bytes, before which the gateway hangs up."""
    address = urlsplit(gateway.url)
    assert address.hostname is not None
    assert address.port is not None
    answer = b""
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            while more := connection.recv(65536):
                answer += more
        except ConnectionError:  # it was hung up on in the middle of a piece
            pass
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    named = (header.partition(": ") for header in headers)
    return httpx.Response(
        int(status.split()[1]), headers=[(name, value) for name, _, value in named], content=body
    )


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["connection"] == "close"
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    return response.status_code, error["message"]


def test_a_url_that_does_not_end_is_refused_at_the_first_byte_too_many(gateway: Gateway) -> None:
    response = sent(gateway, b"GET /graphql?query=".ljust(64_000, b"{"), b"{")
    assert refusal(response) == (414, TOO_LARGE)


def test_headers_that_do_not_end_are_refused_at_the_first_byte_too_many(gateway: Gateway) -> None:
    begun = b"GET /livez HTTP/1.1\r\n" + HOST
    many = sent(gateway, (begun + b"A: bc\r\n" * 9_999)[:64_000], b"x")
    assert refusal(many) == (431, TOO_LARGE)
    long = sent(gateway, (begun + b"A: ").ljust(64_000, b"x"), b"x")
    assert refusal(long) == (431, TOO_LARGE)


def test_what_is_no_request_is_told_so(gateway: Gateway) -> None:
    response = sent(gateway, b"\x16\x03\x01 I speak TLS\r\n\r\n")
    assert refusal(response) == (400, "Invalid HTTP request received.")


def test_a_head_that_comes_too_slowly_is_given_up(gateway: Gateway) -> None:
    response = sent(gateway, b"GET /livez HTTP/1.1\r\n" + HOST)
    assert refusal(response) == (408, "The headers had not come whole after 10 s.")


def test_requests_in_a_row_have_a_head_each(gateway: Gateway) -> None:
    asked = b"GET /livez?" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST
    response = sent(gateway, *[asked + b"\r\n"] * 4, asked + b"Connection: close\r\n\r\n")
    assert response.status_code == 200
    assert response.content.count(b"HTTP/1.1 200 OK") == 4


def test_a_head_of_the_allowed_size_is_read(gateway: Gateway) -> None:
    head = (
        b"GET /graphql?query={__typename} HTTP/1.1\r\n" + HOST + AUTHORIZED + b"Connection: close"
    )
    response = sent(gateway, (head + b"\r\nA: ").ljust(63_996, b"x"), b"\r\n\r\n")
    assert response.json()["data"] == {"__typename": "Query"}
