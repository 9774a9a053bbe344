"""The reports of a service without accounts."""

from datetime import UTC, datetime

from fastapi.testclient import TestClient

from tests.orders.test_second_week import create_order


def test_clients_export_and_report_all_orders(client: TestClient) -> None:
    ids = sorted(create_order(client).rpartition("/")[2] for _ in range(2))
    export = client.get("/api/v1/orders.csv")
    assert export.headers["content-type"] == "text/csv; charset=utf-8"
    head, *lines = export.text.splitlines()
    assert head == "id,name,created_at"
    assert [line.split(",")[:2] for line in lines] == [[id_, "First"] for id_ in ids]
    today = datetime.now(UTC).date().isoformat()
    days = client.get("/api/v1/reports/orders").json()
    assert days == [{"day": today, "orders": 2}]
