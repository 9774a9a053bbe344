"""``uv run poe remove-domain items``: take a domain out, with all it has stored."""

import argparse
import sys

from scripts.domains import contracts, lists
from scripts.domains.project import CONTRACTS, LISTS, find, refuse_needed
from scripts.domains.renaming import Naming
from scripts.domains.workshop import workshop


def main() -> None:
    """Delete modules and tests, unlist it, and write a revision that drops it."""
    parser = argparse.ArgumentParser(prog="poe remove-domain", description=__doc__)
    parser.add_argument("name", help="the domain, in the plural")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    arguments = parser.parse_args()
    domain = find(arguments.name)
    refuse_needed(domain, LISTS)
    tables = " and ".join(table.name for table in domain.tables)
    if not arguments.yes:
        confirm(f"{len(domain.files)} files, and in every database {tables}: they go.")
    mentions = Naming(domain.names).mentions
    texts = {path: path.read_text("utf-8") for path in LISTS if path.exists()}
    files = {path: lists.drop(text, mentions) for path, text in texts.items()}
    text = CONTRACTS.read_text("utf-8")
    with workshop() as work:
        work.delete(*domain.files)
        work.write(files | {CONTRACTS: contracts.drop(text, mentions)})
        revision = work.revise(f"drop {domain.names}")
        work.publish()
    print("\n".join(f"deleted {path}" for path in domain.files))
    print(f"{revision} drops {tables} with all rows. Next: uv run poe migrate")


def confirm(consequences: str) -> None:
    """Go on only if somebody says so."""
    print(consequences)
    if not sys.stdin.isatty():
        raise SystemExit("Nothing was changed: say --yes.")
    if input("Go on? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise SystemExit("Nothing was changed.")


if __name__ == "__main__":
    main()
