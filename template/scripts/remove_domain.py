"""``uv run poe remove-domain items``: remove a domain with its tables."""

import argparse
import sys
from pathlib import Path

from scripts.domains import contracts, lists
from scripts.domains.naming import Naming
from scripts.domains.project import CONTRACTS, find, read_lists
from scripts.domains.refusals import refuse_needed
from scripts.domains.workshop import workshop


def main() -> None:
    """Delete modules and tests, unlist it, and write a revision that drops it."""
    parser = argparse.ArgumentParser(prog="poe remove-domain", description=__doc__)
    parser.add_argument("name", help="the domain, in the plural")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    arguments = parser.parse_args()
    domain = find(arguments.name)
    refuse_needed(domain)
    tables = " and ".join(table.name for table in domain.tables)
    if not arguments.yes:
        confirm(f"{len(domain.files)} files, and in every database {tables}: they go.")
    naming = Naming(domain.names, domain.others)
    with workshop() as work:
        work.delete(*domain.files)
        work.write(lists_without(naming))
        revision = work.revise(f"drop {domain.names}")
        work.publish()
    print("\n".join(f"deleted {path}" for path in domain.files))
    print(f"{revision} drops {tables} with all rows. Next: uv run poe migrate")
    print_mentions(naming)


def confirm(consequences: str) -> None:
    """Ask for confirmation, or end the process."""
    print(consequences)
    if not sys.stdin.isatty():
        raise SystemExit("Nothing was changed: say --yes.")
    if input("Go on? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise SystemExit("Nothing was changed.")


def lists_without(naming: Naming) -> dict[Path, str]:
    """Return the files that list all domains, without this one."""
    return {
        path: (contracts if path == CONTRACTS else lists).drop(text, naming.mentions)
        for path, text in read_lists().items()
    }


def print_mentions(naming: Naming) -> None:
    """Print the pages that still mention the domain."""
    pages = sorted([*Path().glob("*.md"), *Path("docs").glob("*.md")])
    found = [str(path) for path in pages if naming.mentions(path.read_text("utf-8"))]
    if found:
        print(f"Still speak of {naming.old}: {', '.join(found)}")


if __name__ == "__main__":
    main()
