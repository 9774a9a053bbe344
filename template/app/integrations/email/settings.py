"""``EMAIL_…``: how e-mails are sent; times are in seconds."""

from collections.abc import Iterator
from email.utils import formataddr, parseaddr
from typing import Annotated, Literal

from pydantic import AfterValidator, AnyHttpUrl, Field, SecretStr

from app.core.settings import Group

EXAMPLES = ("@example.com", "@example.net", "@example.org", ".example", ".invalid")


def _one_address(value: str) -> str:
    name, address = parseaddr(value)
    if value not in {address, formataddr((name, address))} or "@" not in address:
        raise ValueError("is not an e-mail address such as Shop <noreply@example.com>")
    return value


Sender = Annotated[str, AfterValidator(_one_address)]


class EmailSettings(Group):
    """``EMAIL_…``: how e-mails are sent; times are in seconds."""

    # "console" prints e-mails instead of sending them.
    backend: Literal["console", "smtp"] = "console"
    sender: Sender = "noreply@example.com"
    # The URL of your front end, to which links in e-mails lead.
    link_url: AnyHttpUrl = AnyHttpUrl("http://localhost:3000")
    host: str = "localhost"
    port: int = Field(default=587, ge=1, le=65535)
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    # Empty for no authentication.
    username: str = ""
    password: SecretStr = SecretStr("")
    timeout: float = Field(default=10, gt=0, le=600)

    def insecure(self) -> Iterator[str]:
        """Yield what production must not accept."""
        if self.backend == "console":
            yield "EMAIL_BACKEND: prints secret links; set it to smtp"
        elif self.encryption == "none":
            yield "EMAIL_ENCRYPTION: sends secret links in the clear"
        if self.link_url.scheme != "https":
            yield "EMAIL_LINK_URL: is not an https:// URL"
        if parseaddr(self.sender)[1].lower().endswith(EXAMPLES):
            yield "EMAIL_SENDER: is an example"
