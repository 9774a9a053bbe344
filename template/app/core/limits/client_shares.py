"""A limit of which one client may use up a part only."""

from collections import Counter

SHARE = 4  # one client may hold a fourth


class ClientShares:
    """A number of places, of which each client may hold a fourth."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._client_limit = max(1, limit // SHARE)
        self._held = Counter[str]()  # by client

    def acquire(self, client: str) -> bool:
        """Take a place, and tell whether there was one for the client."""
        is_full = self._held.total() >= self._limit
        if is_full or self._held[client] >= self._client_limit:
            return False
        self._held[client] += 1
        return True

    def release(self, client: str) -> None:
        """Give a place back."""
        self._held -= Counter([client])
