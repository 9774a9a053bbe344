"""The domain that a new one is made like."""

from collections.abc import Iterator

from scripts.domains.project import Domain, domains, find
from scripts.domains.refusals import uses

EXAMPLE = "items"
NOTHING = "There is no domain left to copy. Take one back from git, or write one."


def choose_model(name: str | None) -> Domain:
    """Return the one of this name; by default the example, or else the only one."""
    every = list(domains())
    if name:
        model = find(name)
        for use in _deep_uses(model, every):
            raise SystemExit(f"{use}, and would make no use of a copy.")
        return model
    models = {one.names.plural: one for one in every if not any(_deep_uses(one, every))}
    if not models:
        raise SystemExit(NOTHING)
    if len(models) > 1 and EXAMPLE not in models:
        raise SystemExit(f"Say --like and one of: {', '.join(sorted(models))}.")
    return models.get(EXAMPLE) or models.popitem()[1]


def _deep_uses(domain: Domain, every: list[Domain]) -> Iterator[str]:
    """Find where the service itself needs the domain, rather than another domain."""
    return uses(domain, "app", but=[path for one in every for path in one.files])
