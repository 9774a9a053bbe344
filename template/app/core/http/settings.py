"""``API_…``: proxies, browsers and documentation; times in seconds."""

from collections.abc import Iterator

from pydantic import Field, ValidationInfo, field_validator

from app.core.http.setting_types import Hosts, Networks, Origins, RootPath
from app.core.settings import Group

# The maximum number of public IP addresses of trusted proxies, by IP version: a content
# delivery network has fewer.
MAX_PROXIES = {4: 2**24, 6: 2**112}


class ApiSettings(Group):
    """``API_…``: proxies, browsers and documentation; times in seconds."""

    # Networks whose X-Forwarded-For and X-Forwarded-Proto are trusted.
    trusted_proxies: Networks = ()
    # The prefix of all paths for clients, whether or not a proxy removes it.
    root_path: RootPath = ""
    # Keep off if responses hold secrets next to text chosen by clients (BREACH).
    compress: bool = False
    # Hosts of the service; *.example.com matches all subdomains. Empty allows all.
    allowed_hosts: Hosts = ()
    # Origins of web pages that may call the service, and whether with cookies.
    cors_origins: Origins = ()
    cors_credentials: bool = False
    # How long browsers must use https; sent in production only.
    hsts_max_age: int = Field(default=365 * 24 * 3600, ge=0, le=3650 * 24 * 3600)
    # Whether to serve /docs, /redoc and /openapi.json; by default in development only.
    docs: bool | None = None
    # Whether responses have a Server-Timing header.
    server_timing: bool = False

    @field_validator("cors_credentials")
    @classmethod
    def _refuse_credentials_for_all(cls, given: bool, info: ValidationInfo) -> bool:  # noqa: FBT001
        if given and "*" in info.data.get("cors_origins", ()):
            raise ValueError("is not possible while API_CORS_ORIGINS is *")
        return given

    def insecure(self) -> Iterator[str]:
        """Yield what production must not accept."""
        if any(origin.startswith("http://") for origin in self.cors_origins):
            yield "API_CORS_ORIGINS: trusts pages that come over http"
        for version, most in MAX_PROXIES.items():
            sizes = (
                network.num_addresses
                for network in self.trusted_proxies
                if network.version == version and not network.is_private
            )
            if sum(sizes) > most:
                yield f"API_TRUSTED_PROXIES: trusts too much of IPv{version}"
