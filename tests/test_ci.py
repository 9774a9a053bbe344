"""The commands and recipes that validate projects in CI, ours and that of others."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import attempt, run
from tests.guides import blocks, matches, page
from tests.matrix import ROOT, code_variants, pairwise, questions, variant_id

WORKFLOWS = {path.name: path for path in ROOT.glob(".github/workflows/*.yml")}
GUIDE = page("ci.md")


def recipe(title: str) -> dict[str, Any]:
    """Return the YAML in a section of the guide."""
    section = GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    loaded: dict[str, Any] = yaml.safe_load(blocks[0])
    return loaded


def matrix(*options: str) -> list[dict[str, Any]]:
    """Return what ``uv run poe matrix`` prints."""
    command = (sys.executable, "-m", "tests.matrix", *options)
    cells: list[dict[str, Any]] = json.loads(run(*command, cwd=ROOT))
    return cells


def test_the_matrix_is_printed() -> None:
    every = code_variants()
    expected = [{"id": variant_id(variant), **variant} for variant in every]
    assert matrix() == expected
    few = [variant_id(variant) for variant in pairwise(every)]
    assert [cell["id"] for cell in matrix("--pairwise")] == few
    refused = attempt(sys.executable, "-m", "tests.matrix", "--pairs", cwd=ROOT)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--pairs" in refused.stderr


def test_the_guide_to_ci() -> None:
    """The whole check of the cell runs in ``test_project``: here another command."""
    (print_matrix, shown), (cell, _) = [
        command for block in blocks(page("ci.md")) for command in block.commands()
    ]
    printed = run(*print_matrix.removeprefix("uv run ").split(), cwd=ROOT)
    assert matches(shown, printed)
    code = "import app.items.service; raise SystemExit(3)"
    other = ("python", "-c", code)
    result = attempt(*cell.removeprefix("uv run ").split(), *other, cwd=ROOT)
    assert result.returncode == 3


def test_unknown_cell_is_refused() -> None:
    refused = attempt(sys.executable, "-m", "tests.cell", "domain", cwd=ROOT)
    assert refused.returncode == 1
    assert "There is no domain." in refused.stderr


def test_what_the_recipe_for_github_reads_is_printed() -> None:
    jobs = recipe("GitHub Actions")["jobs"]
    assert "uv run poe matrix --pairwise" in jobs["matrix"]["steps"][-1]["run"]
    step = jobs["cell"]["steps"][-1]
    assert step["run"] == 'pip install uv && uv run poe cell "$CELL"'
    assert step["env"]["CELL"] == "${{ matrix.cell.id }}"
    assert all("id" in cell for cell in matrix("--pairwise"))


def test_the_recipe_for_gitlab_writes_a_job_for_each_cell(tmp_path: Path) -> None:
    pipeline = recipe("GitLab")
    *_, write_matrix, write_jobs = pipeline["matrix"]["script"]
    assert "uv run poe matrix --pairwise > ../matrix.json" in write_matrix
    (tmp_path / "matrix.json").write_text(json.dumps(matrix("--pairwise")))
    run("bash", "-ec", write_jobs, cwd=tmp_path)
    [written] = pipeline["matrix"]["artifacts"]["paths"]
    jobs = yaml.safe_load((tmp_path / written).read_text())
    assert jobs.keys() == {cell["id"] for cell in matrix("--pairwise")}
    for name, job in jobs.items():
        assert job["script"][-1] == f"uv run poe cell {name}"
        assert {"$VERSION", "$TEMPLATE"} <= set(job["script"][1].split())
    assert {"VERSION", "TEMPLATE"} <= pipeline["variables"].keys()


def test_the_canary_meets_every_python_and_the_newest() -> None:
    canary = yaml.safe_load(WORKFLOWS["canary.yml"].read_text())
    pythons = canary["jobs"]["cell"]["strategy"]["matrix"]["python"]
    assert pythons == [*questions()["python_version"]["choices"], "3.x"]
    assert canary["jobs"]["tell"]["needs"] == "cell"
    ci = yaml.safe_load(WORKFLOWS["ci.yml"].read_text())
    assert ci["jobs"]["prove"]["strategy"]["matrix"]["python"] == pythons[:-1]


def test_tools_have_no_complaints_about_our_workflows() -> None:
    schema = ("check-jsonschema", "--builtin-schema", "vendor.github-workflows")
    run(*schema, *WORKFLOWS.values(), cwd=ROOT)
    run("actionlint", *WORKFLOWS.values(), cwd=ROOT)
    run("zizmor", "--offline", "--quiet", ".github", cwd=ROOT)


def test_the_site_is_built_as_by_hand() -> None:
    site = yaml.safe_load(WORKFLOWS["site.yml"].read_text())["jobs"]
    assert site["build"]["steps"][-2]["run"] == "pip install uv && uv run poe docs"
    assert site["build"]["steps"][-1]["with"]["path"] == "site"
    assert site["publish"]["needs"] == "build"


def test_workflows_pin_actions_to_commits() -> None:
    """A tag can be moved to other code, a commit cannot."""
    of_projects = (ROOT / "template" / ".github" / "workflows").iterdir()
    for path in [*WORKFLOWS.values(), *of_projects]:
        used = re.findall(r"uses: (\S+)", path.read_text())
        assert used
        assert [one for one in used if not re.search("@[0-9a-f]{40}$", one)] == []
