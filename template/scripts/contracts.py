"""The import contract ``interfaces`` of ``lint-imports``."""

from collections.abc import Iterator
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

NAMES: Any = fields.SetField(subfield=fields.StringField(), default=frozenset())


class InterfacesContract(Contract):
    """Only a package itself imports its modules; other code imports the package.

    Options: ``packages`` are names such as ``app.core.*``, apart from those that are
    ``open``. Modules among ``importers`` may import everything, and all modules what
    ``allowed`` says, such as ``app.*.router -> app.*.dependencies``.
    """

    packages: Any = NAMES
    open: Any = NAMES
    allowed: Any = NAMES
    importers: Any = NAMES

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """Find the imports that break the contract."""
        for expression in self.allowed:
            for found in graph.find_matching_direct_imports(expression):
                graph.remove_import(**found)
        broken = sorted(self._find_broken(graph))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the imports that break the contract."""
        for line in check.metadata["broken"]:
            output.print_error(f"- {line}", bold=False)

    def _find_broken(self, graph: ImportGraph) -> Iterator[str]:
        for name in self.packages:
            for package in graph.find_matching_modules(name) - self.open:
                modules = graph.find_descendants(package)
                allowed = {package, *modules, *self.importers}
                for module in modules:
                    importers = graph.find_modules_that_directly_import(module)
                    for importer in importers - allowed:
                        yield f"{importer} imports {module}, not {package}"
