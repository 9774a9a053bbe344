"""What the commands for domains make of names and of code."""

from pathlib import Path

import pytest

from scripts.domains.docstrings import wrapped
from scripts.domains.names import Names, parse
from scripts.domains.project import Domain
from scripts.domains.renaming import Renaming

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


@pytest.mark.parametrize(
    "text",
    [
        "line_items.find(line_item)",
        "class CachedLineItemService(LineItemService):",
        "LINE_ITEMS_READ = 'line-items:read'",
        '"""Return a line item, an item note or item notes."""',
        "an_item_note = ITEM_NOTES.get(item_note_id)",
        "from app.api.line_items.models import LineItem",
        "from app.api.v1.item_notes import ItemNote",
    ],
)
def test_other_domains_keep_the_names_they_have_in_common(text: str) -> None:
    others = [Names("line_items", "line_item"), Names("item_notes", "item_note")]
    renamed = Renaming(ITEMS, PEOPLE, others)
    assert renamed.rewrite(text) == text
    assert not renamed.mentions(text)
    both = f"{text}  # an item"
    assert renamed.mentions(both)
    assert renamed.rewrite(both) == f"{text}  # a person"


def test_what_is_defined_elsewhere_keeps_its_name() -> None:
    elsewhere = {"max_items", "ItemsClient", "app.integrations.items_client"}
    renamed = Renaming(ITEMS, PEOPLE, elsewhere=elsewhere)
    for text in (
        "self.settings.max_items",
        "from app.integrations.items_client import ItemsClient",
    ):
        assert renamed.rewrite(text) == text
    assert renamed.rewrite("self.all_items") == "self.all_people"


def test_names_of_libraries_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "app" / "orders"
    folder.mkdir(parents=True)
    code = (
        "class OrderRepository:\n"
        "    order_lines = relationship(OrderLine, order_by=OrderLine.order_id)\n"
        "    def page_of_orders(self, order_id):\n"
        "        query = self.query.order_by(self.order_lines)\n"
        "        return self.page_of_orders(query)\n"
    )
    (folder / "repository.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    orders = Domain(Names("orders", "order"), (Path("app/orders/repository.py"),))
    renamed = Renaming(
        orders.names, Names("invoices", "invoice"), elsewhere=orders.elsewhere
    )
    expected = code.replace("order", "invoice").replace("Order", "Invoice")
    assert renamed.rewrite(code) == expected.replace("invoice_by", "order_by")
