"""What every description of a release is derived from: the data that was written, the record's definition, the terms."""

from __future__ import annotations

from dataclasses import dataclass, field

from osiris_crawler.export.release.figures import Figures
from osiris_crawler.export.release.terms import LICENSES, Terms

RIGHTS = (
    "The articles are reprints and texts of the press. Their rights belong to their authors and publishers; whoever made "
    "this release can't license them and doesn't."
)
TEXTS = ("lead", "body", "ps", "notes")
PARQUET = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the release: its path in it, size, sum and, of a table, the rows."""

    path: str
    bytes: int
    sha256: str
    media: str
    rows: int | None = None


@dataclass(slots=True)
class Facts:
    """`names` are the record's fields that are in it; `site` is empty where no WARC file of ours says it."""

    name: str
    title: str
    description: str
    site: str
    software: str
    names: list[str]
    terms: Terms
    figures: Figures
    files: list[File] = field(default_factory=list)
    restricted: bool = False  # whether restrictions are in force, whatever they hide
    plots: bool = False
    certificate: str = ""  # the page's path in the release
    no_certificate: str = ""  # why there is none

    @property
    def day(self) -> str:
        """The newest capture's, YYYY-MM-DD: the same archive gives the same day."""
        return self.figures.newest[:10]

    @property
    def version(self) -> str:
        """The day as a version of three numbers, which Croissant asks for."""
        return ".".join(str(int(part)) for part in self.day.split("-"))

    @property
    def tables(self) -> list[File]:
        return [file for file in self.files if file.media == PARQUET]

    @property
    def lines(self) -> File:
        return next(file for file in self.files if file.path.startswith("articles.jsonl"))

    @property
    def abstract(self) -> str:
        what = "Records with their texts" if self.terms.with_text else "Metadata, without texts,"
        of = f" of {self.site}" if self.site else ""
        told = f"{what} of {self.figures.articles} articles of the press archive{of}, as captured up to {self.day}."
        return " ".join(part for part in (self.description, told) if part)

    @property
    def license_told(self) -> str:
        """What may be done with the metadata."""
        if self.terms.license is None:
            return "No licence is stated for the metadata."
        name, url, _hub = LICENSES[self.terms.license]
        return f"The metadata is under {name} ({self.terms.license}, {url}); the licence holds for nothing else."

    @property
    def basis_told(self) -> str:
        return f"The texts are in it on this basis: {self.terms.basis}" if self.terms.with_text else ""
