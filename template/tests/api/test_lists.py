"""Rules for all lists."""

import pytest
from fastapi.testclient import TestClient


def test_every_sort_of_every_list_is_documented_and_works(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["name"] == "sort":
                with subtests.test(path):
                    sorts = parameter["schema"].get("enum")
                    assert sorts, 'List the columns: sort: Literal["name", "-name"]'
                    for sort in sorts if "{" not in path else ():
                        response = client.get(path, params={"sort": sort})
                        assert response.status_code == 200, sort
