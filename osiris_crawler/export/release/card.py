"""README.md: the data card, with the front matter that the Hugging Face hub reads.

A release is for the world and the same whoever makes it, so that the card is in English in every language of the program.
Nothing that a page says is in it: no titles, names of outlets or keywords, which are in the data and in the tables of statistics.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osiris_crawler.export.release.citing import citation, quoted
from osiris_crawler.export.release.facts import RIGHTS, TEXTS, Facts
from osiris_crawler.export.release.figures import NO_YEAR
from osiris_crawler.export.release.terms import LICENSES
from osiris_crawler.export.shapes import Kind, Shape, shapes

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")  # BCP 47; a dataset of old may have what a page declared
_TOLD = {
    "withdrawn": "no longer on the site; the record stays, with the instant of its withdrawal",
    "duplicates": "reprints of an article that is in it as well, named by `duplicate_of`",
    "changed": "changed by the site since the first capture; the newest version is here",
    "with_issues": "with a part that could not be read, named in `issues`",
}


def card(facts: Facts) -> str:
    """Front matter and text."""
    return "\n".join(["---", *_front(facts), "---", "", *_text(facts)]) + "\n"


def _front(facts: Facts) -> Iterator[str]:
    yield f"pretty_name: {quoted(facts.title)}"
    terms = facts.terms
    if terms.license is None:
        yield "license: unknown"
    elif terms.with_text:  # of the metadata alone, which the hub has no word for
        yield from (
            "license: other",
            f"license_name: {terms.license.casefold()}-metadata-only",
            "license_link: README.md",
        )
    else:
        yield f"license: {LICENSES[terms.license][2]}"
    if codes := facts.figures.codes():
        yield from ("language:", *(f"  - {quoted(code)}" for code in codes))  # quoted: “no” is false in YAML
    size = next((name for most, name in _SIZES if facts.figures.articles < most), "1M<n<10M")
    yield from ("size_categories:", f"  - {size}", "tags:", "  - press", "  - web-archive", "  - spip")
    yield from ("configs:", "  - config_name: default", "    data_files:", "      - split: train")
    yield "        path: data/*.parquet"


def _text(facts: Facts) -> Iterator[str]:
    figures, terms = facts.figures, facts.terms
    kinds = "tables of statistics in CSV and charts in SVG" if facts.plots else "tables of statistics in CSV"
    yield from (f"# {_plain(facts.title)}", "", _plain(facts.abstract), "")
    yield from ("## Rights", "", RIGHTS, "")
    if terms.with_text:
        yield from ("Texts are in it. The basis that was given for that:", "", f"> {_plain(terms.basis)}", "")
    else:
        left_out = ", ".join(f"`{name}`" for name in TEXTS)
        yield from (
            f"No text of an article is in it: {left_out} are left out. Titles and addresses lead to the originals.",
            "",
        )
    yield from (facts.license_told, "")
    yield from (
        "## What is in it",
        "",
        f"Version {facts.version}: {figures.articles} articles, as captured up to {facts.day}.",
        "",
    )
    yield from _rows(
        ("File", "What it is"),
        [
            ("`data/articles-YYYY.parquet`", "the articles by year of publication, all of one schema"),
            (f"`{facts.lines.path}`", "the same articles, one JSON object a line"),
            ("`schema.json`", "JSON Schema of a line"),
            ("`statistics.json`", "how many articles, by year, language and kind, and how many have what"),
            ("`statistics/`", f"{kinds}: over time, keywords, outlets, lengths, reprints, fields"),
            ("`croissant.json`, `datapackage.json`", "Croissant and Frictionless descriptions"),
            ("`datacite.json`, `CITATION.cff`", "how to register and to cite it"),
            ("`checksums-sha256.txt`", "`sha256sum -c checksums-sha256.txt`"),
            *([("`certificate/`", "an audit's certificate: what the site names against what is held")] * bool(facts.certificate)),
        ],
    )  # fmt: skip
    yield from (
        "### Splits",
        "",
        "One, called `train` because readers want a name. Nothing was drawn or held back.",
        "",
    )
    rows = {file.path.removeprefix("data/articles-").removesuffix(".parquet"): file for file in facts.tables}
    yield from _rows(
        ("Year", "Articles", "Bytes of Parquet"),
        [(f"{year}", f"{file.rows}", f"{file.bytes}") for year, file in sorted(rows.items())],
    )
    yield from ("### Languages", "", "As the pages say or as it was told from the text; `und` where neither did.", "")
    languages = [
        (f"`{_plain(tag)}`", f"{count}") for tag, count in figures.as_json()["languages"].items() if _TAG.fullmatch(tag)
    ]
    yield from _rows(("Language", "Articles"), languages)
    yield from ("### Fields", "")
    yield from _rows(
        ("Field", "Type", "Meaning"),
        [(f"`{name}`", _type(shapes()[name]), shapes()[name].description) for name in facts.names],
    )
    yield from _loading()
    yield from _making(facts)
    yield from _limits(facts)
    yield from ("## Citation", "", _plain(citation(facts)), "")
    if not terms.creators:
        yield "Nobody was named as its creator when it was made."


def _loading() -> Iterator[str]:
    yield from (
        "## Loading", "", "```python", 'datasets.load_dataset("FOLDER")            # Hugging Face datasets',
        'pandas.read_parquet("FOLDER/data")', 'polars.read_parquet("FOLDER/data")',
        "duckdb.sql(\"SELECT * FROM 'FOLDER/data/*.parquet'\")", "```", "",
        "```r", 'arrow::open_dataset("FOLDER/data")', "```", "",
    )  # fmt: skip


def _making(facts: Facts) -> Iterator[str]:
    of = f" {_plain(facts.site)}" if facts.site else " a SPIP site"
    readers = ", ".join(_plain(one) for one in facts.figures.readers)
    yield from (
        "## How it was made", "",
        f"{facts.software} captured{of} into WARC files between {facts.figures.oldest[:10]} and {facts.day}, every answer as it "
        f"came, and read the articles from these files with reader {readers}. `capture` names the file, the offset and the "
        "record that each was read from; `content_digest` is the sum of its content. Nothing was corrected by hand. The same "
        "archive gives the same release, byte for byte.", "",
    )  # fmt: skip


def _limits(facts: Facts) -> Iterator[str]:
    figures = facts.figures
    yield from ("## Known limits", "")
    counts = [
        (figures.years[NO_YEAR], "without a date"),
        *((figures.notable[name], told) for name, told in _TOLD.items()),
    ]
    yield from (f"- {count} of {figures.articles}: {told}." for count, told in counts if count)
    if facts.restricted:
        yield "- Articles that must not be shown are not in it, nor told of."
    yield "- Dates, sections, keywords and names are the site's own, with its errors."
    yield "- A press archive is a choice of its editors: what it reprints is no sample of the press."
    if not facts.plots:
        yield "- There are no charts of the statistics: what draws them was not installed."
    if facts.certificate:
        yield f"- What the site names and the archive lacks is in [the certificate]({facts.certificate})."
    else:
        yield f"- No certificate of completeness is in it: {facts.no_certificate}."
    yield ""


def _type(shape: Shape) -> str:
    if shape.kind is Kind.LIST and shape.item is not None:
        return f"list of {_type(shape.item)}"
    if shape.kind is Kind.STRUCT:
        return "{" + ", ".join(shape.parts) + "}"
    return f"{shape.kind.value}, or null" if shape.nullable else str(shape.kind.value)


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table of Markdown; its cells have no bars of their own."""
    names = list(head)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    yield from ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    yield ""


def _plain(text: str) -> str:
    """A text that makes no markup of HTML; what the operator writes may be Markdown."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
