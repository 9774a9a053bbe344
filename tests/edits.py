"""What people do to their project between two updates."""

import re
from pathlib import Path

MODULES = {"models": "models", "schemas": "schemas", "service": "services"}

# Role of a module of the items or path → what is inserted after the first line that
# begins so, or the end of the file if there is none to name.
INSERTIONS = {
    "router": ("    responses=problems(404, 409)", '    summary="Relabel",\n'),
    "service": (
        "            check(ItemRead",
        "        item.name = item.name.strip()\n",
    ),
    "models": ("    description:", "    price: Mapped[int | None]\n"),
    ".env.example": (
        "APP_VERSION=",
        "# The currency of prices\nSHOP_CURRENCY=EUR\n",
    ),
    "pyproject.toml": ("", '\n[tool.deployment]\nregion = "eu-central-1"\n'),
    "README.md": ("## Where things are", "\nOwned by the shop team; ask in #shop.\n"),
}
# The three schemas of an item, in their order.
PRICES = (
    "price: int | None = None",
    "price: int | None = Unset",
    "price: int | None",
)

OWN_FILES = {
    "app/integrations/shop.py": '''"""The shop."""

from app.core.settings import Group

CENTS = 100


class ShopSettings(Group):
    """``SHOP_…``: what differs between shops."""

    currency: str = "EUR"
''',
    "docs/shop.md": "# The shop\n\nWhat only we know.\n",
    "tests/items/test_price.py": '''"""The price of an item."""

from fastapi.testclient import TestClient

from app.integrations.shop import CENTS


def test_price(client: TestClient) -> None:
    body = {"sku": "lamp-1", "name": "Lamp", "price": 5 * CENTS}
    response = client.post("/api/v1/items", json=body)
    url = response.headers["location"]
    assert client.get(url).json()["price"] == 500
    assert client.patch(url, json={"price": None}).json()["price"] is None
''',
}
MIGRATION = '''"""add price.

Revision 0a1b2c3d4e5f, after {head}, of 2026-11-22.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0a1b2c3d4e5f"
down_revision: str | Sequence[str] | None = "{head}"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("items", sa.Column("price", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("items", "price")
'''
DELETED = ("docs/decisions/commit-before-the-response.md", ".pre-commit-config.yaml")
RENAMED = {"CONTRIBUTING.md": "docs/contributing.md"}


def make_it_theirs(project: Path) -> None:
    """Give items a price and change what people change; all checks still pass."""
    for name, (line, text) in INSERTIONS.items():
        insert(project / module(project, name), line, text)
    add_settings(project)
    path = project / module(project, "schemas")
    first, *classes = re.split(r"(?m)^(    description: .*\n)", path.read_text())
    fields = zip(classes[::2], PRICES, classes[1::2], strict=True)
    path.write_text(first + "".join(f"{a}    {price}\n{b}" for a, price, b in fields))
    for name, text in OWN_FILES.items():
        (project / name).write_text(text)
    migration = MIGRATION.format(head=head(project))
    versions = project / "migrations" / "versions"
    (versions / "2026_11_22_0000-0a1b2c3d4e5f_add_price.py").write_text(migration)
    for name in DELETED:
        (project / name).unlink()
    for old, new in RENAMED.items():
        (project / old).rename(project / new)


def add_settings(project: Path) -> None:
    """Add a group of settings."""
    path = project / "app" / "settings.py"
    insert(path, '    """All groups', "\n    shop: ShopSettings = ShopSettings()\n")
    imported = "\nfrom app.integrations.shop import ShopSettings"
    path.write_text(path.read_text().replace("\n\n\nclass", f"{imported}\n\n\nclass"))


def insert(path: Path, line: str, text: str) -> None:
    """Insert a text after the line that begins so, or at the end."""
    before = path.read_text()
    after = re.sub(rf"(?m)^{re.escape(line)}.*\n", rf"\g<0>{text}", before, count=1)
    path.write_text(after if line else before + text)
    assert path.read_text() != before


def contradict(path: Path, after: bytes) -> None:
    """Rewrite the first line of a file, which the update also rewrites."""
    lines = path.read_bytes().splitlines(keepends=True)
    new = after.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if line != new[n])
    path.write_bytes(
        b"".join([*lines[:first], b"We know better.\n", *lines[first + 1 :]])
    )


def module(project: Path, role: str) -> str:
    """Return the path of a module of the items, or the path that was given."""
    if (project / role).exists():
        return role
    if (project / "app" / "items").exists():
        return f"app/items/{role}.py"
    return f"app/{MODULES.get(role, 'api/v1')}/items.py"


def head(project: Path) -> str:
    """Return the newest revision."""
    texts = [path.read_text() for path in project.glob("migrations/versions/*.py")]
    ids, earlier = (
        set(re.findall(rf'^{name}: .* = "(\w+)"', "".join(texts), re.MULTILINE))
        for name in ("revision", "down_revision")
    )
    (newest,) = ids - earlier
    return str(newest)
