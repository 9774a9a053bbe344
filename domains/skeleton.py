"""The modules and tests of a new domain, rendered from ``templates/``."""

import builtins
import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from domains.names import Names
from domains.project import Project, module_name

# As in copier.yml.
ENVIRONMENT = Environment(
    loader=PackageLoader("domains"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # noqa: S701 - Python, not HTML
)


def render(project: Project, names: Names) -> dict[Path, str]:
    """Return the files of a domain: path → text."""
    modules = project.modules(names)
    context = {
        "async_": "async " if project.is_async else "",
        "await_": "await " if project.is_async else "",
        "has_auth": project.has_auth,
        "mod": {role: module_name(path) for role, path in modules.items()},
        "plural": names.plural,
        "singular": names.singular,
        "path": names.path,
        "one_path": f"/{{{names.singular}_id}}",
        "model": names.model,
        "not_found": not_found(names.model),
        "problem": problem(not_found(names.model)),
        "constant": names.plural.upper(),
        "many": names.many,
        "one": names.one,
        "words": names.singular.replace("_", " "),
    }
    sources = {path: f"app/{role}.py.jinja" for role, path in modules.items()}
    tests = project.tests(names)
    sources[tests / "__init__.py"] = "tests/__init__.py.jinja"
    sources[tests / f"test_{names.plural}_api.py"] = "tests/test_api.py.jinja"
    return {
        path: ENVIRONMENT.get_template(source).render(context)
        for path, source in sources.items()
    }


def not_found(model: str) -> str:
    """Return the name of the error for an unknown id."""
    name = f"{model}NotFoundError"
    # "FileNotFoundError" is another error.
    return f"NoSuch{model}Error" if hasattr(builtins, name) else name


def problem(error: str) -> str:
    """Return the type of problem that the service makes of an error."""
    words = re.findall(r"[A-Z][a-z0-9]*", error.removesuffix("Error"))
    return "urn:problem:" + "-".join(words).lower()
