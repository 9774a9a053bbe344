"""The cache is stopped, killed, frozen, full, or takes no changes, and comes back."""

import pytest

from tests.production import wait_until
from tests.resilience.load import load, nothing_kept
from tests.resilience.servers import Valkey
from tests.resilience.service import ITEMS, Service, new_item

pytestmark = pytest.mark.variants(redis=True)

# What hurts a Valkey that runs, and what heals it.
COMMANDS = {
    "full memory": ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
    "full disk": ("CONFIG SET appendonly yes", "CONFIG SET appendonly no"),
    "standby": ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
}
# Copies that can neither be marked nor deleted are read until they expire.
KEEPS_COPIES = {"freeze", "full disk", "standby"}
FAULTS = ["stop", "kill", "freeze", *COMMANDS]


def break_(valkey: Valkey, fault: str) -> None:
    """Hurt the cache."""
    if fault == "full disk":
        valkey.fill_disk()
    if fault in COMMANDS:
        assert valkey.ask(COMMANDS[fault][0]) == "+OK"
        wait_until(lambda: valkey.ask("SET nothing 1").startswith("-"))
    else:
        getattr(valkey, fault)()


def repair(valkey: Valkey, fault: str) -> None:
    """Undo it."""
    if fault in COMMANDS:
        assert valkey.ask(COMMANDS[fault][1]) == "+OK"
    elif fault == "freeze":
        valkey.thaw()
    else:
        valkey.start()


@pytest.mark.parametrize("fault", FAULTS)
def test_at_rest(impatient: Service, fault: str) -> None:
    """Clients notice nothing but, of some faults, the old copy for a minute."""
    assert impatient.valkey
    with impatient.client() as client:
        path = client.post(ITEMS, json=new_item()).headers["location"]
        assert client.get(path).status_code == client.get(path).status_code == 200
        break_(impatient.valkey, fault)
        for name in ("Torch", "Candle"):
            assert client.patch(path, json={"name": name}).status_code == 200
            copy = client.get(path)
            assert copy.status_code == 200
            assert fault in KEEPS_COPIES or copy.json()["name"] == name
        assert client.post(ITEMS, json=new_item()).status_code == 201
        if fault not in COMMANDS:
            wait_until(lambda: impatient.report() == "degraded")
        assert impatient.is_ready()
        assert impatient.is_alive()
        repair(impatient.valkey, fault)
        wait_until(lambda: impatient.report() == "ok")
        copy = client.get(path)
        assert fault in KEEPS_COPIES or copy.json()["name"] == "Candle"
        assert client.post(ITEMS, json=new_item()).status_code == 201


@pytest.mark.parametrize("fault", ["kill", "freeze", "full disk"])
def test_under_load(impatient: Service, fault: str) -> None:
    assert impatient.valkey
    with nothing_kept(impatient):
        with load(impatient) as busy:
            busy.wait_for(201)
            break_(impatient.valkey, fault)
            wait_until(lambda: impatient.report() == "degraded")
            busy.wait_for(201)
            assert impatient.is_ready()
            repair(impatient.valkey, fault)
            wait_until(lambda: impatient.report() == "ok")
            busy.wait_for(201)
        busy.assert_honest()
        busy.assert_exactly_once()


@pytest.mark.parametrize("fault", ["stop", "freeze"])
def test_before_start_up(impatient: Service, fault: str) -> None:
    assert impatient.valkey
    break_(impatient.valkey, fault)
    impatient.kill()
    impatient.start(impatient.is_ready)
    with impatient.client() as client:
        assert client.post(ITEMS, json=new_item()).status_code == 201
    repair(impatient.valkey, fault)
    wait_until(lambda: impatient.report() == "ok")
