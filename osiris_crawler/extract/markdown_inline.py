"""Running text with its emphasis, links, pictures and calls of notes, as CommonMark.

Everything of the text that Markdown would take for a sign is escaped, so that a parser gives back the letters that went in.
Emphasis is put around the letters of a span, never around the signs and spaces at its ends: by CommonMark's rules of
flanking `**«Le Soleil»**du` would be no emphasis.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from osiris_crawler.extract.dom import BLOCKS, HIDDEN, Element
from osiris_crawler.extract.links import absolute

BREAK = "\n"
_DEEPEST = 200
_LONGEST_ADDRESS = 2000
_STRONG = frozenset({"b", "strong"})
_EMPHASIS = frozenset({"i", "em", "cite", "dfn", "var"})
_SPACES = re.compile(r"[ \t\n\r\f\v\u2028\u2029]+")
_SPECIAL = re.compile(r"[\\`*\[\]<~]|(?<![^\W_])_+|_+(?![^\W_])|&(?=#?[A-Za-z0-9]*(?:;|$))")
_LINE_START = re.compile(r"[#>|]|\+(?=\s|$)|-(?=[\s\-:|]|$)|=(?=[=\s]*$)|:(?=-)")
_NUMBER_START = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_SCHEME = re.compile(r"(?:https?://|mailto:)", re.I)
_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff()<>\\\"`\[\]^{}|]")
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]{1,40};)")
_MARKED = re.compile(r"(?<![\\*])\*{1,3}$")  # emphasis that has just ended
_MOST_MARKS = 3  # asterisks in a row that a parser gives to the span that ends and the one that begins
_CALL = re.compile(r"[\[(]?\s*(\d{1,3})\s*[\])]?")


class Run(NamedTuple):
    """A stretch of text of one kind. BREAK alone is a hard line break; of a picture `text` is what it says of itself."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str | None = None
    picture: str | None = None
    markdown: bool = False  # it is Markdown already


class Setting(NamedTuple):
    """What inline text is written for: where its links lead from, which notes there are, which pictures are wanted.

    `picture` gives (address, title) of a picture by its addresses as written, None when it is not to be shown; `called`
    hears of the notes that are called.
    """

    base: str
    notes: frozenset[str] = frozenset()
    picture: Callable[[Sequence[str], str], tuple[str, str] | None] = lambda addresses, text: None
    called: Callable[[str], None] = lambda label: None


def letters_of(text: str) -> str:
    """A text without its white space: by this, texts of two makings are compared."""
    return "".join(text.split())


def runs_of(element: Element, *, deep: bool = False) -> list[Run]:
    """The inline text of an element; what blocks inside it hold is left out, or with `deep` set apart by spaces."""
    href = next((above.get("href") for above in element.iterancestors("a") if above.get("href")), None)
    return list(_runs(element, Run("", href=href), deep, 0))


def _runs(element: Element, style: Run, deep: bool, depth: int) -> Iterator[Run]:
    if element.text:
        yield style._replace(text=element.text)
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in HIDDEN or depth > _DEEPEST:
            pass
        elif tag == "br":
            yield Run(BREAK)
        elif tag == "img":
            yield style._replace(text=_says(child), picture=child.get("src") or child.get("data-src") or "")
        elif tag in BLOCKS:
            if deep:
                yield Run(" ")
                yield from _runs(child, style, deep, depth + 1)
            yield Run(" ")
        else:
            yield from _runs(child, _styled(style, child), deep, depth + 1)
        if child.tail:
            yield style._replace(text=child.tail)


def _styled(style: Run, element: Element) -> Run:
    if element.tag in _STRONG:
        return style._replace(strong=True)
    if element.tag in _EMPHASIS:
        return style._replace(emphasis=True)
    if element.tag == "a" and element.get("href"):
        return style._replace(href=element.get("href"))
    return style


def _says(picture: Element) -> str:
    return (picture.get("title") or picture.get("alt") or "").strip()


def cut(runs: Sequence[Run], start: int, end: int) -> list[Run]:
    """Of runs those letters (white space not counted) from `start` to `end`; pictures and breaks between them stay."""
    kept: list[Run] = []
    at = 0
    for run in runs:
        if run.picture is not None or run.text == BREAK:
            if start <= at <= end and (kept or run.picture is not None):
                kept.append(run)
            continue
        size = len(letters_of(run.text))
        if at < end and at + size > start:
            kept.append(
                run if start <= at and at + size <= end else run._replace(text=_within(run.text, start - at, end - at))
            )
        elif not size and kept and at < end:
            kept.append(run)
        at += size
    return kept


def _within(text: str, start: int, end: int) -> str:
    at, kept = 0, []
    for sign in text:
        if sign.isspace():
            if start < at < end:
                kept.append(sign)
            continue
        if start <= at < end:
            kept.append(sign)
        at += 1
    return "".join(kept)


def inline(runs: Iterable[Run], setting: Setting, *, strong: bool = True, breaks: bool = True) -> str:
    """Runs as Markdown; a hard line break is a backslash at a line's end, without `breaks` a space.

    Without `strong` nothing is bold: in a heading all of it is.
    """
    plain = [run if strong else run._replace(strong=False) for run in runs]
    tidy = _tidied(_settled(_calls(plain, setting), setting), breaks)
    out = ""
    at = 0
    while at < len(tidy):
        end = at + 1
        while end < len(tidy) and tidy[at].href is not None and tidy[end].href == tidy[at].href:
            end += 1
        piece = _linked(tidy[at:end], out)
        if piece.startswith("[") and out.endswith("!"):
            out = out[:-1] + "\\!"  # else the link would be a picture
        elif piece[:1] in ("(", ":") and out.endswith("]") and not out.endswith("\\]"):
            out += "\\"  # else the call of a note would be a link, or the note itself
        out += piece
        at = end
    lines = (line.strip(" ") for line in out.split(BREAK))
    return ("\\" + BREAK).join(_safe_start(line) for line in lines if line.strip())


def plain_line(text: str) -> str:
    """A line of plain text as Markdown."""
    return _safe_start(escaped(_SPACES.sub(" ", text).strip(" ")))


def escaped(text: str) -> str:
    """A text with its signs escaped, as it may stand anywhere but at a line's beginning."""
    return _SPECIAL.sub(lambda match: "".join(f"\\{sign}" for sign in match[0]), text)


def _safe_start(line: str) -> str:
    """A line that begins no heading, list, quotation, table or rule."""
    if _LINE_START.match(line):
        return "\\" + line
    return _NUMBER_START.sub(r"\1\\\2", line, count=1) if _NUMBER_START.match(line) else line


def address(base: str, href: str) -> str | None:
    """An address as it may stand in a link: absolute, of the web or of mail, with nothing that would end it early."""
    url = absolute(base, href)
    if url is None or len(url) > _LONGEST_ADDRESS or not _SCHEME.match(url):
        return None
    return _ENTITY.sub("&amp;", _IN_ADDRESS.sub(lambda match: quote(match[0], safe=""), url))


def image(title: str, url: str) -> str:
    """A picture, its address one that `address` gave."""
    return f"![{escaped(_SPACES.sub(' ', title).strip(' '))}]({url})"


def _calls(runs: list[Run], setting: Setting) -> list[Run]:
    """Calls of notes that there are: `[1]`, its number a link within the page, becomes `[^1]`."""
    for i, run in enumerate(runs):
        href = run.href or ""
        match = _CALL.fullmatch(run.text.strip()) if "#" in href and len(run.text) < 12 else None
        if match is None or run.picture is not None or match[1] not in setting.notes:
            continue
        runs[i] = Run(f"[^{match[1]}]", markdown=True)
        setting.called(match[1])
        before, after = runs[i - 1] if i else None, runs[i + 1] if i + 1 < len(runs) else None
        if before is not None and after is not None and before.picture is None and after.picture is None:
            head, tail = before.text.rstrip(), after.text.lstrip()
            if head[-1:] in ("[", "(") and tail[:1] in ("]", ")"):
                runs[i - 1], runs[i + 1] = before._replace(text=head[:-1]), after._replace(text=tail[1:])
    return runs


def _settled(runs: Iterable[Run], setting: Setting) -> Iterator[Run]:
    """Links with the addresses that they will have or none, pictures as Markdown; what is not to be shown is gone."""
    for run in runs:
        href = address(setting.base, run.href) if run.href is not None else None
        if run.picture is None:
            yield run._replace(href=href)
            continue
        found = setting.picture([name for name in (run.href, run.picture) if name], run.text)
        if found is not None:
            yield run._replace(text=image(found[1], found[0]), href=href, markdown=True)


def _tidied(runs: Iterable[Run], breaks: bool) -> list[Run]:
    """White space folded over the borders of runs, neighbours of one kind made one."""
    tidy: list[Run] = []
    spaced = True
    for run in runs:
        if run.markdown:
            tidy.append(run)
            spaced = False
            continue
        if run.text == BREAK and breaks:
            tidy.append(Run(BREAK))
            spaced = True
            continue
        text = _SPACES.sub(" ", unicodedata.normalize("NFC", run.text))
        text = text.lstrip(" ") if spaced else text
        if not text:
            continue
        spaced = text.endswith(" ")
        last = tidy[-1] if tidy else None
        if (
            last is not None
            and last.text != BREAK
            and not last.markdown
            and last._replace(text="") == run._replace(text="")
        ):
            tidy[-1] = last._replace(text=last.text + text)
        else:
            tidy.append(run._replace(text=text))
    return tidy


def _linked(runs: list[Run], out: str) -> str:
    """Runs of one link, or one run of none; `out` is what stands before it."""
    url = runs[0].href
    inner = ""
    for run in runs:
        before = inner if inner or url is not None else out
        inner += run.text if run.markdown or run.text == BREAK else _emphasised(run, before)
    text = inner.strip(" ")
    if url is None or not text or (len(runs) == 1 and runs[0].picture is not None):
        return inner
    before, after = inner[: len(inner) - len(inner.lstrip(" "))], inner[len(inner.rstrip(" ")) :]
    return f"{before}[{text}]({url}){after}"


def _emphasised(run: Run, before: str) -> str:
    mark = "*" * (2 * run.strong + run.emphasis)
    held = [i for i, sign in enumerate(run.text) if sign.isalnum()] if mark else []
    marked = _MARKED.search(before[-5:]) if held and held[0] == 0 else None
    if not held or (marked is not None and len(marked[0]) + len(mark) > _MOST_MARKS):
        return escaped(run.text)
    first, end = held[0], held[-1] + 1
    while end < len(run.text) and unicodedata.category(run.text[end]).startswith("M"):
        end += 1
    return escaped(run.text[:first]) + mark + escaped(run.text[first:end]) + mark + escaped(run.text[end:])
