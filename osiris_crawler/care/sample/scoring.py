"""Verdicts → the share of errors of each field with its interval → result.json, and a table for the data card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from osiris_crawler.care.sample.proportion import LEVEL, is_large, wilson
from osiris_crawler.care.sample.verdicts import VERDICTS, Scores
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _

RESULT, TABLE = "result.json", "result.md"
ARTICLE = "article"  # the row of articles as a whole
_ERRORS = ("wrong", "missing", "invented")


@dataclass(slots=True)
class Tally:
    """The verdicts on one field. `unsure` and `unscored` say nothing of it and count for nothing."""

    field: str
    population: int
    right: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0
    unsure: int = 0
    unscored: int = 0

    def add(self, verdict: str | None) -> None:
        name = verdict or "unscored"
        setattr(self, name, getattr(self, name) + 1)

    @property
    def errors(self) -> int:
        return self.wrong + self.missing + self.invented

    @property
    def scored(self) -> int:
        return self.right + self.errors

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.errors, self.scored, self.population) if self.scored else None

    @property
    def corrected(self) -> bool:
        return is_large(self.scored, self.population)

    def report(self) -> dict[str, Any]:
        interval = self.interval
        return {
            "field": self.field,
            "scored": self.scored,
            "errors": self.errors,
            "rate": round(self.errors / self.scored, 6) if self.scored else None,
            "low": round(interval[0], 6) if interval else None,
            "high": round(interval[1], 6) if interval else None,
            "corrected": self.corrected,
            **{name: getattr(self, name) for name in (*VERDICTS, "unscored")},
        }


@dataclass(slots=True)
class Result:
    """Each field's tally, and that of whole articles: one is wrong when any of its fields is."""

    scores: Scores
    fields: list[Tally]
    articles: Tally

    def report(self) -> dict[str, Any]:
        """All of it, as result.json and --json have it."""
        facts = {name: value for name, value in self.scores.sample.facts.items() if name not in ("articles", "fields")}
        return {
            **facts,
            "format": "osiris-sample-result",
            "drawn": len(self.scores.sample.articles),
            "verdicts": len(self.scores.verdicts),
            "level": LEVEL,
            "method": "Wilson 1927",
            "fields": [tally.report() for tally in self.fields],
            "articles": self.articles.report(),
        }

    def json(self) -> str:
        return json.dumps(self.report(), ensure_ascii=False, indent=2) + "\n"


def score(scores: Scores) -> Result:
    """Count the verdicts; UsageError when there is none."""
    sample = scores.sample
    if not any(verdict != "unsure" for verdict in scores.verdicts.values()):
        raise UsageError(
            _("Nothing is scored in %(path)s.") % {"path": scores.path},
            _("Open sheet.html and save the verdicts, or fill the column “verdict” of scores.csv."),
        )
    tallies = [Tally(name, sample.population) for name in sample.fields]
    articles = Tally(ARTICLE, sample.population)
    for number in range(1, len(sample.articles) + 1):
        said = [scores.verdicts.get((number, name)) for name in sample.fields]
        for tally, verdict in zip(tallies, said, strict=True):
            tally.add(verdict)
        # An article of which a field is open counts neither way: errors alone would be taken from such ones.
        if None in said:
            articles.add(None)
        elif "unsure" in said:
            articles.add("unsure")
        else:
            articles.add("wrong" if set(said) & set(_ERRORS) else "right")
    return Result(scores, tallies, articles)


def percent(share: float) -> str:
    """0.00372 → 0.37; an end that is not nought is never shown as if it were."""
    text = f"{100 * share:.2f}"
    return "< 0.01" if text == "0.00" and share > 0 else text


def interval_text(tally: Tally) -> str:
    interval = tally.interval
    return "–" if interval is None else f"{percent(interval[0])}–{percent(interval[1])}"


def rate_text(tally: Tally) -> str:
    return percent(tally.errors / tally.scored) if tally.scored else "–"


def markdown(result: Result) -> str:
    """The table of a data card, and how it came about."""
    heads = [
        _("field"), _("scored"), _("errors"), _("error, %"), _("interval (95 %), %"),
        _("wrong"), _("missing"), _("invented"), _("can’t tell"), _("not scored"),
    ]  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for tally in (*result.fields, result.articles):
        whole = tally is result.articles
        name = _("articles with any error") if whole else f"`{tally.field}`"
        parts = ["–"] * 3 if whole else [str(tally.wrong), str(tally.missing), str(tally.invented)]
        cells = [name, str(tally.scored), str(tally.errors), rate_text(tally), interval_text(tally), *parts]
        lines.append("| " + " | ".join([*cells, str(tally.unsure), str(tally.unscored)]) + " |")
    return "\n".join([*lines, "", told(result), ""])


def told(result: Result) -> str:
    """The sentences below the table."""
    sample = result.scores.sample
    said = _("Scored by hand: %(drawn)d articles drawn at random of %(population)d.") % {
        "drawn": len(sample.articles),
        "population": sample.population,
    }
    said += " " + _("An interval (Wilson 1927) holds the share of errors in the whole dataset 95 times in 100.")
    if any(tally.corrected for tally in result.fields):
        said += " " + _(
            "Where more than a twentieth of the articles were scored, it is that of a sample without replacement."
        )
    return said + " " + _("What can’t be told, or was not scored, counts neither way.")
