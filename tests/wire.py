"""What is put on the wire by those who do not speak HTTP or WebSockets, or not well."""

import base64
import errno
import json
import re
import socket
import struct
from collections.abc import Callable, Sequence
from random import Random
from threading import Thread

from tests.fuzzing import BOUND
from tests.serving import KEY

Address = tuple[str, int]

GONE = {errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED, errno.ENOTCONN}
"""The other side has closed: it would hear no more of it."""

QUIET = 0.02
"""Seconds after which nothing more is expected. What comes later is lost, and no failure."""

QUERY = json.dumps({"query": "{ viewer { name } }"}).encode()
HEAD = (
    b"Host: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Api-Key "
    + KEY.encode()
    + b"\r\n"
)
GOOD = b"POST /graphql HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (HEAD, len(QUERY), QUERY)
CHUNKED = b"POST /graphql HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n" % HEAD
LENGTHS = (
    b"0", b"1", b"-1", b"+5", b"5 5", b"5,5", b"0x10", b"1e3", b"", b" ", b"99999999",
    b"18446744073709551616", b"9" * 400, b"00000031", "٣".encode(), b"1\r\nContent-Length: 31",
    b"31\r\nTransfer-Encoding: chunked", b"31\r\nTransfer-Encoding: identity, gzip",
)  # fmt: skip
CHUNKS = (
    b"0\r\n\r\n", b"1f\r\n%s\r\n0\r\n\r\n" % QUERY, b"1f;a=b\r\n%s\r\n0\r\nX: y\r\n\r\n" % QUERY,
    b"-1\r\n", b"zz\r\n", b"ffffffffffffffff\r\n", b"fffffffffffffffff\r\n", b"5\r\nab", b"\r\n",
    b"1f\r\n%s" % QUERY, b"1\r\n{\r\n" * 500, b"3\r\n{}", b"0" * 5000, b"1f\n%s\n0\n\n" % QUERY,
)  # fmt: skip
LINES = (
    b"GET /graphql HTTP/0.9", b"GET /graphql HTTP/2.0", b"GET /graphql HTTP/9.99",
    b"GET /graphql", b"GET", b"get /graphql HTTP/1.1", b"OPTIONS * HTTP/1.1",
    b"CONNECT 127.0.0.1:1 HTTP/1.1", b"PRI * HTTP/2.0", b"TRACE /graphql HTTP/1.1",
    b"GET http://[::1/graphql HTTP/1.1", b"GET //graphql HTTP/1.1", b"GET /%00%ff%c0%af HTTP/1.1",
    b"GET /assets/../../../etc/passwd HTTP/1.1", b"GET /assets/%2e%2e%2fapp.py HTTP/1.1",
    b"GET /assets/%00 HTTP/1.1", b"GET /" + b"a" * 300 + b" HTTP/1.1",
    b"GET /" + b"a/" * 40_000 + b" HTTP/1.1", b"HEAD / HTTP/1.1", b"DELETE /livez HTTP/1.1",
    b"GET /graphql?query=%7B__typename%7D&query=%ff HTTP/1.1", b"GET /graphql?\xff\xfe HTTP/1.1",
    b"PUT /graphql HTTP/1.1", b"PATCH /readyz HTTP/1.1", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
)  # fmt: skip
HEADERS = (
    b"Origin: http://[", b"Origin: http://[::1]:99999999", b"Origin: \xff", b"Host: [", b"Host:",
    b"Accept: \xe2\x28\xa1", b"Accept: */*;q=9" + b"9" * 400, b"Accept: " + b"a/b," * 5000,
    b"Accept: text/event-stream", b"Authorization: Api-Key", b"Authorization: Bearer a.b.c",
    b"Authorization: \xff\xfe \x80", b"Content-Type: application/json; charset=\xff",
    b"Content-Type: application/json; charset=utf-16", b"Content-Encoding: gzip",
    b"Accept-Encoding: gzip;q=nan", b'If-None-Match: W/"\xff", *', b"Last-Event-ID: \xff",
    b"Last-Event-ID: " + b"9" * 5000, b"X-Request-Id: a\tb", b"X-Request-Id: " + b"x" * 5000,
    b"Upgrade: websocket\r\nConnection: Upgrade", b"Upgrade: h2c\r\nConnection: Upgrade",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99",
    b"Expect: 100-continue", b"Expect: 417", b"Connection: close",
    b"Sec-Fetch-Site: cross-site", b"Access-Control-Request-Method: a", b"Cookie: " + b"a=b;" * 99,
    b"X: " + b"y" * 100_000, b"X: y\r\n" * 3000 + b"X: y", b": none", b"No colon", b" folded: yes",
    b"Na me: x", b"X: a\x00b", b"Transfer-Encoding: chunked, chunked", b"TE: trailers",
)  # fmt: skip


def changed(random: Random, data: bytes) -> bytes:
    """Bytes of which some are others, missing, doubled, or in the way."""
    made = bytearray(data)
    for _ in range(random.randrange(1, 6)):
        place = random.randrange(len(made) + 1)
        way = random.randrange(4)
        if way == 0:
            made[place : place + 1] = bytes([random.randrange(256)])
        elif way == 1:
            del made[place : place + random.randrange(20)]
        elif way == 2:
            made[place:place] = random.randbytes(random.randrange(8))
        else:
            made[place:place] = made[place : place + 40]
    return bytes(made)


WAYS: tuple[Callable[[Random], bytes], ...] = (
    lambda random: random.randbytes(random.randrange(2000)),
    lambda random: changed(random, GOOD),
    lambda random: GOOD[: random.randrange(len(GOOD))],
    lambda random: b"POST /graphql HTTP/1.1\r\n%sContent-Length: %s\r\n\r\n%s" % (
        HEAD, random.choice(LENGTHS), QUERY,
    ),
    lambda random: CHUNKED + b"".join(random.choices(CHUNKS, k=random.randrange(1, 4))),
    lambda random: GOOD * random.randrange(1, 20) + changed(random, GOOD),
    lambda random: random.choice(LINES) + b"\r\n" + HEAD + b"\r\n" + GOOD,
    lambda random: b"%s HTTP/1.1\r\n%s%s\r\n\r\n%s" % (
        random.choice((b"GET /graphql?query={__typename}", b"POST /graphql", b"GET /")),
        random.choice((HEAD, b"")),
        b"\r\n".join(random.choices(HEADERS, k=random.randrange(1, 4))),
        QUERY,
    ),
)  # fmt: skip


def request(random: Random) -> bytes:
    """What is not quite a request, or more than one."""
    return random.choice(WAYS)(random)


def exchanged(
    address: Address, parts: Sequence[bytes], random: Random, *, greetings: Sequence[bytes] = ()
) -> bytes:
    """All that comes back until the other side closes, which it does once we have said all.

    Each greeting is answered before anything else is said. Now and then we hang up at once, and now
    and then we say that we have said all before we have listened a while. Raises TimeoutError where
    the other side does not close.
    """
    received = bytearray()
    with socket.create_connection(address, timeout=BOUND) as connection:
        try:
            for greeting in greetings:
                connection.sendall(greeting)
                received += connection.recv(65536)
            for part in parts:
                connection.sendall(part)
            if random.random() < 0.1:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return bytes(received)
            if random.random() < 0.8 and _is_closed(connection, received):
                return bytes(received)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                received += chunk
        except OSError as error:
            if error.errno not in GONE:
                raise
    return bytes(received)


def told(address: Address, messages: Sequence[bytes], last: bytes) -> bytes:
    """All that comes back on a socket up to the answer to the last of many messages."""
    received = bytearray()
    with socket.create_connection(address, timeout=BOUND) as connection:
        connection.sendall(UPGRADE)
        received += connection.recv(65536)
        saying = Thread(target=connection.sendall, args=[b"".join(messages)])
        saying.start()
        while last not in received[-4096:]:
            chunk = connection.recv(65536)
            assert chunk, bytes(received[-500:])
            received += chunk
        saying.join()
    return bytes(received)


def _is_closed(connection: socket.socket, received: bytearray) -> bool:
    """Listen until nothing has come for a while, or the other side has closed."""
    connection.settimeout(QUIET)
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except TimeoutError:
        return False
    finally:
        connection.settimeout(BOUND)
    return True


def statuses(received: bytes) -> list[int]:
    """The statuses of all answers in what was received."""
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3}) ", received)]


# --- WebSockets

UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
) % base64.b64encode(b"sixteen letters!")
INIT = json.dumps(
    {"type": "connection_init", "payload": {"Authorization": f"Api-Key {KEY}"}}
).encode()
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTROLS = (CLOSE, PING, PONG)


def frame(payload: bytes, opcode: int = TEXT, first: int = 0x80, mask: bytes = b"mask") -> bytes:
    """A frame; ``first`` are the bits beside the opcode, and without a mask it is not masked."""
    size, flag = len(payload), 0x80 if mask else 0
    if size < 126:
        length = bytes([flag | size])
    elif size < 2**16:
        length = bytes([flag | 126]) + struct.pack("!H", size)
    else:
        length = bytes([flag | 127]) + struct.pack("!Q", size)
    if mask:
        key = int.from_bytes((mask * (size // 4 + 1))[:size])
        payload = (int.from_bytes(payload) ^ key).to_bytes(size)
    return bytes([first | opcode]) + length + mask + payload


def subscribe(id_: str, query: str) -> bytes:
    """A frame that asks for something."""
    return frame(json.dumps({"type": "subscribe", "id": id_, "payload": {"query": query}}).encode())


MESSAGES = (
    INIT, b'{"type":"ping"}', b'{"type":"pong"}', b'{"type":"complete","id":"nobody"}',
    b'{"type":"subscribe","id":"1","payload":{"query":"{ viewer { name } }"}}',
    b'{"type":"subscribe","id":"1","payload":{"query":"subscription { events { cursor } }"}}',
    b'{"type":"subscribe","id":"2","payload":{"query":"{","variables":null}}', b"{}", b"", b"[]",
    b"\xff\xfe", b"\xed\xa0\x80", b'{"type":"ping","payload":"\\ud800"}', b"[" * 100_000, b"1e999",
    b'{"type":"ping","payload":' + b"9" * 400 + b"}",
)  # fmt: skip


LONGER = (b"\xff" * 9, b"\xff\x7f" + b"\xff" * 7, b"\xfe\x00\x01", b"\xff")
"""Lengths of frames that are longer than they are, or than anything is."""


def pieces(random: Random, payload: bytes) -> bytes:
    """A message in two frames, with others in between."""
    cut = random.randrange(len(payload) + 1)
    between = frame(b"here", PING) * random.randrange(3)
    return frame(payload[:cut], TEXT, 0) + between + frame(payload[cut:], 0)


SHAPES: tuple[Callable[[Random, bytes], bytes], ...] = (
    pieces,
    lambda random, payload: frame(payload[:125], random.choice((*CONTROLS, BINARY, 0, 3, 11, 15))),
    lambda random, payload: frame(payload, TEXT, random.choice((0, 0x40, 0xC0, 0xF0, 0x90))),
    lambda random, payload: frame(payload, mask=random.choice((b"", b"\0" * 4, b"\xff" * 4))),
    lambda random, _: bytes([0x81]) + random.choice(LONGER),
    lambda random, payload: frame(random.randbytes(2) + payload[:100], CLOSE),
    lambda random, _: random.randbytes(random.randrange(300)),
    lambda _, payload: frame(payload),
    lambda _, payload: frame(payload),
)


def frames(random: Random) -> bytes:
    """Some frames: of messages, of parts of them, and some that are none."""
    shaped = random.choices(SHAPES, k=random.randrange(1, 8))
    return b"".join(shape(random, random.choice(MESSAGES)) for shape in shaped)
