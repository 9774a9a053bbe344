"""``docs/performance.md``: tables and a chart of what was measured."""

from collections.abc import Iterator, Mapping

from benchmarks.chart import chart
from benchmarks.figures import Figures, load
from tests.matrix import ROOT

PAGE = ROOT / "docs" / "performance.md"
CHART = ROOT / "docs" / "images" / "performance.svg"
Tables = dict[str, str]


def main() -> None:
    """Write the page and its chart again, from the figures that are kept."""
    write()


def write() -> None:
    """Put the figures into the page, and draw the chart."""
    now, before = load("now"), load("before")
    PAGE.write_text(with_figures(PAGE.read_text(), now, before))
    CHART.parent.mkdir(exist_ok=True)
    CHART.write_text(chart(ratios(now), ratios(before)))


def with_figures(page: str, now: Figures, before: Figures) -> str:
    """Return the page with tables of these figures; its words stay as they are."""
    variants, past = now.get("variants", {}), before.get("variants", {})
    tables = {
        "about": about(now, before),
        "requests": table(variants, past),
        "load": load_table(variants),
        "starts": starts_table(variants, past),
        "parts": parts_table(now.get("parts", {}), before.get("parts", {})),
    }
    for name, text in tables.items():
        start, begin, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        assert end, f"There is no place for {name}"
        page = f"{start}{begin}\n{text}\n{end}{after}"
    return page


def about(now: Figures, before: Figures) -> str:
    """Say where and when the figures were made."""
    lines = []
    for title, kept in (("Now", now), ("Before", before)):
        if "about" in kept:
            said = kept["about"]
            rendering = kept.get("rendering", {}).get("seconds")
            more = f"; a project is rendered in {rendering:.1f} s" if rendering else ""
            lines.append(
                f"{title}: {said['date']}, Python {said['python']},"
                f" {said['system']}{more}."
            )
    return "\n".join(lines) + "\n"


def ratios(figures: Figures) -> dict[tuple[str, str], float]:
    """Return the ratio to the application with the same ORM, by variant and request."""
    return {
        (short(variant), request): rivals[1]["ratio"]
        for variant, request, rivals in rows(figures.get("variants", {}))
    }


def rows(variants: Figures) -> Iterator[tuple[str, str, list[dict[str, float]]]]:
    """Return what was asked of each variant, with figures: ours first, then rivals."""
    for variant, found in by_name(variants):
        for request, servers in found["requests"].items():
            yield variant, request, in_order(servers)


def in_order(servers: Mapping[str, dict[str, float]]) -> list[dict[str, float]]:
    """Return the figures of the service, of the rival with its ORM, of the other."""
    return [servers[name] for name in sorted(servers, key=rank)]


def rank(name: str) -> int:
    """Put the service first, and SQL by hand last."""
    return 0 if name == "service" else 2 if name.startswith("sql") else 1


def table(variants: Figures, past: Figures | None = None) -> str:
    """Return the CPU time of requests, and ratios to bare applications."""
    was = {key[:2]: key[2] for key in rows(past or {})}
    others = ["bare, same ORM", "ratio", "before", "bare, SQL", "ratio"]
    lines = heading(["variant", "request"], ["service", *others])
    for variant, request, (ours, orm, *sql) in rows(variants):
        old = was.get((variant, request))
        cells = [
            short(variant),
            request,
            f"{ours['cpu']:.0f} µs",
            f"{orm['cpu']:.0f} µs",
            f"**{orm['ratio']:.2f}**",
            f"{old[1]['ratio']:.2f}" if old else "",
            f"{sql[0]['cpu']:.0f} µs" if sql else "",
            f"{sql[0]['ratio']:.2f}" if sql else "",
        ]
        lines.append(row(cells))
    return "\n".join(lines) + "\n"


def load_table(variants: Figures) -> str:
    """Return throughput and latency of the service, and those of its first rival."""
    kinds = ["requests/s", "p50", "p99"]
    lines = heading(["variant", "request"], [*kinds, "bare: requests/s", *kinds[1:]])
    for variant, request, both in rows(variants):
        cells = [short(variant), request]
        for one in both[:2]:
            cells += [
                f"{one['rate']:.0f}",
                f"{one['p50']:.1f} ms",
                f"{one['p99']:.1f} ms",
            ]
        lines.append(row(cells))
    return "\n".join(lines) + "\n"


def starts_table(variants: Figures, past: Figures) -> str:
    """Return what starts and memory cost, and ratios to the bare application."""
    lines = heading(["variant", ""], ["service", "bare", "ratio", "before"])
    for variant, found in by_name(variants):
        old = dict(starts(past[variant])) if variant in past else {}
        for what, (ours, bare, unit) in starts(found):
            was = f"{old[what][0] / old[what][1]:.2f}" if what in old else ""
            digits = 0 if unit == "MB" else 2
            cells = [f"{ours:.{digits}f} {unit}", f"{bare:.{digits}f} {unit}"]
            ratio = f"**{ours / bare:.2f}**"
            lines.append(row([short(variant), what, *cells, ratio, was]))
    return "\n".join(lines) + "\n"


def starts(found: Figures) -> Iterator[tuple[str, tuple[float, float, str]]]:
    """Return what starting and staying cost: ours, theirs and the unit."""
    ours, bare = in_order(found["starts"])[:2]
    yield "import, CPU time", (ours["import"], bare["import"], "s")
    yield "until the first response, CPU time", (ours["cpu"], bare["cpu"], "s")
    yield "until the first response", (ours["answer"], bare["answer"], "s")
    ours, bare = in_order(found["memory"])[:2]
    yield "memory after that load", (ours["memory"], bare["memory"], "MB")


def parts_table(found: Figures, past: Figures | None = None) -> str:
    """Return where the CPU time of reading one item goes."""
    tables = []
    for variant, servers in by_name(found):
        ours, bare = in_order(servers)[:2]
        was = in_order((past or {}).get(variant, {"service": {}}))[0]
        title = f"{short(variant)}: read one"
        lines = heading([title], ["service", "before", "bare, same ORM"])
        names = sorted(ours | bare | was, key=lambda name: -ours.get(name, 0))
        for name in names:
            cells = [
                f"{one[name]:.0f} µs" if name in one else ""
                for one in (ours, was, bare)
            ]
            lines.append(row([name, *cells]))
        sums = [
            f"**{sum(one.values()):.0f} µs**" if one else ""
            for one in (ours, was, bare)
        ]
        lines.append(row(["all", *sums]))
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def by_name(variants: Figures) -> list[tuple[str, Figures]]:
    """Return the variants, each after those that have less than it."""
    return sorted(variants.items(), key=lambda item: short(item[0]))


def short(variant: str) -> str:
    """Name a variant by what makes a difference."""
    words = {"redis": "Redis", "none": "", "jwt": "JWT"}
    said = [words.get(word, word) for word in variant.split("-")[1:]]
    return ", ".join(word for word in said if word)


def heading(texts: list[str], numbers: list[str]) -> list[str]:
    """Return the first two rows of a table; numbers stand on the right."""
    return [row([*texts, *numbers]), row(["---"] * len(texts) + ["--:"] * len(numbers))]


def row(cells: list[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
