"""Names of other services cannot be looked up, or the resolver says nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.matrix import Answers
from tests.resilience.load import TOO_BAD, nothing_kept
from tests.resilience.service import ITEMS, Service, new_item

CALLS = 50  # more than there are threads for requests
FEW = 5


@pytest.fixture
def caller(impatient: Service) -> Iterator[httpx2.Client]:
    """A client whose requests make the service call another one."""
    with impatient.client() as client:
        yield client
        client.get("/dns", params={"state": "well"})


def call(client: httpx2.Client, service: Service, name: str) -> httpx2.Response:
    """Make the service call, by a name it has no connection to, what is itself."""
    url = f"http://{name}.test:{service.port}/health/live"
    return client.get("/call", params={"url": url}, headers={"Connection": "close"})


@pytest.mark.parametrize("state", ["failing", "silent"])
def test_no_name_is_found(
    impatient: Service, caller: httpx2.Client, server_variant: Answers, state: str
) -> None:
    if state == "silent" and server_variant["database"] == "sync":
        pytest.skip("See below")
    with nothing_kept(impatient):
        assert call(caller, impatient, f"before-{state}").json() == 200
        caller.get("/dns", params={"state": state})
        with ThreadPoolExecutor(CALLS) as threads:
            calls = [
                threads.submit(call, caller, impatient, state) for _ in range(CALLS)
            ]
            # Who needs no name is served meanwhile.
            assert caller.post(ITEMS, json=new_item()).status_code == 201
            assert impatient.is_ready()
            answers = [called.result() for called in calls]
        assert {answer.status_code for answer in answers} <= TOO_BAD
        assert call(caller, impatient, state).status_code in TOO_BAD
        caller.get("/dns", params={"state": "well"})
        assert call(caller, impatient, state).json() == 200


@pytest.mark.variants(database="sync")
def test_threads_wait_for_the_resolver(
    impatient: Service, caller: httpx2.Client
) -> None:
    """There is no end to it but that of the resolver; others are served meanwhile."""
    with nothing_kept(impatient), ThreadPoolExecutor(FEW) as threads:
        caller.get("/dns", params={"state": "silent"})
        calls = [threads.submit(call, caller, impatient, "slow") for _ in range(FEW)]
        assert caller.post(ITEMS, json=new_item()).status_code == 201
        assert impatient.is_ready()
        caller.get("/dns", params={"state": "well"})
        answers = [called.result() for called in calls]
    assert {answer.status_code for answer in answers} <= TOO_BAD | {200}
