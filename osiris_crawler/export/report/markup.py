"""Pieces of a report's page: text made safe, numbers as people write them, tables, and the page around them.

Nothing in a page loads anything, runs anything or is styled by anything but the one style sheet whose sum stands in its
policy. Shades are classes for the same reason: a `style` attribute would be refused.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from osiris_crawler.i18n import LOCALE, _, languages

SHADES = 5
_CSS = (Path(__file__).parent / "report.css").read_text("utf-8")
# C0 but tab and line feed; marks that turn the order of letters around.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 300  # letters of a text or an address that are shown


class Html(str):
    """Markup that is safe as it is; any other text is escaped where it is put into a page."""

    __slots__ = ()


def safe(value: Any) -> Html:
    """Text for HTML: escaped, cut, without controls. Markup stays as it is."""
    if isinstance(value, Html):
        return value
    text = str(value)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return Html(html.escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "replace").decode()))


def join(parts: Iterable[Any], by: str = "") -> Html:
    return Html(by.join(safe(part) for part in parts))


def element(name: str, *content: Any, **attributes: Any) -> Html:
    """<name attribute="…">…</name>; an attribute that is None is left out, `class_` is class."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{safe(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{told}>{join(content)}</{name}>")


def link(url: str, shown: Any = None) -> Html:
    """A link to a web address; any other is shown as text."""
    text = safe(url if shown is None else shown)
    if not url.lower().startswith(("http://", "https://")) or len(url) > 2000:
        return text
    return Html(f'<a href="{html.escape(_CONTROL.sub("", url))}" rel="noreferrer">{text}</a>')


# -- instants -------------------------------------------------------------------------------------------------------------


def instant(text: str | None) -> str:
    """2024-05-01T10:00:00.123456Z → 2024-05-01 10:00"""
    return (text or "–")[:16].replace("T", " ")


# -- pieces -------------------------------------------------------------------------------------------------------------


def cell(value: Any, shade: int | None = None, *, number: bool = False) -> Html:
    """A cell of a table; `shade` 0 to SHADES."""
    kinds = [*(["n"] if number else []), *([f"s{shade}"] if shade is not None else [])]
    return element("td", value, class_=" ".join(kinds) or None)


def shade(part: float, most: float) -> int:
    """0 for nothing, else 1 to SHADES."""
    return max(1, math.ceil(SHADES * part / most)) if part > 0 and most > 0 else 0


def table(
    heads: Sequence[Any], rows: Iterable[Sequence[Any]], *, caption: str, numbers: int = 0, heat: bool = False
) -> Html:
    """A table whose rows begin with their head. The last `numbers` columns are figures; cells may be made already."""
    first_number = len(heads) - numbers
    top = join(
        element("th", head, scope="col", class_="n" if place >= first_number else None)
        for place, head in enumerate(heads)
    )
    lines = []
    for row in rows:
        cells = [element("th", row[0], scope="row")]
        for place, value in enumerate(row[1:], 1):
            made = isinstance(value, Html) and value.startswith("<td")
            cells.append(value if made else cell(value, number=place >= first_number))
        lines.append(element("tr", *cells))
    inside = Html(
        f"<table{' class=heat' if heat else ''}><caption>{safe(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>\n{join(lines, chr(10))}\n</tbody></table>"
    )
    # Wide tables are scrolled by themselves, also by the keyboard.
    return element("div", inside, class_="wide", tabindex="0", role="region", aria_label=caption)


def tiles(facts: Iterable[tuple[str, Any, Any]]) -> Html:
    """(name, value, what more there is to say) as a list of definitions."""
    return element(
        "dl",
        *(
            element("div", element("dt", name), element("dd", value, element("small", more) if more else ""))
            for name, value, more in facts
        ),
        class_="tiles",
    )


def section(name: str, title: str, content: Html) -> Html:
    head = element("h2", title, id=f"{name}-t")
    return Html(f'<section id="{name}" aria-labelledby="{name}-t">\n{head}\n{content}\n</section>\n')


def paragraph(text: Any, kind: str | None = None) -> Html:
    return element("p", text, class_=kind)


def folded(title: str, content: Any) -> Html:
    """What is shown when asked for, and on paper."""
    return element("details", element("summary", title), content)


def items(entries: Iterable[Any]) -> Html:
    return element("ul", *(element("li", entry) for entry in entries), class_="entries")


# -- the page -----------------------------------------------------------------------------------------------------------


def page(title: str, head: Html, sections: Mapping[str, tuple[str, Html]]) -> str:
    """A whole page: its head, a list of its sections, the sections."""
    sum = base64.b64encode(hashlib.sha256(("\n" + _CSS).encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{sum}'; base-uri 'none'; form-action 'none'"
    language = next((name for name in languages() if (LOCALE / name).is_dir()), "en")
    menu = element("ul", *(element("li", element("a", name, href=f"#{key}")) for key, (name, _s) in sections.items()))
    about = element("nav", menu, aria_label=_("Sections of this page"))
    body = join(section(key, name, content) for key, (name, content) in sections.items())
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{safe(title)}</title>
<style>
{_CSS}</style>
</head>
<body>
<header>
<h1>{safe(title)}</h1>
{head}
</header>
{about}
<main>
{body}</main>
</body>
</html>
"""
