"""The articles of an export, one after the other: read, withheld where they must not be shown, chosen; in one pass.

What every format of rows shares. Nothing is held but ids of what is hidden and, without duplicates, of what was taken.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from osiris_crawler.care.restrictions import hidden, read
from osiris_crawler.dataset.reading import article_of, unreadable
from osiris_crawler.export.choosing import FILTERED, UNDATED, Chooser
from osiris_crawler.export.job import Job
from osiris_crawler.export.shapes import shapes
from osiris_crawler.i18n import _, ngettext

RESTRICTED = "restricted"
SCOPES = ("dataset", "exports")  # what is not in the dataset is not in what is made of it
# Half of a letter outside the BMP, which UTF-8 can't write alone: as an escape, and as Python reads it from bytes.
_HALF = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")


class Rows:
    """Iterate once; then `taken`, `left_out` and `warnings` are whole.

    UsageError when there is no dataset or its restrictions can't be read, IntegrityError for a line that is no article.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._kept_back = hidden(read(job.collection.restrictions), *SCOPES, now=job.created)
        self._veiled: set[str] = set()
        with job.articles() as stream:
            self.size = stream.seek(0, 2)
        self._chooser = Chooser(job.choice)
        self.sum = hashlib.sha256()  # of the lines that were read
        self.taken = 0
        self.left_out = {RESTRICTED: 0, FILTERED: 0, UNDATED: 0}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        done = 0
        with self._job.articles() as lines:
            for number, line in enumerate(lines, 1):
                article = self._shown(_article(line, number))
                if article is not None:
                    self.taken += 1
                    yield article
                self.sum.update(line)
                done += len(line)
                self._job.progress(done, self.size)

    def _shown(self, article: dict[str, Any]) -> dict[str, Any] | None:
        """An article that is taken; its reference to one that is hidden, whose id may be made of its title, is not shown."""
        if not self._job.with_restricted and self._kept_back.hides(article):
            self._veiled.add(article["id"])
            self.left_out[RESTRICTED] += 1
            return None
        reason = self._chooser.reason(article)
        if reason is not None:
            self.left_out[reason] += 1
            return None
        return {**article, "duplicate_of": None} if article["duplicate_of"] in self._veiled else article

    def count(self) -> int:
        """How many articles there are, taken or not."""
        with self._job.articles() as lines:
            return sum(1 for _line in lines)

    @property
    def warnings(self) -> list[str]:
        """What people should know of a choice: names that nothing has, and that nothing is left."""
        sentences = self._chooser.unknown()
        if not self.taken:
            sentences.append(_("No article is left: what was written is valid and has none in it."))
        return sentences

    def told(self) -> str:
        """How many were taken, and why others were not."""
        count = ngettext("%(count)d article.", "%(count)d articles.", self.taken) % {"count": self.taken}
        return " ".join([count, *self.told_left_out()])

    def told_left_out(self) -> list[str]:
        """A sentence for every reason why articles were not taken."""
        sentences = []
        if count := self.left_out[FILTERED]:
            text = ngettext(
                "%(count)d article is not what was asked for.", "%(count)d articles are not what was asked for.", count
            )
            sentences.append(text % {"count": count})
        if count := self.left_out[UNDATED]:
            text = ngettext(
                "%(count)d article has no date and is left out.",
                "%(count)d articles have no date and are left out.",
                count,
            )
            sentences.append(text % {"count": count})
        if count := self.left_out[RESTRICTED]:
            text = ngettext(
                "%(count)d article is restricted and left out.", "%(count)d articles are restricted and left out.", count
            )
            sentences.append(text % {"count": count})
        return sentences


def _article(line: bytes, number: int) -> dict[str, Any]:
    """A line that has every field of the record, each of its shape; IntegrityError else."""
    article = article_of(line, number, _whole)
    if _HALF.search(line):
        try:
            json.dumps(article, ensure_ascii=False).encode()
        except UnicodeEncodeError as problem:
            raise unreadable(number) from problem
    return article


def _whole(article: Mapping[str, Any]) -> None:
    for name, shape in shapes().items():
        if not shape.fits(article[name]):
            raise TypeError(name)
