"""How two versions of a text are printed as one: what is gone, new, moved, and a few words around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.text import Text

from osiris_crawler.commands.printing import plain
from osiris_crawler.dataset.typography import count
from osiris_crawler.dataset.worddiff import CAME, GONE, LEFT, NEW, SAME, TYPOGRAPHY, Diff, Told
from osiris_crawler.i18n import _

_AROUND = 8  # unchanged words shown before and after a change
_HEAD, _TAIL = 40, 12  # words shown of a long stretch that is gone or new
_MOVED = 10  # … of a paragraph that was moved
_SPARED = 4  # fewer words are not worth folding
_WORD_LETTERS = 300  # letters of what has no spaces; there are texts without
_BREAK = re.compile(r"\n{2,}")
_PIECE = re.compile(r"\S+\s*|^\s+")
_MARKS = {GONE: ("[-", "-]", "red"), NEW: ("{+", "+}", "green"), TYPOGRAPHY: ("{~", "~}", "yellow")}


def lines(diff: Diff, *, full: bool) -> list[Text]:
    """A line a paragraph. Unless `full` what is unchanged is folded, and typography is not told."""
    parts = list(_parts(diff.told, full=full))
    page = _Lines()
    for n, (sign, text) in enumerate(parts):
        if sign == SAME:
            page.unchanged(text if full else _folded(text, before=n > 0, after=n + 1 < len(parts)))
        elif sign in (LEFT, CAME):
            page.moved(sign, text if full else _beginning(text))
        elif text.strip():
            page.marked(sign, text if full else _shortened(text))
        else:
            beside = parts[max(n - 1, 0) : n + 2]
            page.broken(sign, text, told=not any(other in (LEFT, CAME) for other, _text in beside))
    return page.done()


def _parts(told: Iterable[Told], *, full: bool) -> Iterator[tuple[str, str]]:
    """What is told, as the new text has it; what differs in typography is unchanged, unless all is shown."""

    def sign(one: Told) -> str:
        return SAME if one[0] == TYPOGRAPHY and not (full and one[2].strip()) else one[0]

    for what, same in groupby(told, key=sign):
        if what == SAME:
            yield what, "".join(one[-1] for one in same)
        else:
            yield from ((what, one[-1]) for one in same)


def _folded(text: str, *, before: bool, after: bool) -> str:
    """The words next to a change, of its own paragraph."""
    pieces = _PIECE.findall(text)
    head = _up_to_break(pieces[:_AROUND]) if before else []
    tail = _from_break(pieces[-_AROUND:]) if after else []
    if len(head) + len(tail) + _SPARED >= len(pieces):
        return "".join(_cut(piece) for piece in pieces)
    ends = after and not tail  # the change begins a paragraph
    return f"{''.join(map(_cut, head))}… {''.join(map(_cut, tail))}" + ("\n\n" if ends else "")


def _up_to_break(pieces: list[str]) -> list[str]:
    for n, piece in enumerate(pieces):
        if _BREAK.search(piece):
            return pieces[: n + 1]
    return pieces


def _from_break(pieces: list[str]) -> list[str]:
    for n in range(len(pieces) - 1, -1, -1):
        if _BREAK.search(pieces[n]):
            return pieces[n + 1 :]
    return pieces


def _cut(piece: str) -> str:
    return piece if len(piece) <= _WORD_LETTERS else piece[: _WORD_LETTERS - 1] + "… "


def _shortened(text: str) -> str:
    """A long stretch by its beginning and its end."""
    pieces = _PIECE.findall(text)
    if len(pieces) <= _HEAD + _TAIL + _SPARED:
        return "".join(map(_cut, pieces))
    folded = _("… (%(count)d words) …") % {"count": count("".join(pieces[_HEAD:-_TAIL]))}
    return f"{''.join(map(_cut, pieces[:_HEAD]))}{folded} {''.join(map(_cut, pieces[-_TAIL:]))}"


def _beginning(text: str) -> str:
    pieces = text.split(None, _MOVED + _SPARED)
    return " ".join(map(_cut, pieces if len(pieces) <= _MOVED + _SPARED else [*pieces[:_MOVED], "…"]))


class _Lines:
    """Lines as they are written; `done` gives them."""

    def __init__(self) -> None:
        self._lines = [Text()]

    def _end(self) -> None:
        if self._lines[-1]:
            self._lines.append(Text())

    def unchanged(self, text: str) -> None:
        for n, part in enumerate(_BREAK.split(text)):
            if n:
                self._end()
            self._lines[-1].append(plain(part))

    def marked(self, sign: str, text: str) -> None:
        """Each paragraph between marks of its own, the spaces about it outside."""
        opens, closes, style = _MARKS[sign]
        for n, part in enumerate(_BREAK.split(text)):
            if n:
                self._end()
            words = part.strip()
            if not words:
                continue
            line = self._lines[-1]
            if line.plain.endswith(("-]", "+}")):
                line.append(" ")
            line.append(plain(part[: len(part) - len(part.lstrip())]))
            line.append(f"{opens}{plain(words)}{closes}", style=style)
            line.append(plain(part[len(part.rstrip()) :]))

    def broken(self, sign: str, text: str, *, told: bool) -> None:
        """A paragraph's end alone that is gone or new."""
        breaks = "\n\n" in text
        if breaks and told:
            opens, closes, style = _MARKS[sign]
            self._lines[-1].append(f"{opens}¶{closes}", style=style)
        if breaks and (sign == NEW or not told):
            self._end()
        elif not breaks:
            self._lines[-1].append(" ")

    def moved(self, sign: str, text: str) -> None:
        self._end()
        said = _("moved away from here: %(text)s") if sign == LEFT else _("moved here: %(text)s")
        self._lines[-1].append(f"({said % {'text': plain(text.strip())}})", style="cyan")
        self._end()

    def done(self) -> list[Text]:
        return [line for line in self._lines if line.plain.strip()]
