"""``uv run poe new-domain orders``: add a domain that is made like another one."""

import argparse
from pathlib import Path

from scripts.domains import contracts, lists
from scripts.domains.model import choose_model
from scripts.domains.names import parse
from scripts.domains.project import CONTRACTS, LISTS, Domain, read_lists
from scripts.domains.refusals import refuse_confusion, refuse_taken, refuse_twins
from scripts.domains.renaming import Renaming
from scripts.domains.workshop import workshop


def main() -> None:
    """Write modules, tests and a revision, and list it wherever others are listed."""
    parser = argparse.ArgumentParser(prog="poe new-domain", description=__doc__)
    parser.add_argument("name", help="in the plural: orders, order-lines, people")
    parser.add_argument("--singular", help="what one of them is called: person")
    parser.add_argument("--like", help="the domain to copy, if not items")
    arguments = parser.parse_args()
    names = parse(arguments.name, arguments.singular)
    model = choose_model(arguments.like)
    renaming = Renaming(model.names, names, model.others, model.elsewhere)
    files = copies(model, renaming)
    refuse_taken(names, files)
    refuse_twins(model, renaming)
    refuse_confusion(renaming, [*model.files, *filter(Path.exists, LISTS)])
    with workshop() as work:
        work.write(files | registrations(renaming))
        revision = work.revise(f"create {names}")
        work.publish()
    print("\n".join(map(str, sorted([*files, revision]))))
    print(f"One of the {names} is {names.one}.")
    print("Next: read the migration, then uv run poe migrate")


def copies(model: Domain, renaming: Renaming) -> dict[Path, str]:
    """Return the modules and tests of the new domain."""
    return {
        Path(renaming.path(str(path))): renaming.rewrite(path.read_text("utf-8"))
        for path in model.files
    }


def registrations(renaming: Renaming) -> dict[Path, str]:
    """Return the files that list all domains, with the new one."""
    mentions, rewrite = renaming.mentions, renaming.rewrite
    return {
        path: (contracts if path == CONTRACTS else lists).add(text, mentions, rewrite)
        for path, text in read_lists().items()
    }


if __name__ == "__main__":
    main()
