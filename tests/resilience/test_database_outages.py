"""The database is stopped, killed or frozen, and comes back."""

import httpx2
import pytest

from tests.production import wait_until
from tests.resilience.service import ITEMS, Service, new_item


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_it_goes_away_and_comes_back(
    service: Service, client: httpx2.Client, how: str
) -> None:
    path = client.post(ITEMS, json=new_item()).headers["location"]
    getattr(service.postgresql, how)()
    for _ in range(3):
        answer = client.post(ITEMS, json=new_item())
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
    assert service.is_alive()
    wait_until(lambda: not service.is_ready())
    service.postgresql.start()
    wait_until(service.is_ready)
    # Not even one request meets a connection of before.
    assert client.get(path).status_code == 200
    assert client.post(ITEMS, json=new_item()).status_code == 201
