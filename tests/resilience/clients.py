"""A client that uses the service and remembers what it was told."""

import random
import time

import httpx2

from tests.resilience.service import ADMIN, ITEMS, PASSWORD, new_item
from tests.resilience.trial import CALM, Outcome, Trial

PAUSE = 0.01  # seconds of a client between two requests
RETRY = 0.1  # and after an answer that says: later
NO_ANSWER = 0
_chance = random.Random()  # noqa: S311 - nothing to guess


class Client:
    """A user who knows the possible states of each of their items: ``None`` is gone.

    After an answer that is none, an item may be both what it was and what it should be.
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
        """Add an item; try again until there is an answer, as clients should."""
        item = {**new_item(), "description": "0"}
        key = {"Idempotency-Key": item["sku"]}
        self.items[item["sku"]] = {"0"}
        while (answer := self._ask("POST", ITEMS, json=item, headers=key)) is None:
            pass
        if answer.status_code == 201:
            self._paths[item["sku"]] = answer.headers["location"]
        else:
            self._note(f"{answer.status_code} for a new item: {answer.text}")

    def read(self) -> None:
        """Look at an item, which must be what it was told to be."""
        if sku := self._any():
            answer = self._ask("GET", self._paths[sku])
            if answer is None:
                return
            text = answer.json()["description"] if answer.is_success else None
            if text is not None and text not in self.items[sku] and self._has_cache:
                self.copies += 1
            else:
                self._expect(sku, text)

    def browse(self) -> None:
        """List items."""
        answer = self._ask("GET", ITEMS, params={"limit": 20})
        if answer is not None and not answer.is_success:
            self._note(f"{answer.status_code} for a list: {answer.text}")

    def update(self) -> None:
        """Change an item."""
        if sku := self._any():
            self._version += 1
            text = str(self._version)
            answer = self._ask("PATCH", self._paths[sku], json={"description": text})
            self._become(sku, text, answer, 200)

    def delete(self) -> None:
        """Remove an item."""
        if sku := self._any():
            answer = self._ask("DELETE", self._paths[sku])
            self._become(sku, None, answer, 204)

    def log_in(self) -> None:
        """Begin another session, and go on with it."""
        form = {"username": ADMIN, "password": PASSWORD}
        answer = self._ask("POST", "/api/v1/auth/token", data=form)
        if answer is not None and answer.is_success:
            token = answer.json()["access_token"]
            self._http.headers["Authorization"] = f"Bearer {token}"
        elif answer is not None:
            self._note(f"{answer.status_code} for a log-in: {answer.text}")

    def _any(self) -> str | None:
        return _chance.choice([*self._paths]) if self._paths else None

    def _become(
        self, sku: str, text: str | None, answer: httpx2.Response | None, status: int
    ) -> None:
        if answer is None:
            self.items[sku].add(text)
        elif answer.status_code == status:
            self.items[sku] = {text}
        else:
            self._expect(sku, None)
        if None in self.items[sku] and answer is not None:
            del self._paths[sku]

    def _expect(self, sku: str, text: str | None) -> None:
        if text not in self.items[sku]:
            self._note(f"{sku} is {text}, not {self.items[sku]}")

    def _note(self, contradiction: str) -> None:
        self.contradictions.append(f"{self._phase}: {contradiction}")

    def _ask(self, method: str, path: str, **content: object) -> httpx2.Response | None:
        """Return an answer, or nothing if it is not known what was done."""
        self._phase = self._trial.phase
        begun = time.perf_counter()
        try:
            answer = self._http.request(method, path, **content)  # type: ignore[arg-type]
            status = answer.status_code
            why = answer.text if status >= 500 else ""
        except httpx2.TransportError as error:
            status, why = NO_ANSWER, repr(error)
        seconds = time.perf_counter() - begun
        if self._phase == CALM:
            self._phase = self._trial.phase
        self._trial.outcomes.append(Outcome(self._phase, status, seconds, why))
        if NO_ANSWER < status < 500:
            return answer
        time.sleep(RETRY)
        return None
