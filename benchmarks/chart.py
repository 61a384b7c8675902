"""A line chart as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 60, 170, 40, 45
COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#8a5a9e", "#8c6d1f", "#555555")
MOST_TICKS = 6
STYLE = "font: 12px system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class Line:
    """A named line.

    Attributes:
        name: As the legend has it.
        points: By x.
    """

    name: str
    points: Sequence[tuple[float, float]]


def chart(title: str, x_name: str, y_name: str, lines: Sequence[Line]) -> str:
    """Draw lines over one pair of axes, which begin at 0."""
    most_x = max((x for line in lines for x, _ in line.points), default=1.0)
    most_y = 1.1 * max((y for line in lines for _, y in line.points), default=1.0)

    def across(x: float) -> float:
        return LEFT + x / most_x * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        return HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" style="{STYLE}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-weight="bold">{escape(y_name)}</text>',
        f'<text x="{across(most_x):.0f}" y="{HEIGHT - 8}" text-anchor="end">{escape(x_name)}</text>',
    ]
    for y in _ticks(most_y):
        parts.append(f'<path d="M{LEFT} {down(y):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{down(y) + 4:.1f}" text-anchor="end">{y:g}</text>')
    for x in _ticks(most_x):
        at_x = f'x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 18}"'
        parts.append(f'<text {at_x} text-anchor="middle">{x:g}</text>')
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        way = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line.points)
        at = TOP + 10 + 18 * number
        parts += [
            f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
            f'<text x="{WIDTH - RIGHT + 12}" y="{at}" fill="{colour}">{escape(line.name)}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _ticks(most: float) -> list[float]:
    """Round numbers from 0 up to the largest."""
    power = 10.0 ** floor(log10(most)) / 10
    step = next(each * power for each in (1, 2, 5, 10, 20, 50, 100) if most / (each * power) <= MOST_TICKS)
    return [round(number * step, 6) for number in range(int(most / step) + 1)]
