"""Refuses names of a domain that mean something else in the project already."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from domains.definitions import definitions, twins
from domains.names import Names, Refusal
from domains.project import Project


def refuse_collisions(
    project: Project, names: Names, new: Mapping[Path, str], changed: Mapping[Path, str]
) -> None:
    """Raise ``Refusal`` for the first collision, with a way out.

    ``new`` and ``changed`` are the files of the project after the addition.
    """
    defined = {one for text in new.values() for one in definitions(text)}
    taken = {one: project.definitions[one] for one in defined & {*project.definitions}}
    url = f'path "/{names.path}"'
    if url in taken:
        raise Refusal(
            f"The {url} is taken: {taken.pop(url)}. Choose another name, or another "
            f"path: new-domain {names.plural} --path NAME"
        )
    other = (
        f"Choose another name; the URL can stay: new-domain NAME --path {names.path}"
    )
    for place in places(project, names):
        if (project.folder / place).exists():
            raise Refusal(f"{place} exists. {other}")
    for one in sorted(taken):
        if names.plural in one:
            raise Refusal(f"The {one} is taken: {taken[one]}. {other}")
    other = (
        f"Say what else one of the {names.many} is called: "
        f"new-domain {names.plural} --singular NAME"
    )
    for one in sorted(taken):
        raise Refusal(f"The {one} is taken: {taken[one]}. {other}")
    for path, text in {**new, **changed}.items():
        for name in twins(text):
            raise Refusal(f'"{name}" would have two meanings in {path}. {other}')


def places(project: Project, names: Names) -> Iterator[Path]:
    """Return the folders and modules that must not exist."""
    modules = project.modules(names).values()
    for path in (*modules, project.tests(names) / "__init__.py"):
        place = path.with_suffix("") if path.stem == names.plural else path.parent
        yield from (place, place.with_name(f"{place.name}.py"))
