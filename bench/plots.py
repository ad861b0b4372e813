"""Line charts as SVG, written by hand: few lines, no dependency, the same bytes for the same figures."""
import math
from html import escape

WIDTH, HEIGHT = 680, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 210, 40, 48
COLOURS = ("#0b6bcb", "#c8511b", "#2e8540", "#7b3fa0", "#8a6d00", "#555555")


def ticks(most):
    """Round numbers from 0 to at least `most`, six or so."""
    if most <= 0:
        return [0, 1]
    step = 10 ** math.floor(math.log10(most / 5))
    step *= next(factor for factor in (1, 2, 5, 10) if factor * step * 5 >= most)
    return [step * i for i in range(math.ceil(most / step) + 1)]


class Chart:
    """`lines`: [(name, [(x, y)], dashed)]."""

    def __init__(self, title, x_label, y_label, lines):
        self.title, self.x_label, self.y_label, self.lines = title, x_label, y_label, lines
        points = [point for _, line, _ in lines for point in line]
        self.x_values = sorted({x for x, _ in points})
        self.y_ticks = ticks(max(y for _, y in points))

    def x(self, value):
        low, high = self.x_values[0], self.x_values[-1]
        return LEFT + (value - low) / max(high - low, 1e-9) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - value / self.y_ticks[-1] * (HEIGHT - TOP - BOTTOM)

    def frame(self):
        for tick in self.y_ticks:
            y = self.y(tick)
            yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
        for value in self.x_values:
            yield f'<text x="{self.x(value):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{value:g}</text>'
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(self.x_label)}</text>'
        yield f'<text x="12" y="{TOP - 10}">{escape(self.y_label)}</text>'
        yield f'<text x="{middle}" y="18" text-anchor="middle" font-weight="bold">{escape(self.title)}</text>'

    def curves(self):
        for number, (name, line, dashed) in enumerate(self.lines):
            colour = COLOURS[number % len(COLOURS)]
            dash = ' stroke-dasharray="6 4"' if dashed else ""
            path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in line)
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
            for x, y in line:
                yield f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3" fill="{colour}"/>'
            y = TOP + 12 + 18 * number
            yield (f'<line x1="{WIDTH - RIGHT + 12}" x2="{WIDTH - RIGHT + 36}" y1="{y - 4}" y2="{y - 4}" '
                   f'stroke="{colour}" stroke-width="2"{dash}/>')
            yield f'<text x="{WIDTH - RIGHT + 42}" y="{y}">{escape(name)}</text>'

    def svg(self):
        body = "\n".join([*self.frame(), *self.curves()])
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
                f'font-size="12">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n')
