"""Locks are held, and all connections wait for them."""

from concurrent.futures import ThreadPoolExecutor

from tests.production import wait_until
from tests.resilience.load import TOO_BAD, load, nothing_kept
from tests.resilience.service import ITEMS, Service, new_item

REQUESTS = 12  # three times the connections of impatient services


def test_a_row(impatient: Service) -> None:
    with impatient.client() as client:
        body = new_item()
        path = client.post(ITEMS, json=body).headers["location"]
        row = f"SELECT FROM items WHERE sku = '{body['sku']}' FOR UPDATE"

        def rename(_: int) -> int:
            response = client.patch(path, json={"name": "Torch"})
            assert response.headers["retry-after"]
            return response.status_code

        with impatient.postgresql.locked(row), ThreadPoolExecutor(REQUESTS) as threads:
            assert set(threads.map(rename, range(REQUESTS))) == {503}
            assert impatient.is_ready()
            assert impatient.is_alive()
        # None of them is done later.
        assert client.get(path).json()["name"] == body["name"]
        assert client.patch(path, json={"name": "Torch"}).status_code == 200


def test_a_table_under_load(impatient: Service) -> None:
    with nothing_kept(impatient):
        with load(impatient) as busy:
            busy.wait_for(201)
            with impatient.postgresql.locked("LOCK TABLE items"):
                busy.wait_for(*TOO_BAD)
                wait_until(impatient.is_ready)
                assert impatient.is_alive()
            busy.wait_for(201)
        busy.assert_honest()
        busy.assert_exactly_once()
