"""ETags of responses that the service compresses."""

from fastapi.testclient import TestClient

from app.core.etags.etags import etag
from app.settings import Settings
from tests.support.sample_app import WIDGETS, create_app
from tests.support.settings import changed


def test_compressed_response_has_another_etag(
    client: TestClient, settings: Settings
) -> None:
    app = create_app(changed(settings, "api", compress=True))
    plain = {"Accept-Encoding": "identity"}
    with TestClient(app, headers=dict(client.headers)) as small:
        created = small.post(WIDGETS, json={"sku": "🪔" * 64, "name": "🪔" * 200})
        url, compressed = created.headers["location"], created.headers["etag"]
        assert created.headers["content-encoding"] == "gzip"
        assert small.get(url).headers["etag"] == compressed
        other = small.get(url, headers=plain)
        assert "content-encoding" not in other.headers
        assert other.headers["etag"] == etag(other.content) != compressed
        for tag in (compressed, other.headers["etag"]):
            known = small.get(url, headers={"If-None-Match": tag})
            assert (known.status_code, known.headers["etag"]) == (304, tag)
            assert known.headers["vary"] == "Accept-Encoding"
        for status in (200, 412):
            headers = {"If-Match": compressed}
            response = small.patch(url, json={"name": "Torch"}, headers=headers)
            assert response.status_code == status
