"""What has to be reached, on every site by itself, and whether it is: figures of the dataset, with hints and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .scoring import EXACT, Scores
from .table import by_rows

WITHIN = 1.0  # points that a figure may lose when the names of markup and the words of a site are taken away


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure and its bound: a rate that is at least so, or a count that is at most so."""

    name: str
    asked: float
    of: Callable[[Scores], float | None]
    count: bool = False

    def holds(self, value: float) -> bool:
        return value <= self.asked if self.count else value >= self.asked

    def text(self, value: float) -> str:
        if self.count:
            return f"{value:.0f}"
        return f"{value:.4f}" if self.name == "body F1, mean" else f"{100 * value:.2f} %"


def _rate(name: str, asked: float) -> Measure:
    return Measure(name, asked, lambda scores: scores.rate(name))


MEASURES = (
    _rate("title", 0.998),
    _rate("date", 0.998),
    _rate("section", 0.995),
    _rate("tags", 0.995),
    _rate("source name", 0.995),
    _rate("source date", 0.995),
    Measure("false sources", 0, lambda scores: scores.false_sources, count=True),
    Measure("body F1, mean", 0.997, lambda scores: scores.mean_f1),
    Measure("body F1 ≥ 0.99", 0.98, lambda scores: scores.nearly),
    Measure("chrome in body", 0, lambda scores: scores.chrome, count=True),
    Measure("articles not found", 0, lambda scores: scores.empty, count=True),
    Measure("articles that are none", 0, lambda scores: scores.unplanted if scores.whole else None, count=True),
)
# In points; what counts pages is a share of them here.
_LOSSES: tuple[tuple[str, Callable[[Scores], float | None]], ...] = (
    *((name, lambda scores, name=name: scores.rate(name)) for name in EXACT),
    ("body F1, mean", lambda scores: scores.mean_f1),
    ("body F1 ≥ 0.99", lambda scores: scores.nearly),
    ("body, every letter", lambda scores: scores.same_letters / len(scores.f1s) if scores.f1s else None),
    ("false sources", lambda scores: -scores.false_sources / scores.sourceless if scores.sourceless else None),
    ("chrome in body", lambda scores: -scores.chrome / len(scores.f1s) if scores.f1s else None),
)


def reached(sites: Sequence[str], dataset: Sequence[Scores]) -> tuple[str, list[str]]:
    """(a table with a line a measure: the site where it is worst; what falls short)"""
    rows, short = [], []
    for measure in MEASURES:
        given = [(measure.of(scores), site) for site, scores in zip(sites, dataset, strict=True)]
        found = [(value, site) for value, site in given if value is not None]
        if not found:
            rows.append([measure.name, _asked(measure), "–", "", "not measured"])
            if not measure.count:
                short.append(f"{measure.name}: not measured")  # a check of nothing proves nothing
            continue
        value, site = (max if measure.count else min)(found, key=lambda pair: pair[0])
        missed = [site for value, site in found if not measure.holds(value)]
        short += [f"{measure.name}: {measure.text(value)} on {site}" for value, site in found if site in missed]
        where = "each" if len({measure.text(value) for value, _site in found}) == 1 else site
        verdict = "reached" if not missed else f"short on {', '.join(missed)}"
        rows.append([measure.name, _asked(measure), measure.text(value), where, verdict])
    return by_rows(["measure", "asked of each site", "lowest", "on", "verdict"], rows), short


def _asked(measure: Measure) -> str:
    return f"{'≤' if measure.count else '≥'} {measure.text(measure.asked)}"


def losses(hinted: Scores, bare: Scores) -> Iterator[tuple[float, str]]:
    """(points, figure) by which each figure differs without hints; below zero: worse."""
    for name, of in _LOSSES:
        a, b = of(hinted), of(bare)
        if a is not None and b is not None:
            yield 100 * (b - a), name


def left_out(sites: Sequence[str], hinted: Sequence[Scores], bare: Sequence[Scores]) -> tuple[str, list[str]]:
    """(a table with a line a site: by how much its figures differ without hints; what falls short)"""
    rows, short = [], []
    for site, with_hints, without in zip(sites, hinted, bare, strict=True):
        found = sorted(losses(with_hints, without))
        worst = found[0] if found else (0.0, "")
        beyond = [(points, name) for points, name in found if points < -WITHIN]
        short += [f"{name} without hints: {points:+.2f} points on {site}" for points, name in beyond]
        most = f"{worst[0]:+.2f}" if worst[0] else "0"
        lost = worst[1] if worst[0] < 0 else ""
        verdict = "within" if not beyond else f"short: {', '.join(name for _points, name in beyond)}"
        rows.append([site, f"{100 * (without.mean_f1 or 0):.2f}", most, lost, verdict])
    head = ["site", "body F1 × 100 without hints", "largest loss, points", "of", f"within {WITHIN:.0f} point"]
    return by_rows(head, rows), short
