"""The table of formats. A new one is a small class with the face of `job.Format`, and a line here."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from osiris_crawler.errors import UsageError
from osiris_crawler.export.bag import Bag
from osiris_crawler.export.corpus import TextFiles
from osiris_crawler.export.csv_rows import Csv
from osiris_crawler.export.job import Format
from osiris_crawler.export.json_rows import JsonLines
from osiris_crawler.export.markdown import MarkdownFiles
from osiris_crawler.export.parquet_rows import Parquet
from osiris_crawler.export.release.writing import Release
from osiris_crawler.export.sqlite import Sqlite
from osiris_crawler.export.wacz import Wacz
from osiris_crawler.i18n import _

# Names of options, as they are typed.
_TELLING = ("title", "description")
_CHOICE = ("since", "until", "tag", "section", "outlet", "no-duplicates")
_TABLE: tuple[tuple[Format, frozenset[str]], ...] = (
    (JsonLines(), frozenset({*_CHOICE, "fields", "compress"})),
    (Csv(), frozenset({*_CHOICE, "fields", "compress", "excel"})),
    (Parquet(), frozenset({*_CHOICE, *_TELLING, "fields"})),
    (Sqlite(), frozenset({*_CHOICE, *_TELLING})),
    (TextFiles(), frozenset({*_CHOICE, *_TELLING})),
    (MarkdownFiles(), frozenset({*_CHOICE, *_TELLING})),
    (Release(), frozenset({*_TELLING, "with-text", "basis", "license", "creator", "doi"})),
    (Wacz(), frozenset(_TELLING)),
    (Bag(), frozenset({*_TELLING, "creator"})),
)
_WHOLE = ("wacz", "bagit")  # they hold WARC files, of which nothing can be cut

FORMATS: dict[str, Format] = {format.name: format for format, _takes in _TABLE}
TAKES: dict[str, frozenset[str]] = {format.name: takes for format, takes in _TABLE}


def named(name: str) -> Format:
    """A format by its name; UsageError with near ones when there is none of it."""
    found = FORMATS.get(name.casefold())
    if found is None:
        near = get_close_matches(name.casefold(), FORMATS, n=2, cutoff=0.5) or sorted(FORMATS)
        raise UsageError(
            _("There is no export format %(name)r.") % {"name": name},
            _("Near ones: %(near)s.") % {"near": ", ".join(near)},
        )
    return found


def check_options(format: Format, given: Iterable[str]) -> None:
    """UsageError for an option that says nothing to a format."""
    for option in given:
        if option in TAKES[format.name]:
            continue
        if option in _CHOICE and format.name in _WHOLE:
            raise UsageError(
                _("A %(format)s holds the WARC files whole: --%(option)s can't choose among the articles in them.")
                % {"format": format.name, "option": option},
                _("Formats that it can choose for: %(formats)s.") % {"formats": ", ".join(_taking(option))},
            )
        raise UsageError(
            _("--%(option)s says nothing to %(format)s.") % {"option": option, "format": format.name},
            _("Formats that take it: %(formats)s.") % {"formats": ", ".join(_taking(option))},
        )


def _taking(option: str) -> list[str]:
    return [name for name, takes in TAKES.items() if option in takes]
