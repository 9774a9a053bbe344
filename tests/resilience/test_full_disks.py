"""PostgreSQL finds no room for what it is to write, and later there is some."""

from contextlib import ExitStack
from uuid import uuid4

from tests.production import wait_until
from tests.resilience.load import TOO_BAD, load, nothing_kept
from tests.resilience.service import ITEMS, Service, new_item

KEYS = "idempotency_keys"  # also written by requests with a key


def test_no_room_for_data(impatient: Service) -> None:
    """Nothing is half written, and requests that need no space succeed."""
    service, item = impatient, new_item()
    key = {"Idempotency-Key": uuid4().hex}
    with service.client() as client:
        path = client.post(ITEMS, json=new_item()).headers["location"]
        with service.postgresql.full(KEYS):
            for _ in range(2):
                response = client.post(ITEMS, json=item, headers=key)
                assert response.status_code == 503
                assert response.json()["detail"] == "The database takes no changes."
                assert int(response.headers["retry-after"]) > 0
            assert client.get(path).status_code == 200
            assert client.patch(path, json={"name": "Torch"}).status_code == 200
            # The same without the key: nothing was left of what failed.
            found = client.get(ITEMS, params={"limit": 100}).json()["items"]
            assert item["sku"] not in {one["sku"] for one in found}
            assert service.is_ready()
        assert client.post(ITEMS, json=item, headers=key).status_code == 201
        assert "No space left on device" in service.log.read_text()


def test_no_room_for_data_under_load(impatient: Service) -> None:
    service = impatient
    with nothing_kept(service), ExitStack() as full:
        full.enter_context(service.postgresql.full(KEYS))
        with load(service) as busy:
            busy.wait_for(*TOO_BAD)
            assert service.is_ready()
            full.close()
            busy.wait_for(201)
        busy.assert_honest()
        busy.assert_exactly_once()


def test_no_room_for_the_log_of_changes(impatient: Service) -> None:
    """PostgreSQL ends at once, and is started when there is room."""
    service = impatient
    with nothing_kept(service):
        with load(service) as busy:
            busy.wait_for(201)
            with service.postgresql.full_log():
                wait_until(lambda: not service.is_ready())
                busy.wait_for(*TOO_BAD)
                assert service.is_alive()
                service.postgresql.kill()
            service.postgresql.start()
            wait_until(service.is_ready)
            busy.wait_for(201)
        busy.assert_honest()
        busy.assert_exactly_once()
