"""What a dataset is made of, counted in one pass: articles over time, keywords, outlets, lengths, reprints, languages, fields.

Held are counts by name and year, a number an article for its length and, of those that others may repeat, the outlets.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from osiris_crawler.export.stats.tables import Cell, Table

By = Literal["year", "month"]
Article = Mapping[str, Any]

CLASS, LONGEST = 100, 2000  # words of a class of lengths, and where the last class begins
_PERIOD = {"year": 4, "month": 7}  # letters of a date
_INSTANTS = ("first_seen", "last_changed", "withdrawn")
_PLAIN_FIELDS = (
    "title", "overline", "subtitle", "date", "section", "tags", "authors", "lead", "body", "ps", "notes", "link", "images",
    "documents", "language",
)  # fmt: skip


def _has(name: str, article: Article) -> bool:
    return bool(article[name])


def _part(name: str, article: Article) -> bool:
    return any(source[name] for source in article["sources"])


# What an article may have or lack; what every one has by its nature (an id, a digest) says nothing of quality.
FIELDS: dict[str, Callable[[Article], bool]] = {
    **{name: partial(_has, name) for name in _PLAIN_FIELDS},
    "sources": partial(_has, "sources"),
    "sources.outlet": partial(_part, "outlet"),
    "sources.date": partial(_part, "date"),
}


def outlets_of(article: Article) -> list[str]:
    """Who printed it first, each once: the outlet, or the name where the outlet is not known (as `--outlet` takes them)."""
    names = (source["outlet"] or source["name"] for source in article["sources"])
    return list(dict.fromkeys(name for name in names if name))


class Tally:
    """Articles by name and year."""

    def __init__(self) -> None:
        self.total: Counter[str] = Counter()
        self.years: Counter[tuple[str, str | None]] = Counter()

    def add(self, names: Iterable[str], year: str | None) -> None:
        for name in names:
            self.total[name] += 1
            self.years[name, year] += 1

    def ranked(self) -> list[str]:
        """The most frequent first, then by name."""
        return sorted(self.total, key=lambda name: (-self.total[name], name))

    def table(self, name: str, column: str, articles: int) -> Table:
        """A row a name: articles, their share of all, first and last year."""
        first: dict[str, str] = {}
        last: dict[str, str] = {}
        for one, year in self.years:
            if year is not None:
                first[one] = min(first.get(one, year), year)
                last[one] = max(last.get(one, year), year)
        rows: list[tuple[Cell, ...]] = [
            (one, self.total[one], share(self.total[one], articles), first.get(one), last.get(one))
            for one in self.ranked()
        ]
        return Table(name, (column, "articles", "share", "first", "last"), rows)

    def by_year(self, name: str, column: str) -> Table:
        """A row a name and year, in the order of `table`, years ascending, undated last."""
        places = {one: place for place, one in enumerate(self.ranked())}
        pairs = sorted(self.years, key=lambda pair: (places[pair[0]], _late(pair[1])))
        return Table(name, (column, "year", "articles"), [(one, year, self.years[one, year]) for one, year in pairs])


class Stats:
    """Give it every article once; then `tables` has them all, by name and in the order in which they are shown."""

    def __init__(self, by: By = "year") -> None:
        self.by = by
        self.articles = 0
        self.newest = ""  # instant of the newest capture, or of what else is known to have been seen last
        self._time: dict[str | None, Counter[str]] = {}
        self._lengths: dict[str | None, array[int]] = {}
        self._keywords, self._outlets, self._languages, self._issues = Tally(), Tally(), Tally(), Tally()
        self._fields = Tally()
        self._years: Counter[str | None] = Counter()
        self._firsts: dict[str, tuple[str, ...]] = {}
        self._flows: Counter[tuple[str, str]] = Counter()
        self.reprints: Counter[str] = Counter(
            dict.fromkeys(("reprints", "between_outlets", "no_outlet", "earliest_left_out"), 0)
        )

    def add(self, article: Article) -> None:
        """An article; of those that are one text the earliest must come first, as it does in the dataset."""
        date: str | None = article["date"]
        year = date[:4] if date else None
        period = date[: _PERIOD[self.by]] if date else None
        words = len(article["body"].split()) + len((article["lead"] or "").split())
        outlets = outlets_of(article)
        self.articles += 1
        self._years[year] += 1
        instants = (article["capture"]["date"], *(article[name] or "" for name in _INSTANTS))
        self.newest = max(self.newest, *instants)
        time = self._time.setdefault(period, Counter())
        time.update(
            # As numbers: a Counter keeps the first value of a name as it is, and a table would say False.
            articles=1, reprints=int(bool(article["duplicate_of"])), withdrawn=int(bool(article["withdrawn"])),
            with_source=int(bool(article["sources"])), words=words,
        )  # fmt: skip
        self._lengths.setdefault(period, array("Q")).append(words)
        self._keywords.add(set(article["tags"]), year)
        self._outlets.add(outlets, year)
        self._languages.add([article["language"] or "und"], year)
        self._issues.add(set(article["issues"]), year)
        self._fields.add((name for name, has in FIELDS.items() if has(article)), year)
        self._flow(article, outlets)

    def _flow(self, article: Article, outlets: Sequence[str]) -> None:
        root = article["duplicate_of"]
        if root is None:
            self._firsts[article["id"]] = tuple(outlets)
            return
        before = self._firsts.get(root)
        self.reprints["reprints"] += 1
        if before is None:
            self.reprints["earliest_left_out"] += 1
        elif not before or not outlets:
            self.reprints["no_outlet"] += 1
        else:
            self.reprints["between_outlets"] += 1
            self._flows.update((a, b) for a in before for b in outlets)

    def tables(self) -> dict[str, Table]:
        return {
            table.name: table
            for table in (
                self._over_time(),
                self._keywords.table("keywords", "keyword", self.articles),
                self._keywords.by_year("keywords_by_year", "keyword"),
                self._outlets.table("outlets", "outlet", self.articles),
                self._outlets.by_year("outlets_by_year", "outlet"),
                self._quantiles(),
                self._classes(),
                self._flow_table(),
                self._languages.table("languages", "language", self.articles),
                self._field_table(),
                self._fields_by_year(),
                self._issues.table("issues", "issue", self.articles),
            )
        }

    def _over_time(self) -> Table:
        columns = ("articles", "reprints", "with_source", "withdrawn", "words")
        rows: list[tuple[Cell, ...]] = [
            (period, *(self._time[period][name] for name in columns)) for period in sorted(self._time, key=_late)
        ]
        return Table("time", ("period", *columns), rows)

    def _quantiles(self) -> Table:
        rows: list[tuple[Cell, ...]] = []
        for period in sorted(self._lengths, key=_late):
            ordered = sorted(self._lengths[period])
            # The nearest rank: a length that an article has.
            rows.append(
                (period, len(ordered), *(ordered[(len(ordered) - 1) * part // 100] for part in (10, 25, 50, 75, 90)))
            )
        return Table("lengths", ("period", "articles", "p10", "p25", "median", "p75", "p90"), rows)

    def _classes(self) -> Table:
        counts = Counter(min(words, LONGEST) // CLASS for lengths in self._lengths.values() for words in lengths)
        rows: list[tuple[Cell, ...]] = []
        for place in range(max(counts, default=-1) + 1):
            least = place * CLASS
            rows.append((least, None if least >= LONGEST else least + CLASS - 1, counts[place]))
        return Table("words", ("from", "to", "articles"), rows)

    def _flow_table(self) -> Table:
        ordered = sorted(self._flows.items(), key=lambda flow: (-flow[1], flow[0]))
        return Table("flows", ("from", "to", "reprints"), [(*pair, count) for pair, count in ordered])

    def _field_table(self) -> Table:
        """A row a field, with the first year that has it least, where years differ; undated articles count in the whole."""
        rows: list[tuple[Cell, ...]] = []
        years = sorted(year for year in self._years if year is not None)
        for name in FIELDS:
            parts = [(share(self._fields.years[name, year], self._years[year]), year) for year in years]
            lowest: tuple[Cell, Cell] = min(parts) if len({part for part, _year in parts}) > 1 else (None, None)
            count = self._fields.total[name]
            rows.append((name, count, share(count, self.articles), lowest[1], lowest[0]))
        return Table("fields", ("field", "articles", "share", "lowest_in", "lowest_share"), rows)

    def _fields_by_year(self) -> Table:
        rows: list[tuple[Cell, ...]] = [
            (name, year, self._fields.years[name, year], share(self._fields.years[name, year], self._years[year]))
            for name in FIELDS
            for year in sorted(self._years, key=_late)
        ]
        return Table("fields_by_year", ("field", "year", "articles", "share"), rows)


def share(count: int, all: int) -> float:
    """A part of 1, to four digits; 1 and 0 are never rounded to."""
    if count in (0, all):
        return float(bool(count))
    return min(max(round(count / all, 4), 0.0001), 0.9999)


def _late(period: str | None) -> tuple[bool, str]:
    """Orders periods; undated is last."""
    return period is None, period or ""
