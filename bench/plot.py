"""Line plots as small SVG files whose text stays text."""

import html
import math

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 170, 34, 44
COLOURS = ("#1b6ca8", "#d1495b", "#5a8f29", "#8e6c8a", "#e0a030", "#555555")


def nice_step(span):
    magnitude = 10 ** math.floor(math.log10(span / 5))
    return next(step * magnitude for step in (1, 2, 5, 10) if span / (step * magnitude) <= 6)


def label(value):
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"


class Axis:
    def __init__(self, values, start, end, log):
        self.start, self.end, self.log = start, end, log
        values = [value for value in values if value > 0 or not log] or [1]
        self.low, self.high = (min(values), max(values)) if log else (min(0, *values, 0), max(values))
        if log:
            self.low, self.high = 10 ** math.floor(math.log10(self.low)), 10 ** math.ceil(math.log10(self.high * 1.0001))
        elif self.high == self.low:
            self.high = self.low + 1

    def at(self, value):
        if self.log:
            value = max(value, self.low)
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self):
        if self.log:
            return [10**power for power in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)]
        step = nice_step(self.high - self.low)
        return [step * i for i in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]


def lines(path, title, across, up, series, log=(False, False), marks=(), line=None):
    """`series`: {name: [(x, y), …]}. `marks`: values of x with a thin line each. `line`: (y, text), a goal."""
    points = [point for one in series.values() for point in one]
    x_axis = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT, log[0])
    y_axis = Axis([y for _, y in points] + ([line[0]] if line else []), HEIGHT - BOTTOM, TOP, log[1])
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{LEFT}" y="18" font-size="13" font-weight="bold">{html.escape(title)}</text>']
    for value in y_axis.ticks():
        y = y_axis.at(value)
        out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label(value)}</text>')
    for value in x_axis.ticks():
        x = x_axis.at(value)
        out.append(f'<path d="M{x:.1f} {HEIGHT - BOTTOM}v4" stroke="#555"/>'
                   f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{label(value)}</text>')
    for value in marks:
        out.append(f'<path d="M{x_axis.at(value):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#d1495b" stroke-opacity=".35"/>')
    if line:
        y = y_axis.at(line[0])
        out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#888" stroke-dasharray="5 4"/>'
                   f'<text x="{WIDTH - RIGHT + 6}" y="{y + 4:.1f}" fill="#666">{html.escape(line[1])}</text>')
    for number, (name, one) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path_data = " ".join(f"{x_axis.at(x):.1f},{y_axis.at(y):.1f}" for x, y in one)
        out.append(f'<polyline points="{path_data}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        if len(one) <= 20:
            out += [f'<circle cx="{x_axis.at(x):.1f}" cy="{y_axis.at(y):.1f}" r="2.6" fill="{colour}"/>' for x, y in one]
        y = TOP + 16 * number + 8
        out.append(f'<path d="M{WIDTH - RIGHT + 10} {y}h18" stroke="{colour}" stroke-width="3"/>'
                   f'<text x="{WIDTH - RIGHT + 33}" y="{y + 4}">{html.escape(name)}</text>')
    out += [f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="#555"/>',
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{html.escape(across)}</text>',
            f'<text transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">{html.escape(up)}</text>',
            "</svg>"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(out) + "\n")
