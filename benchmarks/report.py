"""The figures as Markdown tables, and the curves over all sizes as drawings (SVG)."""

from collections.abc import Iterable, Iterator
from html import escape
from math import log10

from benchmarks.measuring import Result

Runs = dict[int, list[Result]]
COLORS = ("#0b5cad", "#b3261e", "#2e7d32", "#8e24aa", "#c77700", "#00838f", "#5d4037", "#37474f")


def table(results: Iterable[Result]) -> Iterator[str]:
    """Yield the lines of one size's table."""
    yield "| | × floor | CPU ms | floor ms | ms | queries | KiB | memory KiB |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    group = ""
    for result in results:
        if result.group != group:
            group = result.group
            yield f"| **{group}** beside {result.floor} | | | | | | | |"
        yield (
            f"| {result.name}{result.note} | {_short(result.times)} | {_short(result.cpu)}"
            f" | {_short(result.floor_cpu)} | {_short(result.wall)} | {result.queries or ''}"
            f" | {round(result.size) or ''} | {result.memory or ''} |"
        )


def growth(runs: Runs) -> Iterator[str]:
    """Yield the lines of a table of ratios and CPU over all sizes."""
    sizes = sorted(runs)
    yield "| | " + " | ".join(f"{size:,}" for size in sizes) + " |"
    yield "| --- |" + " ---: |" * len(sizes)
    found: dict[tuple[str, str], dict[int, Result]] = {
        (r.group, r.name): {} for size in sizes for r in runs[size]
    }
    for size in sizes:
        for result in runs[size]:
            found.setdefault((result.group, result.name), {})[size] = result
    for (group, name), by_size in found.items():
        cells = [
            f"{_short(by_size[size].times)} × ({_short(by_size[size].cost)})"
            if size in by_size
            else ""
            for size in sizes
        ]
        yield f"| {group}: {name} | " + " | ".join(cells) + " |"


def _short(number: float) -> str:
    if not number:
        return ""
    if number >= 10:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def curves(runs: Runs, group: str) -> str:
    """Return a drawing of a group's CPU over sizes; both scales are logarithmic."""
    names = list(dict.fromkeys(r.name for size in runs for r in runs[size] if r.group == group))
    lines = {
        name: [
            (size, result.cost)
            for size in sorted(runs)
            for result in runs[size]
            if (result.group, result.name) == (group, name)
        ]
        for name in names
    }
    # The steepest first: the others are under a page's own cost.
    steep = sorted(names, key=lambda name: -max((cpu for _size, cpu in lines[name]), default=0))
    return _drawn(group, {name: lines[name] for name in steep[: len(COLORS)] if lines[name]})


def _drawn(title: str, lines: dict[str, list[tuple[int, float]]]) -> str:
    width, height, left, top, bottom = 760, 360, 70, 40, 50
    plot_right, sizes = 480, [size for line in lines.values() for size, _cpu in line]
    costs = [cpu for line in lines.values() for _size, cpu in line]
    low, high = int(log10(min(costs)) // 1), int(-(-log10(max(costs)) // 1))
    first, last = log10(min(sizes)), max(log10(max(sizes)), log10(min(sizes)) + 1)

    def x(size: float) -> float:
        return left + (plot_right - left) * (log10(size) - first) / (last - first)

    def y(cost: float) -> float:
        return height - bottom - (height - bottom - top) * (log10(cost) - low) / max(high - low, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{left}" y="20" font-size="14" font-weight="bold">{escape(title)}: CPU in ms'
        " by number of orders</text>",
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<path d="M{left} {at:.1f}H{plot_right}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{10**power:g}</text>'
        )
    below = height - bottom + 20
    for size in sorted(set(sizes)):
        parts.append(f'<text x="{x(size):.1f}" y="{below}" text-anchor="middle">{size:,}</text>')
    for at, (name, line) in enumerate(lines.items()):
        color = COLORS[at]
        points = " ".join(f"{x(size):.1f},{y(cpu):.1f}" for size, cpu in line)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(size):.1f}" cy="{y(cpu):.1f}" r="3" fill="{color}"/>'
            for size, cpu in line
        ]
        row = top + 10 + at * 22
        parts.append(
            f'<rect x="{plot_right + 20}" y="{row - 9}" width="12" height="12" fill="{color}"/>'
        )
        parts.append(f'<text x="{plot_right + 38}" y="{row + 2}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
