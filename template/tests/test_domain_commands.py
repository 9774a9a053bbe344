"""What the commands for domains make of lists, and what they refuse."""

from pathlib import Path

import pytest

from scripts.domains import contracts, lists
from scripts.domains.names import Names
from scripts.domains.project import find
from scripts.domains.refusals import refuse_confusion, refuse_taken
from scripts.domains.renaming import Renaming

ITEMS = Names("items", "item")
LINES = Names("order_lines", "order_line")
RENAMED = Renaming(ITEMS, LINES)

LISTED = '''"""Lists."""

from app.api.items.models import Item

NAMES = [
    "Item",
    "Other",
]
TABLE = {
    "create_item": {"name": "Lamp"},
    "other": frozenset({Of.ITEMS_READ, Of.OTHERS}),
    "update_item": {"name": "Torch"},
}


class Of:
    ITEMS_READ = "items:read"
    OTHERS = "others"
'''


def test_a_domain_is_listed_beside_another_one() -> None:
    added = lists.add(LISTED, RENAMED.mentions, RENAMED.rewrite)
    for line in (
        "from app.api.order_lines.models import OrderLine\n",
        '"Item", "OrderLine",\n',
        '"create_item": {"name": "Lamp"}, "create_order_line": {"name": "Lamp"},\n',
        "{Of.ITEMS_READ, Of.ORDER_LINES_READ, Of.OTHERS}",
        '"update_item": {"name": "Torch"}, "update_order_line": {"name": "Torch"},\n',
        '    ORDER_LINES_READ = "order-lines:read"\n',
    ):
        assert line in added
    back = Renaming(LINES, ITEMS)
    assert lists.drop(added, back.mentions).split() == LISTED.split()


def test_nothing_is_left_of_a_domain() -> None:
    dropped = lists.drop(LISTED, RENAMED.mentions)
    assert not RENAMED.mentions(dropped)
    assert lists.drop("V1 = (items, a)\n", RENAMED.mentions) == "V1 = (a,)\n"
    assert lists.drop("V1 = (a, items)\n", RENAMED.mentions) == "V1 = (a,)\n"
    assert lists.drop("V1 = (items,)\n", RENAMED.mentions) == "V1 = ()\n"
    assert lists.drop("A = f({items})\n", RENAMED.mentions) == "A = f()\n"


CONTRACTS = """[tool.other]
name = "items"

[[tool.importlinter.contracts]]
name = "Layers"
layers = [
    "api",
    "others : items",
]

[[tool.importlinter.contracts]]
name = "Only app/api/items/__init__.py"
modules = ["app.api.items.*"]

[[tool.importlinter.contracts]]
name = "Rules"
source_modules = ["app.api.items.service", "app.core"]
"""


def test_contracts_name_a_domain_or_do_not() -> None:
    added = contracts.add(CONTRACTS, RENAMED.mentions, RENAMED.rewrite)
    assert '    "others : items : order_lines",\n' in added
    assert 'modules = ["app.api.order_lines.*"]\n' in added
    assert '["app.api.items.service", "app.api.order_lines.service", ' in added
    assert contracts.drop(added, Renaming(LINES, ITEMS).mentions) == CONTRACTS
    dropped = contracts.drop(CONTRACTS, RENAMED.mentions)
    assert '    "others",\n' in dropped
    assert "app.api.items" not in dropped
    assert 'name = "items"' in dropped


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("core", "app/core exists already"),
        ("metadata", "app/metadata.py exists already"),
        ("things", "tests/things.py exists already"),
        ("idempotency_keys", 'already a table "idempotency_keys"'),
        ("health", "already an endpoint /health"),
        ("queue", "the name of a Python package"),
        ("sqlalchemy", "the name of a Python package"),
        ("references", "a word of SQL"),
    ],
)
def test_names_that_are_taken_are_refused(name: str, reason: str) -> None:
    with pytest.raises(SystemExit, match=reason):
        refuse_taken(Names(name, "one"), [])


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="exists already"):
        refuse_taken(LINES, [tmp_path])


def test_a_name_cannot_have_two_meanings(tmp_path: Path) -> None:
    path = tmp_path / "service.py"
    path.write_text("def find(item: Item, page: Page) -> None: ...\n")
    refuse_confusion(RENAMED, [path])
    pages = Renaming(ITEMS, Names("pages", "page"))
    with pytest.raises(SystemExit, match='"Page" has another meaning'):
        refuse_confusion(pages, [path])


def test_only_domains_with_a_table_can_be_copied_or_removed() -> None:
    for name in ("nothing", "core", "idempotency-keys"):
        with pytest.raises(SystemExit, match="There is no domain"):
            find(name)
