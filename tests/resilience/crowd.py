"""Clients that use the service, all at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.resilience.clients import Client
from tests.resilience.service import Service
from tests.resilience.trial import Trial


class Crowd:
    """Clients at work, each in a thread of its own, with items of its own."""

    def __init__(self, service: Service, clients: int) -> None:
        self.trial = Trial(service)
        self.clients = [Client(self.trial) for _ in range(clients)]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let them work until the block ends, and finish what they began."""
        with ThreadPoolExecutor(len(self.clients)) as threads:
            working = [threads.submit(client.work) for client in self.clients]
            try:
                yield
            finally:
                self.trial.is_over.set()
        for work in working:
            work.result()

    @property
    def copies(self) -> int:
        """How often they read what had been changed: a copy from the cache."""
        return sum(client.copies for client in self.clients)

    @property
    def contradictions(self) -> list[str]:
        """Responses that contradict earlier ones."""
        return [found for client in self.clients for found in client.contradictions]

    def losses(self) -> list[str]:
        """Return SKUs whose rows in the database contradict the responses."""
        query = "SELECT sku, description FROM items"
        lines = self.trial.service.postgresql.ask(query).splitlines()
        rows = (line.partition("|") for line in lines)
        found: dict[str, str | None] = {sku: text for sku, _, text in rows}
        known = {
            sku: item for client in self.clients for sku, item in client.items.items()
        }
        wrong = [sku for sku in known if found.get(sku) not in known[sku]]
        return wrong + [sku for sku in found if sku not in known]
