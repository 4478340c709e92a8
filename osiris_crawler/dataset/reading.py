"""The dataset read back: the lines of articles.jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection


def read_articles(collection: Collection) -> Iterator[dict[str, Any]]:
    """Each record of articles.jsonl; UsageError without the file, IntegrityError for a line that is no record."""
    if not collection.articles.exists():
        raise UsageError(
            _("There is no dataset in %(path)s.") % {"path": collection.root},
            _("“osiris rebuild” makes it from the WARC files."),
        )
    with collection.articles.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                article = json.loads(line)
                if not isinstance(article["id"], str):
                    raise TypeError(article["id"])
            except (ValueError, KeyError, TypeError, RecursionError) as problem:
                raise IntegrityError(
                    _("Line %(line)d of articles.jsonl can't be read.") % {"line": number},
                    _("“osiris rebuild” makes it from the WARC files."),
                ) from problem
            yield article
