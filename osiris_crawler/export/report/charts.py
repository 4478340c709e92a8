"""Charts, drawn by leather as SVG within the page: no script, no font, no colour of its own.

Leather draws the scale, the ticks and the shapes. Colours become classes, so that the page's style sheet gives them for
light, dark and paper; each column gets its figure as a title; what is drawn stands as a table below.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence

import leather
from leather import theme

from osiris_crawler.export.report.markup import Html, element, folded, table
from osiris_crawler.i18n import COLON, _

_WIDTH, _HEIGHT = 480, 210  # units of the drawing: on a phone its letters must still be read
_MOST = 120  # columns
_LETTERS = 36  # of all labels below the columns; more of them would run into each other
_INK, _LINE, _BACK, _COLUMN = "ink", "line", "back", "column"  # in the place of colours, then classes

theme.margin = 0.045
theme.background_color = _BACK
theme.tick_color, theme.zero_color, theme.label_color = _LINE, _LINE, _INK
theme.tick_font_family = theme.axis_title_font_family = "inherit"
theme.tick_font_size, theme.tick_font_char_height, theme.tick_font_char_width = 13, 13, 7


def columns(
    title: str, points: Sequence[tuple[str, float]], say: Callable[[float], str], *, head: str, told: str
) -> Html:
    """A column a point, as a figure with its table. `head` and `told` are the table's heads, `say` writes a figure."""
    points = points[-_MOST:]
    if len(points) < 2 or not any(value for _label, value in points):
        return figures(title, points, say, head, told) if points else Html("")
    top = max(points, key=lambda point: point[1])
    about = _("%(title)s: %(count)d columns, the highest %(value)s at %(label)s. The table below has the figures.") % {
        "title": title, "count": len(points), "value": say(top[1]), "label": top[0],
    }  # fmt: skip
    return element(
        "figure",
        element("figcaption", title),
        _drawn(points, say, about),
        folded(_("The figures as a table"), figures(title, points, say, head, told)),
    )


def figures(title: str, points: Sequence[tuple[str, float]], say: Callable[[float], str], head: str, told: str) -> Html:
    return table((head, told), ((label, say(value)) for label, value in points), caption=title, numbers=1)


def _drawn(points: Sequence[tuple[str, float]], say: Callable[[float], str], about: str) -> Html:
    step = -(-len(points) // max(_LETTERS // max(len(label) for label, _value in points), 1))
    chart = leather.Chart()
    chart.add_columns([(label, value) for label, value in points], fill_color=_COLUMN)
    # The newest is labelled, and every so many before it.
    chart.add_x_axis(tick_formatter=lambda label, place, _all: label if (len(points) - 1 - place) % step == 0 else "")
    most = max(value for _label, value in points)
    ticks = _ticks(most)
    chart.add_y_scale(0, max(ticks[-1], most))
    chart.add_y_axis(ticks=ticks, tick_formatter=lambda value, _place, _all: say(float(value)))
    drawing = ET.Element("svg", {"viewBox": f"0 0 {_WIDTH} {_HEIGHT}", "role": "img", "aria-label": str(about)})
    drawing.append(chart.to_svg_group(_WIDTH, _HEIGHT))
    bars = iter(points)
    for shape in drawing.iter():
        for name in ("fill", "stroke"):
            kind = shape.attrib.pop(name, None)
            if kind in (_INK, _LINE, _BACK, _COLUMN):
                shape.set("class", kind)
        shape.attrib.pop("font-family", None)
        for name in ("x", "y", "width", "height"):
            if name in shape.attrib:
                shape.set(name, f"{float(shape.get(name, '0')):.1f}")
        if shape.get("class") == _COLUMN:
            label, value = next(bars)
            ET.SubElement(shape, "title").text = f"{label}{COLON}{say(value)}"
    return Html(ET.tostring(drawing, encoding="unicode"))


def _ticks(most: float) -> list[float]:
    """Nought and up to five round figures above it."""
    unit = 10.0 ** (len(str(int(most))) - 1)
    step = next(unit * part for part in (0.2, 0.25, 0.5, 1, 2, 5) if most <= 5 * unit * part)
    step = max(step, 1.0)
    return [step * place for place in range(int(-(-most // step)) + 1)]
