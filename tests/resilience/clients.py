"""A client that uses the service and compares each response with the ones before."""

import random
import time

import httpx2

from tests.resilience.service import ADMIN, ITEMS, PASSWORD, new_item
from tests.resilience.trial import CALM, Outcome, Trial

PAUSE = 0.01  # seconds of a client between two requests
RETRY = 0.1  # and after 5xx or a lost connection
NO_RESPONSE = 0
_chance = random.Random()  # noqa: S311 - nothing to guess


class Client:
    """A user who knows the possible states of each of their items: ``None`` is gone.

    After a request without a response, an item may be in its old or its new state.
    """

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._http = trial.service.client()
        self._has_cache = trial.service.valkey is not None
        self._phase = CALM
        self._paths: dict[str, str] = {}
        self._version = 0
        self.items: dict[str, set[str | None]] = {}
        self.copies = 0
        self.contradictions: list[str] = []

    def work(self) -> None:
        """Use the service until the trial is over."""
        actions = {self.read: 8.0, self.browse: 2, self.create: 2}
        actions |= {self.update: 3, self.delete: 2}
        if self._trial.service.has_accounts:
            actions[self.log_in] = 0.2
        self.create()
        while not self._trial.is_over.is_set():
            (action,) = _chance.choices([*actions], [*actions.values()])
            action()
            time.sleep(PAUSE)
        self._http.close()

    def create(self) -> None:
        """Add an item; retry until there is a response."""
        item = {**new_item(), "description": "0"}
        key = {"Idempotency-Key": item["sku"]}
        self.items[item["sku"]] = {"0"}
        while (response := self._ask("POST", ITEMS, json=item, headers=key)) is None:
            pass
        if response.status_code == 201:
            self._paths[item["sku"]] = response.headers["location"]
        else:
            self._note(f"{response.status_code} for a new item: {response.text}")

    def read(self) -> None:
        """Read an item, which must be in a possible state."""
        if sku := self._any():
            response = self._ask("GET", self._paths[sku])
            if response is None:
                return
            text = response.json()["description"] if response.is_success else None
            if text is not None and text not in self.items[sku] and self._has_cache:
                self.copies += 1
            else:
                self._expect(sku, text)

    def browse(self) -> None:
        """List items."""
        response = self._ask("GET", ITEMS, params={"limit": 20})
        if response is not None and not response.is_success:
            self._note(f"{response.status_code} for a list: {response.text}")

    def update(self) -> None:
        """Change an item."""
        if sku := self._any():
            self._version += 1
            text = str(self._version)
            response = self._ask("PATCH", self._paths[sku], json={"description": text})
            self._become(sku, text, response, 200)

    def delete(self) -> None:
        """Remove an item."""
        if sku := self._any():
            response = self._ask("DELETE", self._paths[sku])
            self._become(sku, None, response, 204)

    def log_in(self) -> None:
        """Log in again and use the new session."""
        form = {"username": ADMIN, "password": PASSWORD}
        response = self._ask("POST", "/api/v1/auth/token", data=form)
        if response is not None and response.is_success:
            token = response.json()["access_token"]
            self._http.headers["Authorization"] = f"Bearer {token}"
        elif response is not None:
            self._note(f"{response.status_code} for a log-in: {response.text}")

    def _any(self) -> str | None:
        return _chance.choice([*self._paths]) if self._paths else None

    def _become(
        self, sku: str, text: str | None, response: httpx2.Response | None, status: int
    ) -> None:
        if response is None:
            self.items[sku].add(text)
        elif response.status_code == status:
            self.items[sku] = {text}
        else:
            self._expect(sku, None)
        if None in self.items[sku] and response is not None:
            del self._paths[sku]

    def _expect(self, sku: str, text: str | None) -> None:
        if text not in self.items[sku]:
            self._note(f"{sku} is {text}, not {self.items[sku]}")

    def _note(self, contradiction: str) -> None:
        self.contradictions.append(f"{self._phase}: {contradiction}")

    def _ask(self, method: str, path: str, **content: object) -> httpx2.Response | None:
        """Return a response, or None if the effect of the request is unknown."""
        self._phase = self._trial.phase
        begun = time.perf_counter()
        try:
            response = self._http.request(method, path, **content)  # type: ignore[arg-type]
            status = response.status_code
            why = response.text if status >= 500 else ""
        except httpx2.TransportError as error:
            status, why = NO_RESPONSE, repr(error)
        seconds = time.perf_counter() - begun
        if self._phase == CALM:
            self._phase = self._trial.phase
        self._trial.outcomes.append(Outcome(self._phase, status, seconds, why))
        if NO_RESPONSE < status < 500:
            return response
        time.sleep(RETRY)
        return None
