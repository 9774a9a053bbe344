"""What the second week has brought: photos, streams, a chat, payments and reports."""

import hmac
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from time import time
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from starlette.testclient import WebSocketDenialResponse
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from app.settings import Settings
from tests.support.clients import around
from tests.support.settings import changed

ITEMS = "/api/v1/items"
ORDERS = "/api/v1/orders"
PAYMENTS = "/api/v1/webhooks/payments"
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 8000  # more than a form without files
SECRET = "k3" * 32


def create_order(client: TestClient) -> str:
    item = client.post(ITEMS, json={"sku": uuid4().hex, "name": "Lamp"}).json()
    lines = [{"item_id": item["id"], "quantity": 2}]
    response = client.post(ORDERS, json={"name": "First", "lines": lines})
    return response.headers["location"]


@pytest.fixture
def item(client: TestClient) -> str:
    response = client.post(ITEMS, json={"sku": "lamp-1", "name": "Lamp"})
    return response.headers["location"]


@pytest.fixture
def order(client: TestClient) -> str:
    return create_order(client)


# --- Files --------------------------------------------------------------------------
def test_photo_is_stored_and_sent_in_ranges(client: TestClient, item: str) -> None:
    assert client.get(f"{item}/photo").status_code == 404
    for photo in (PHOTO[:100], PHOTO):
        stored = client.put(f"{item}/photo", files={"photo": photo})
        assert stored.status_code == 204
    response = client.get(f"{item}/photo")
    assert response.headers["content-type"] == "image/jpeg"
    assert response.content == PHOTO
    part = client.get(f"{item}/photo", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.content == PHOTO[10:20]


def test_other_files_are_no_photos(client: TestClient, item: str) -> None:
    response = client.put(f"{item}/photo", files={"photo": b"GIF89a"})
    assert response.status_code == 422
    unknown = f"{ITEMS}/{uuid4()}/photo"
    assert client.put(unknown, files={"photo": PHOTO}).status_code == 404


# --- Streams ------------------------------------------------------------------------
def test_order_is_sent_again_after_each_change(client: TestClient, order: str) -> None:
    chunks = Queue[bytes]()

    async def observe(scope: Scope, receive: Receive, send: Send) -> None:
        async def put(message: Message) -> None:
            chunks.put(message.get("body", b""))
            await send(message)

        await client.app(scope, receive, put)

    def next_event() -> bytes:
        while not (chunk := chunks.get(timeout=30)).startswith(b"data"):
            pass
        return chunk

    watcher = around(client, observe)
    watcher.headers.update(client.headers)
    with ThreadPoolExecutor(1) as thread:
        stream = thread.submit(watcher.get, f"{order}/events")
        assert b'"name":"First"' in next_event()
        client.patch(order, json={"name": "Second"})
        assert b'"name":"Second"' in next_event()
        client.delete(order)
        response = stream.result(timeout=30)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text.count("data: ") == 2
    assert client.get(f"{order}/events").status_code == 404


# --- A WebSocket --------------------------------------------------------------------
def test_messages_reach_all_clients(client: TestClient, order: str) -> None:
    chat = f"{order}/chat"
    with client.websocket_connect(chat) as one, client.websocket_connect(chat) as two:
        for text, sender in (("Hello", one), ("Hello!", two)):
            sender.send_json({"text": text})
            received = [socket.receive_json() for socket in (one, two)]
            assert [message["text"] for message in received] == [text, text]
    with client.websocket_connect(chat) as later:
        assert [later.receive_json()["text"] for _ in range(2)] == ["Hello", "Hello!"]


def test_wrong_message_closes_the_chat(client: TestClient, order: str) -> None:
    with client.websocket_connect(f"{order}/chat") as socket:
        socket.send_json({"text": "x" * 1001})
        with pytest.raises(WebSocketDisconnect) as end:
            socket.receive_json()
    assert end.value.code == 4422


def test_unknown_order_has_no_chat(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as refusal,
        client.websocket_connect(f"{ORDERS}/{uuid4()}/chat"),
    ):
        pass
    assert refusal.value.status_code == 404


# --- A webhook ----------------------------------------------------------------------
@pytest.fixture
def secret(running: TestClient) -> Iterator[None]:
    settings: Settings = running.app_state["settings"]
    secret = SecretStr(SECRET)
    running.app_state["settings"] = changed(settings, "payments", secret=secret)
    yield
    running.app_state["settings"] = settings


def signed(body: bytes, sent_at: float) -> dict[str, str]:
    text = f"{int(sent_at)}.".encode() + body
    signature = hmac.digest(SECRET.encode(), text, "sha256").hex()
    return {"Payment-Time": str(int(sent_at)), "Payment-Signature": signature}


@pytest.mark.usefixtures("secret")
def test_payment_is_stored(client: TestClient, order: str) -> None:
    paid_at = "2026-11-30T12:00:00Z"
    id_ = order.rpartition("/")[2]
    body = f'{{"order_id": "{id_}", "paid_at": "{paid_at}"}}'.encode()
    for headers in ({}, signed(body, time() - 400), signed(b"other", time())):
        response = client.post(PAYMENTS, content=body, headers=headers)
        assert response.status_code == 401
    response = client.post(PAYMENTS, content=body, headers=signed(body, time()))
    assert response.status_code == 204
    assert client.get(order).json()["paid_at"] == paid_at
    unknown = body.replace(id_.encode(), str(UUID(int=0)).encode())
    for wrong, status in ((unknown, 404), (b"{}", 422)):
        response = client.post(PAYMENTS, content=wrong, headers=signed(wrong, time()))
        assert response.status_code == status


def test_without_a_secret_no_payment_is_accepted(client: TestClient) -> None:
    headers = {"Payment-Time": str(int(time()))}
    text = f"{headers['Payment-Time']}.{{}}".encode()
    headers["Payment-Signature"] = hmac.digest(b"", text, "sha256").hex()
    response = client.post(PAYMENTS, content=b"{}", headers=headers)
    assert response.status_code == 401


# --- Reports ------------------------------------------------------------------------
def test_orders_are_counted(client: TestClient, order: str) -> None:
    total = client.get("/api/v1/reports/orders/total")
    assert total.json() == 1
    assert total.headers["cache-control"] == "public, max-age=60"
    assert client.get("/api/v1/reports/orders/unpaid").json() == 1
    assert client.delete(order).status_code == 204
    assert client.get("/api/v1/reports/orders/total").json() == 0


def test_searching_has_a_rate_limit_of_its_own(client: TestClient) -> None:
    policies = client.get(ORDERS, params={"search": "Fir"}).headers["ratelimit-policy"]
    assert '"list-orders";q=60;w=60' in policies
