"""What the commands for domains make of names, code and lists."""

from pathlib import Path

import pytest

from scripts.domains import contracts, lists
from scripts.domains.docstrings import wrapped
from scripts.domains.names import Names, parse
from scripts.domains.project import find, refuse_taken
from scripts.domains.renaming import Renaming, refuse_confusion

ITEMS = Names("items", "item")
LINES = Names("order_lines", "order_line")
PEOPLE = Names("people", "person")
RENAMED = Renaming(ITEMS, LINES)


@pytest.mark.parametrize(
    ("plural", "singular", "names"),
    [
        ("orders", None, Names("orders", "order")),
        ("order-lines", None, LINES),
        ("order_lines", "order-line", LINES),
        ("people", "person", PEOPLE),
        ("addresses", "address", Names("addresses", "address")),
    ],
)
def test_names(plural: str, singular: str | None, names: Names) -> None:
    assert parse(plural, singular) == names


def test_one_has_its_article() -> None:
    words = ["order", "user_group", "upload", "unit", "one_time_code", "hour", "line"]
    assert [Names("", word).one for word in words] == [
        "an order",
        "a user group",
        "an upload",
        "a unit",
        "a one time code",
        "an hour",
        "a line",
    ]


@pytest.mark.parametrize(
    "name", ["people", "order", "movies", "batches", "houses", "boxes", "status"]
)
def test_what_english_does_not_tell_is_asked(name: str) -> None:
    with pytest.raises(SystemExit, match="--singular"):
        parse(name, None)


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("Orders", "order"),
        ("order lines", "order"),
        ("order--lines", "order"),
        ("2orders", "order"),
        ("_orders", "order"),
        ("../orders", "order"),
        ("órdenes", "orden"),
        ("o" * 31, "order"),
        ("orders", "class"),
        ("match", "order"),
        ("ids", "id"),
        ("lists", "list"),
        ("sheep", "sheep"),
    ],
)
def test_what_can_be_no_name_is_refused(plural: str, singular: str) -> None:
    with pytest.raises(SystemExit):
        parse(plural, singular)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("items.create(item)", "order_lines.create(order_line)"),
        ("class CachedItemService(ItemService):", None),
        ("ITEMS_READ = 'items:read'", "ORDER_LINES_READ = 'order-lines:read'"),
        ("ITEM_ID = item_id", "ORDER_LINE_ID = order_line_id"),
        (
            'prefix="/items", tags=["items"]',
            'prefix="/order-lines", tags=["order-lines"]',
        ),
        ('"/api/v1/items/{item_id}"', '"/api/v1/order-lines/{order_line_id}"'),
        ('__tablename__ = "items"', '__tablename__ = "order_lines"'),
        ('"uq_items_sku"', '"uq_order_lines_sku"'),
        ('ForeignKey("items.id")', 'ForeignKey("order_lines.id")'),
        ('"SELECT FROM items FOR UPDATE"', '"SELECT FROM order_lines FOR UPDATE"'),
        ('"urn:problem:item-not-found"', '"urn:problem:order-line-not-found"'),
        ('"There is no such item."', '"There is no such order line."'),
        ('"""Items over HTTP."""', '"""Order lines over HTTP."""'),
        ("# An item is what an item is", "# An order line is what an order line is"),
        ("from app.api.items.models import Item", None),
        ("from app.api.v1.items_x import x", None),
        ("self.items.page(page)", "self.order_lines.page(page)"),
        # Pages have "items", dictionaries too, and other words stay.
        (
            'page.items, page["items"], {"items": []}',
            'page.items, page["items"], {"items": []}',
        ),
        (
            "for a, b in headers.items(): itemize(b)",
            "for a, b in headers.items(): itemize(b)",
        ),
    ],
)
def test_code_is_renamed_by_what_it_means(before: str, after: str | None) -> None:
    expected = after or before.replace("items", "order_lines").replace(
        "Item", "OrderLine"
    )
    assert RENAMED.rewrite(before) == expected
    assert RENAMED.mentions(before) == (before != expected)


def test_articles_follow() -> None:
    text = '"""Return an item; an_item is an item."""'
    renamed = Renaming(ITEMS, PEOPLE).rewrite(text)
    assert renamed == '"""Return a person; a_person is a person."""'


def test_two_words_are_renamed_in_each_way_of_writing() -> None:
    text = '"Order lines, order-lines, ORDER_LINES, OrderLine, an order line"'
    renamed = Renaming(LINES, Names("box_parts", "box_part")).rewrite(text)
    assert renamed == '"Box parts, box-parts, BOX_PARTS, BoxPart, a box part"'


def test_long_lines_are_broken() -> None:
    name = "x" * 40
    docstring = f'    """Remove one; raises ``{name}``, ``{name}``."""'
    text = f"{docstring}\n    # Why {name} {name}."
    lines = wrapped(text).split("\n")
    assert lines[:2] == ['    """Remove one.', ""]
    assert lines[2].startswith("    Raises ``x")
    assert lines[-1].startswith("    # x")
    assert max(map(len, lines)) <= 88


LISTED = '''"""Lists."""

from app.api.items.models import Item

NAMES = [
    "Item",
    "Other",
]
TABLE = {
    "create_item": {"name": "Lamp"},
    "other": frozenset({Of.ITEMS_READ, Of.OTHERS}),
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
