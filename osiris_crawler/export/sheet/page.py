"""A sample as one HTML file that needs no network: what was read of each article beside its captured page.

The captured page is data, deflated, until it is looked at. Then it stands in a frame with neither scripts nor forms nor an
origin, under a policy that lets nothing be loaded, parsed by the browser and by nothing of ours: a sheet must not share
the reader's mistakes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from osiris_crawler.care.sample.fields import FIELDS, Field, Values
from osiris_crawler.care.sample.verdicts import COLUMNS, VERDICTS
from osiris_crawler.i18n import LOCALE, _, languages

_HERE = Path(__file__).parent
MOST_LETTERS = 1_000_000  # of a captured page; articles have 20,000
# C0 but tab and line feed; surrogates, that UTF-8 does not have.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def head(title: str, facts: Mapping[str, Any]) -> str:
    """The beginning of the file, up to the first article."""
    css = (_HERE / "sheet.css").read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_sum(_script())}';"
        " base-uri 'none'; form-action 'none'"
    )
    language = next((name for name in languages() if (LOCALE / name).is_dir()), "en")
    told = _json({**facts, "verdicts": VERDICTS, "columns": COLUMNS, "words": _words()})
    scriptless = _("This sheet needs JavaScript to be filled in; scores.csv beside it does not.")
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_html(title)}</title>
<style>
{css}</style>
</head>
<body>
<script type="application/json" id="facts">{told}</script>
<header id="bar"></header>
<noscript>{_note(scriptless)}</noscript>
<main>
"""


def tail() -> str:
    """The end of the file."""
    return f"</main>\n<script>{_script()}</script>\n</body>\n</html>\n"


def section(number: int, article: Mapping[str, Any], values: Mapping[str, Values], page: str | None) -> str:
    """One article: its fields, where it was captured, and the captured page."""
    capture = article["capture"]
    where = (
        (_("Address"), article["url"]),
        (_("Captured"), capture["date"]),
        (_("Record"), f"{capture['warc']}:{capture['offset']}"),
        (_("Id"), article["id"]),
    )
    told = "\n".join(f"<div><dt>{_html(name)}</dt><dd>{_html(value)}</dd></div>" for name, value in where)
    fields = "\n".join(_field(field, values[field.name], article) for field in FIELDS)
    note = ""
    if page is None:
        note = _note(_("The captured page can’t be read from the archive."))
    elif len(page) > MOST_LETTERS:
        note = _note(_("The captured page is very long; its end is not shown."))
    return f"""<article id="a{number}" data-id="{_html(article["id"])}" data-url="{_html(article["url"])}" hidden>
<h1><span class="number">{number}</span> <span dir="auto">{_html(article["title"])}</span></h1>
<dl class="where">
{told}
</dl>
<div class="two">
<div class="fields">
{fields}
</div>
<div class="page">
{note}<script type="text/plain" class="captured">{_packed(page)}</script>
</div>
</div>
</article>
"""


def _note(sentence: str) -> str:
    return f'<p class="note">{_html(sentence)}</p>'


def _field(field: Field, values: Values, article: Mapping[str, Any]) -> str:
    hint = f"<small>{_html(field.hint)}</small>" if field.hint else ""
    written = ""
    if field.beside and article.get(field.beside):
        sentence = _("as written: %(text)s") % {"text": article[field.beside]}
        written = f'<p class="beside">{_html(sentence)}</p>'
    if not values:
        nothing = _("nothing was read")
        value = f'<p class="nothing">{_html(nothing)}</p>'
    elif len(values) == 1:
        value = f'<p class="value" dir="auto">{_html(values[0])}</p>'
    else:
        value = "<ol>" + "".join(f'<li class="value" dir="auto">{_html(one)}</li>' for one in values) + "</ol>"
    empty = "" if values else " data-empty"
    return (
        f'<section class="field" data-field="{field.name}"{empty}>'
        f"<h2>{_html(field.label)} <code>{field.name}</code>{hint}</h2>{value}{written}</section>"
    )


def _packed(page: str | None) -> str:
    if page is None:
        return ""
    return base64.b64encode(zlib.compress(page[:MOST_LETTERS].encode("utf-8", "replace"), 9)).decode()


def _html(text: Any) -> str:
    """Text for HTML: escaped, control characters as their pictures."""
    shown = _CONTROL.sub(lambda sign: "␡" if sign[0] == "\x7f" else chr(0x2400 + ord(sign[0])), str(text))
    return html.escape(shown.encode("utf-8", "replace").decode())


def _json(value: Any) -> str:
    """JSON within a script element: no tag can end it."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True).replace("<", "\\u003c")


def _script() -> str:
    return (_HERE / "sheet.js").read_text("utf-8")


def _sum(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _words() -> dict[str, str | Sequence[str]]:
    """What the script says."""
    return {
        "labels": [_("right"), _("wrong"), _("missing"), _("invented"), _("can’t tell")],
        "meant": [
            _("as the page says; also where both say nothing"),
            _("read otherwise than the page says, or not whole"),
            _("nothing was read, and the page says something"),
            _("something was read, and the page says nothing of it"),
            _("the page does not let it be told"),
        ],
        "previous": _("Previous article"),
        "next": _("Next article"),
        "open": _("Next open field"),
        "rest": _("The rest is right"),
        "overview": _("Overview"),
        "all": _("All articles, to print"),
        "help": _("Keys"),
        "save_json": _("Save scores.json"),
        "save_csv": _("Save scores.csv"),
        "load": _("Go on from a scores.json"),
        "note": _("note"),
        "page": _("Page"),
        "text": _("Text with addresses"),
        "captured": _("The captured page"),
        "progress": _("%(articles)s of %(all)s articles, %(fields)s fields"),
        "article": _("Article %(number)s of %(all)s"),
        "unsaved": _("This browser keeps nothing: save scores.json before you leave."),
        "foreign": _("This file is of another sample."),
        "damaged": _("This file can’t be read."),
        "old": _("This browser is too old to show the captured page."),
        "keys": [
            _("r w m i ? or 1 to 5: verdict, then the next open field"),
            _("j k: next and previous field"),
            _("n p: next and previous article"),
            _("a: what is open in this article is right"),
            _("o: next open field"),
            _("x: take a verdict back"),
            _("e: write a note; Esc leaves it"),
            _("t: the page, or its text with addresses"),
        ],
    }
