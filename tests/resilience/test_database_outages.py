"""The database is stopped, killed, frozen, crowded, or takes no changes, and back."""

from contextlib import ExitStack

import pytest

from tests.production import wait_until
from tests.resilience.load import TOO_BAD, load, nothing_kept
from tests.resilience.servers import HANG_UP
from tests.resilience.service import ITEMS, Service, new_item

FAULTS = ["stop", "kill", "freeze"]


def repair(service: Service, fault: str) -> None:
    """Undo a fault of the database, and wait until the service has noticed."""
    if fault == "freeze":
        service.postgresql.thaw()
    else:
        service.postgresql.start()
    wait_until(service.is_ready)


def break_(service: Service, fault: str) -> None:
    """Hurt the database, and wait until the service has noticed."""
    getattr(service.postgresql, fault)()
    wait_until(lambda: not service.is_ready())
    assert service.is_alive()


@pytest.mark.parametrize("fault", FAULTS)
def test_at_rest(impatient: Service, fault: str) -> None:
    service = impatient
    with service.client() as client:
        path = client.post(ITEMS, json=new_item()).headers["location"]
        break_(service, fault)
        for _ in range(2):
            response = client.post(ITEMS, json=new_item())
            assert response.status_code in TOO_BAD
            assert (
                response.status_code == 504 or int(response.headers["retry-after"]) > 0
            )
        repair(service, fault)
        # Not even one request meets a connection of before.
        assert client.get(path).status_code == 200
        assert client.post(ITEMS, json=new_item()).status_code == 201


@pytest.mark.parametrize("fault", FAULTS)
def test_under_load(impatient: Service, fault: str) -> None:
    service = impatient
    with nothing_kept(service):
        with load(service) as busy:
            busy.wait_for(201)
            break_(service, fault)
            busy.wait_for(*TOO_BAD)
            assert service.is_alive()
            repair(service, fault)
            busy.wait_for(201)
        busy.assert_honest()
        busy.assert_exactly_once()


@pytest.mark.parametrize("fault", ["stop", "freeze"])
def test_before_start_up(impatient: Service, fault: str) -> None:
    service = impatient
    getattr(service.postgresql, fault)()
    service.kill()
    service.start(service.is_alive)
    assert not service.is_ready()
    assert service.status(ITEMS) in TOO_BAD | {401}
    repair(service, fault)
    with service.client() as client:
        assert client.post(ITEMS, json=new_item()).status_code == 201


def test_it_takes_no_changes(impatient: Service) -> None:
    """As one that has become a standby, to which there are connections still."""
    service = impatient
    ask = service.postgresql.ask
    with service.client() as client:
        path = client.post(ITEMS, json=new_item()).headers["location"]
        ask("ALTER DATABASE postgres SET default_transaction_read_only = on")
        ask(HANG_UP)
        responses = [client.post(ITEMS, json=new_item()) for _ in range(3)]
        assert {response.status_code for response in responses} == {503}
        assert all(response.headers["retry-after"] for response in responses)
        assert client.get(path).status_code == 200
        reset = "ALTER DATABASE postgres RESET default_transaction_read_only"
        ask(f"BEGIN READ WRITE; {reset}; COMMIT")
        # The connections are still open, and still take no changes.
        wait_until(lambda: client.post(ITEMS, json=new_item()).status_code == 201)


def test_others_have_all_connections(impatient: Service) -> None:
    service = impatient
    with nothing_kept(service), ExitStack() as crowd:
        crowd.enter_context(service.postgresql.crowded())
        wait_until(lambda: not service.is_ready())
        assert service.is_alive()
        with load(service) as busy:
            busy.wait_for(503)
            assert not busy.count(201, 504)
            crowd.close()
            wait_until(service.is_ready)
            busy.wait_for(201)
        busy.assert_honest()
        busy.assert_exactly_once()
