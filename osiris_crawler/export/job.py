"""What a format is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from osiris_crawler.dataset.reading import no_dataset
from osiris_crawler.export.choosing import Choice
from osiris_crawler.export.release.terms import Terms
from osiris_crawler.paths import Collection

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """An export: of what, to where, and what it is to say of itself. `created` is all that differs between two of them."""

    collection: Collection
    to: Path
    title: str | None = None
    description: str | None = None
    with_restricted: bool = False  # for keeping: what must not be shown is in it
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    progress: Progress = lambda done, total: None  # bytes
    choice: Choice = Choice()  # noqa: RUF009 - it is frozen
    fields: tuple[str, ...] = ()  # of the record, in this order; none is all
    compress: str | None = None  # one of packing.WAYS
    excel: bool = False
    terms: Terms = Terms()  # noqa: RUF009 - it is frozen
    contact: str | None = None  # of the operator, who hands it on

    def articles(self) -> BinaryIO:
        """The dataset's lines; UsageError when there are none."""
        try:
            return self.collection.articles.open("rb")
        except FileNotFoundError:
            raise no_dataset(self.collection) from None


@dataclass(slots=True)
class Written:
    """A file or a folder that was written: `counts` of what is in it, by name, what was left out and why, and `told` of it."""

    path: Path
    bytes: int
    counts: dict[str, int]
    left_out: dict[str, int] = field(default_factory=dict)
    told: str = ""  # a sentence for people in place of the counts of a WACZ
    warnings: list[str] = field(default_factory=list)


class Format(Protocol):
    """A format: its name on the command line, the ending of its files, and how one is written.

    A `suffix` that begins with no dot is that of a folder's name.
    """

    name: str
    suffix: str

    def write(self, job: Job) -> Written:
        """Write `job.to` in one step; OsirisError when that can't be, then nothing is left behind."""
        ...
