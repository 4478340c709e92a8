"""osiris export release: a folder ready for a repository or a hub. Metadata only, unless texts are asked for with a basis.

One pass over the dataset, which is sorted by day: a Parquet file a year, the lines, and the figures. Then what describes
them. No clock is in it: its day is that of the newest capture.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from osiris_crawler import __version__
from osiris_crawler.archive import fixity
from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.export import folder, parquet_rows
from osiris_crawler.export.about import about as told_of
from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.json_rows import write_jsonl
from osiris_crawler.export.packing import packed
from osiris_crawler.export.release import certificate, plots
from osiris_crawler.export.release.card import card
from osiris_crawler.export.release.citing import cff, datacite
from osiris_crawler.export.release.croissant import croissant
from osiris_crawler.export.release.facts import PARQUET, TEXTS, Facts, File
from osiris_crawler.export.release.figures import Figures, year_of
from osiris_crawler.export.release.frictionless import datapackage
from osiris_crawler.export.release.terms import one_line
from osiris_crawler.export.rows import SCOPES, Rows
from osiris_crawler.export.stats.counting import Stats
from osiris_crawler.export.stats.words import Origin
from osiris_crawler.export.withheld import withheld
from osiris_crawler.i18n import _
from osiris_crawler.record import json_schema, keys

LINES = "articles.jsonl.gz"  # gzip: what reads JSON lines reads them so
SUMS = "checksums-sha256.txt"
_MEDIA = {
    ".parquet": PARQUET,
    ".gz": "application/gzip",
    ".json": "application/json",
    ".html": "text/html",
    ".csv": "text/csv",
    ".svg": "image/svg+xml",
}


class Release:
    """A folder to publish."""

    name = "release"
    suffix = "-release"

    def write(self, job: Job) -> Written:
        """Write aside, then put in place; UsageError where there is nothing to publish, or what must not be shown."""
        if job.with_restricted:
            raise UsageError(
                _("A release is for showing: --with-restricted has no place in it."),
                _("“osiris export bagit --with-restricted” keeps all of it."),
            )
        rows = Rows(job)
        names = [name for name in keys() if job.terms.with_text or name not in TEXTS]
        with folder.placed_folder(job.to, self.name, rows.size) as aside:
            facts = self._data(aside, job, rows, names)
            warnings = self._certificate(aside, job, facts)
            _describe(aside, facts)
            _sums(aside)
            size = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file())
        warnings += _unsaid(facts)
        counts = {"articles": rows.taken, "files": len(facts.tables)}
        return Written(job.to, size, counts, rows.left_out, _told(facts, rows), warnings)

    def _data(self, aside: Path, job: Job, rows: Rows, names: list[str]) -> Facts:
        """Tables, lines and figures, in one pass."""
        about = told_of(job.collection, job.title, job.description)
        figures, stats, counted = Figures(), Stats(), {}
        (aside / "data").mkdir()
        with (aside / LINES).open("wb") as stream, packed(stream, "gz") as lines:
            for year, articles in groupby(rows, year_of):
                if year in counted:
                    raise IntegrityError(
                        _("articles.jsonl is not in the order of days."),
                        _("“osiris rebuild” makes it from the WARC files."),
                    )
                before = figures.articles
                with (aside / "data" / f"articles-{year}.parquet").open("wb") as table:
                    parquet_rows.write_parquet(table, _passed(articles, (figures, stats), lines, names), names, about)
                counted[year] = figures.articles - before
        if not figures.articles:
            raise UsageError(_("There is no article to release."), _("“osiris status” says what the collection holds."))
        facts = Facts(
            name=job.collection.name,
            title=one_line(job.title or "") or job.collection.name,
            description=one_line(job.description or ""),
            site=one_line(about.get("osiris.source", "")),
            software=f"osiris-crawler {__version__}",
            names=names,
            terms=job.terms,
            figures=figures,
            restricted=bool(withheld(job.collection, job.created, SCOPES).subjects),
        )
        schema = json_schema()
        schema["properties"] = {name: schema["properties"][name] for name in names}
        schema["required"] = names
        _write_json(aside / "schema.json", schema)
        _write_json(aside / "statistics.json", figures.as_json())
        paths = [*(f"data/articles-{year}.parquet" for year in counted), LINES, "schema.json", "statistics.json"]
        paths += _statistics(aside, stats)
        origin = Origin(facts.name, figures.articles, facts.day)
        facts.plots = plots.draw(stats.tables(), origin, aside / "statistics")
        paths += [f"statistics/{path.name}" for path in (aside / "statistics").glob("*.svg")]
        years = {f"data/articles-{year}.parquet": count for year, count in counted.items()}
        facts.files = [_file(aside, path, years.get(path)) for path in sorted(paths)]
        return facts

    def _certificate(self, aside: Path, job: Job, facts: Facts) -> list[str]:
        """Copy the newest audit's certificate; a sentence where there is none to copy."""
        found = certificate.newest(job.collection)
        if not found:
            facts.no_certificate = "no audit's certificate was there"
            return [_("No certificate is in it: “osiris audit --certificate” writes one.")]
        if facts.restricted:  # an audit may name what an export must not, though the dataset has no line of it any more
            facts.no_certificate = "it could name what is restricted"
            return [_("No certificate is in it: it could name what is restricted.")]
        if not certificate.holds(found[-1], job.collection):
            facts.no_certificate = "the collection has changed since the last audit"
            return [_("No certificate is in it: the collection has changed since the last audit.")]
        (aside / "certificate").mkdir()
        for path in found:
            shutil.copyfile(path, aside / "certificate" / path.name)
            facts.files.append(_file(aside, f"certificate/{path.name}"))
        facts.certificate = f"certificate/{found[0].name}"
        return []


def _passed(
    articles: Iterator[dict[str, Any]], counters: Sequence[Figures | Stats], lines: BinaryIO, names: list[str]
) -> Iterator[dict[str, Any]]:
    """The articles, each counted and written as a line on its way to the table."""
    for article in articles:
        for counter in counters:
            counter.add(article)
        write_jsonl(lines, (article,), names)
        yield article


def _statistics(aside: Path, stats: Stats) -> list[str]:
    """Write the tables; gives their paths."""
    (aside / "statistics").mkdir()
    paths = []
    for table in stats.tables().values():
        paths.append(f"statistics/{table.name}.csv")
        (aside / paths[-1]).write_bytes(table.as_csv())
    return paths


def _describe(aside: Path, facts: Facts) -> None:
    """What is derived from the data: it has the sums of the data in it."""
    _write_json(aside / "croissant.json", croissant(facts))
    _write_json(aside / "datapackage.json", datapackage(facts))
    _write_json(aside / "datacite.json", datacite(facts))
    (aside / "CITATION.cff").write_bytes(cff(facts).encode())
    (aside / "README.md").write_bytes(card(facts).encode())
    folder.mark(
        aside, Release.name, {"collection": facts.name, "version": facts.version, "articles": facts.figures.articles}
    )


def _sums(aside: Path) -> None:
    """The list of all files' sums, in the form of sha256sum."""
    paths = sorted(path.relative_to(aside).as_posix() for path in aside.rglob("*") if path.is_file())
    lines = [f"{fixity.sha256(aside / path)}  {path}\n" for path in paths]
    (aside / SUMS).write_bytes("".join(lines).encode())


def _file(aside: Path, path: str, rows: int | None = None) -> File:
    whole = aside / path
    return File(path, whole.stat().st_size, fixity.sha256(whole), _MEDIA[whole.suffix], rows)


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_bytes((json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())


def _told(facts: Facts, rows: Rows) -> str:
    what = _("With texts.") if facts.terms.with_text else _("Metadata only, no texts.")
    version = _("Version %(version)s.") % {"version": facts.version}
    return " ".join([version, what, rows.told()])


def _unsaid(facts: Facts) -> list[str]:
    """What a repository will ask for and nobody said, and what could not be made."""
    found = []
    if not facts.terms.creators:
        found.append(_("Nobody is named as its creator: --creator NAME does."))
    if facts.terms.license is None:
        found.append(_("No licence is stated for the metadata: --license ID does."))
    if not facts.plots:
        found.append(_("No plots are in it: “pip install 'osiris-crawler[plots]'” brings what draws them."))
    return found
