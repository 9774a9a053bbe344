"""What can be done to the servers of a service, for some seconds."""

import time
from collections.abc import Callable
from functools import partial

from tests.resilience.servers import Server
from tests.resilience.service import Service

Fault = Callable[[float], None]


def faults_of(service: Service) -> dict[str, Fault]:
    """Return all faults by their names."""
    servers = filter(None, (service.postgresql, service.valkey))
    faults: dict[str, Fault] = {
        f"{type(server).__name__} {name}": partial(fault, server)
        for server in servers
        for name, fault in (("stopped", stop), ("killed", kill), ("frozen", freeze))
    }
    return {**faults, "all items locked": partial(lock, service)}


def stop(server: Server, seconds: float) -> None:
    """Let it end as it should, and start it again."""
    server.stop()
    time.sleep(seconds)
    server.start()


def kill(server: Server, seconds: float) -> None:
    """End it at once, and start it again."""
    server.kill()
    time.sleep(seconds)
    server.start()


def freeze(server: Server, seconds: float) -> None:
    """Let it say nothing."""
    server.freeze()
    time.sleep(seconds)
    server.thaw()


def lock(service: Service, seconds: float) -> None:
    """Hold each row of a table."""
    with service.postgresql.locked("SELECT id FROM items FOR UPDATE"):
        time.sleep(seconds)
