"""A chart of ratios, legible on white and on black."""

from collections.abc import Mapping
from html import escape

Ratios = Mapping[tuple[str, str], float]

BAR, GAP = 12, 8
LEFT, WIDTH, RIGHT = 240, 420, 50
TOP, BOTTOM = 34, 12
TEXT, LINE, NOW, BEFORE = "#7d8590", "#7d8590", "#2f81f7", "#9fb4cc"


def chart(now: Ratios, before: Ratios) -> str:
    """Draw a bar for each ratio, and a thin one below for what it was before."""
    keys = list(now)
    height = TOP + BOTTOM + len(keys) * (BAR + GAP)
    longest = max([1.25, *now.values(), *before.values()])
    scale = WIDTH / longest
    one, total = LEFT + scale, LEFT + WIDTH + RIGHT
    marks = [
        text(one, TOP - 18, "bare application = 1", "middle"),
        line(one, TOP - 12, height - BOTTOM),
    ]
    for number, key in enumerate(keys):
        y = TOP + number * (BAR + GAP)
        marks.append(text(LEFT - 8, y + BAR - 2, ": ".join(key), "end"))
        marks.append(bar(y, BAR - 3, now[key] * scale, NOW))
        if key in before:
            marks.append(bar(y + BAR - 2, 3, before[key] * scale, BEFORE))
        marks.append(text(total - 8, y + BAR - 2, f"{now[key]:.2f}", "end"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}"'
        ' font-family="system-ui, sans-serif" font-size="12" role="img">\n'
        "<title>CPU time of requests beside bare applications</title>\n"
        + "\n".join(marks)
        + "\n</svg>\n"
    )


def line(x: float, top: float, bottom: float) -> str:
    """Return a dashed line from top to bottom."""
    return f'<path d="M{x:.1f} {top}V{bottom}" stroke="{LINE}" stroke-dasharray="3 3"/>'


def bar(y: float, height: float, length: float, colour: str) -> str:
    """Return a bar that begins on the left."""
    return (
        f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{height}"'
        f' rx="1.5" fill="{colour}"/>'
    )


def text(x: float, y: float, said: str, anchor: str) -> str:
    """Return words at a place."""
    return (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" fill="{TEXT}">'
        f"{escape(said)}</text>"
    )
