"""Each content of each code tree is proven by tests about it, in some tree."""

from collections.abc import Collection, Mapping

from tests.conftest import Rendered
from tests.matrix import code_variants, server_variants, variant_id
from tests.proof import (
    EVERYWHERE,
    code_trees,
    deal,
    is_slow,
    modules_about,
    pairs,
    provers,
)

NAMES = [variant_id(one) for one in code_variants()]
COMPLETE = {variant_id(one) for one in server_variants()}


def test_each_content_of_each_tree_is_proven(rendered: Rendered) -> None:
    trees = code_trees(rendered)
    dealt = deal(trees)
    for name, tree in trees.items():
        for path in tree:
            proven = provers(path, name, trees, dealt)
            assert proven, path
            assert all(proven.values()), (name, path)
        assert {one for one in EVERYWHERE if one in tree} <= dealt[name]
    for module in set[str]().union(*dealt.values()):
        if not any(is_slow(tree.get(module, "")) for tree in trees.values()):
            assert answers_of(module, dealt) == answers_of(module, trees), module
    complete = sum(len(dealt[name]) for name in COMPLETE)
    assert sum(map(len, dealt.values())) < 3 * complete


def answers_of(module: str, trees: Mapping[str, Collection[str]]) -> set[object]:
    """Return which two answers occur together in the trees with a module."""
    found = [one for one in code_variants() if module in trees[variant_id(one)]]
    return set[object]().union(*map(pairs, found))


def test_a_module_runs_again_only_where_a_content_is_new() -> None:
    tests = dict.fromkeys(EVERYWHERE, "same")
    about = {"app/core/etags/etags.py": "etags", "app/services/items.py": "items"}
    tests |= {"tests/core/etags/test_weak.py": "w", "tests/items/test_items.py": "i"}
    trees = dict.fromkeys(NAMES, tests | about)
    one, another, last = [name for name in NAMES if name not in COMPLETE][-3:]
    before = deal(trees)
    trees[one] = trees[another] = trees[one] | {"app/core/etags/etags.py": "new"}
    trees[last] = trees[last] | {"app/services/items.py": "new"}
    after = deal(trees)
    known = trees[one]["app/core/etags/etags.py"], "tests/core/etags/test_weak.py"
    assert [name for name in (one, another) if known[1] in after[name]]
    assert "tests/items/test_items.py" in after[last]
    assert sum(map(len, after.values())) <= sum(map(len, before.values())) + 2


def test_tests_about_a_file() -> None:
    tree = dict.fromkeys(
        (
            *EVERYWHERE,
            "tests/api_keys/test_keys.py",
            "tests/core/etags/test_etags.py",
            "tests/core/etags/test_weak.py",
            "tests/scripts/test_dev.py",
            "tests/users/test_users.py",
        ),
        "",
    )
    for path, modules in {
        "app/core/etags/etags.py": {"tests/core/etags/test_etags.py"},
        "app/core/etags/weak_etags.py": {
            "tests/core/etags/test_etags.py",
            "tests/core/etags/test_weak.py",
        },
        "app/api/v1/api_keys.py": {"tests/api_keys/test_keys.py"},
        "app/services/users_mail.py": {"tests/users/test_users.py"},
        "app/users/mail.py": {"tests/users/test_users.py"},
        "scripts/dev.py": {"tests/scripts/test_dev.py"},
        "tests/core/etags/test_weak.py": {"tests/core/etags/test_weak.py"},
        "app/lifespan.py": set(EVERYWHERE),
        "tests/conftest.py": set(EVERYWHERE),
    }.items():
        assert modules_about(path, tree) == modules
