"""Figures as Markdown, and the pages that are worst."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .metrics import same_words, words
from .scoring import EXACT, Scores, Wrong

_LETTERS = 300  # of a value
_AROUND = 6  # words before a difference
_SHOWN = 30  # words
Rate = tuple[str, Callable[[Scores], float | None]]

RATES: tuple[Rate, ...] = (
    *((name, lambda scores, name=name: scores.rate(name)) for name in EXACT),
    ("body F1 ≥ 0.99", lambda scores: scores.nearly),
    ("body, every letter", lambda scores: scores.same_letters / len(scores.f1s) if scores.f1s else None),
)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _f1(scores: Scores) -> str:
    return "–" if scores.mean_f1 is None else f"{scores.mean_f1:.4f}"


def _rows() -> Iterator[tuple[str, Callable[[Scores], str]]]:
    for name, rate in RATES:
        if name == "body F1 ≥ 0.99":
            yield "false sources", lambda s: f"{s.false_sources}/{s.sourceless}" if s.asked.get("source name") else "–"
            yield "body F1, mean", _f1
        yield name, lambda scores, rate=rate: _percent(rate(scores))  # type: ignore[misc]
    yield "chrome in body", lambda s: f"{s.chrome}/{len(s.f1s)}" if s.f1s else "–"
    yield "nothing found", lambda s: f"{s.empty}/{s.pages}" if s.pages else "–"
    yield "articles that are none", lambda s: f"{s.unplanted}" if s.whole else "–"
    yield "pages/s", lambda s: "–" if s.speed is None else f"{s.speed:,.0f}"


def markdown(columns: Sequence[tuple[str, Scores]]) -> str:
    """A table with a line a figure and a column a reader or a site; rates in per cent."""
    return by_rows(["% of pages", *(name for name, _scores in columns)], cells(columns))


def cells(columns: Sequence[tuple[str, Scores]]) -> list[list[str]]:
    """The lines of such a table."""
    return [[name, *(cell(scores) for _name, scores in columns)] for name, cell in _rows()]


def by_rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are texts already."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def by_site(readers: Sequence[tuple[str, Sequence[Scores]]], sites: Sequence[str]) -> str:
    """Mean F1 of bodies: a line a reader, a column a site."""
    return by_rows(["body F1, mean", *sites], [[name, *map(_f1, scores)] for name, scores in readers])


def total(scores: Sequence[Scores]) -> Scores:
    """The figures of several sites as one."""
    found = Scores()
    for more in scores:
        found.add(more)
    return found


def worst(scores: Scores, most: int) -> Iterator[str]:
    """Of each field the pages that are wrong: planted, found; of bodies the first difference, lowest F1 first."""
    if scores.unplanted:
        yield f"{scores.unplanted} articles were found that were not planted"
    for name in [*EXACT, "false sources", "body", "chrome in body"]:
        pages = sorted(scores.wrong.get(name, []), key=lambda wrong: (wrong.f1, wrong.url))
        if pages and most:
            yield f"{name}: {len(pages)} of {scores.pages}"
        for wrong in pages[:most]:
            yield f"  {wrong.url}"
            planted, found = difference(wrong) if name == "body" else (wrong.planted, wrong.found)
            yield f"    planted {str(planted)[:_LETTERS]!r}"
            yield f"    found   {str(found)[:_LETTERS]!r}" + (f"  F1 {wrong.f1:.4f}" if name == "body" else "")


def difference(wrong: Wrong) -> tuple[str, str]:
    """The words of two bodies from shortly before their first difference."""
    planted, found = same_words(words(wrong.planted), words(wrong.found))
    pairs = enumerate(zip(planted, found, strict=False))
    at = next((n for n, (a, b) in pairs if a != b), min(len(planted), len(found)))
    start = max(at - _AROUND, 0)
    return " ".join(planted[start : at + _SHOWN]), " ".join(found[start : at + _SHOWN])
