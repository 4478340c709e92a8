"""The dataset read back: the lines of articles.jsonl."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from osiris_crawler.errors import IntegrityError, UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection


def no_dataset(collection: Collection) -> UsageError:
    """The error that a collection has no dataset, with what can be done about it: nothing while a run is making one."""
    what = _("There is no dataset in %(path)s.") % {"path": collection.root}
    if collection.is_held():
        return UsageError(
            what,
            _("A run is at work on the collection: the dataset comes with its end, in a long one after an hour; "
              "“osiris status” shows how far it is."),
        )  # fmt: skip
    return UsageError(what, _("“osiris rebuild” makes it from the WARC files."))


def read_articles(collection: Collection) -> Iterator[dict[str, Any]]:
    """Each record of articles.jsonl; UsageError without the file, IntegrityError for a line that is no record."""
    if not collection.articles.exists():
        raise no_dataset(collection)
    with collection.articles.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            yield article_of(line, number)


def _has_id(article: Mapping[str, Any]) -> None:
    if not isinstance(article["id"], str):
        raise TypeError(article["id"])


def article_of(line: bytes, number: int, check: Callable[[dict[str, Any]], object] = _has_id) -> dict[str, Any]:
    """A line as a record; IntegrityError when it is none. `check` looks at what is needed of it: its TypeError, KeyError or
    ValueError says that it is not there."""
    try:
        article: dict[str, Any] = json.loads(line)
        check(article)
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise unreadable(number) from problem
    return article


def unreadable(line: int) -> IntegrityError:
    """The error that a line of articles.jsonl can't be read."""
    return IntegrityError(
        _("Line %(line)d of articles.jsonl can't be read.") % {"line": line},
        _("“osiris rebuild” makes it from the WARC files."),
    )
