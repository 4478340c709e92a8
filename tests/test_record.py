from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from osiris_crawler.record import Article, content_digest, json_schema, keys

CONTRACT_KEYS = [
    "id",
    "url",
    "urls",
    "title",
    "overline",
    "subtitle",
    "date",
    "date_text",
    "section",
    "tags",
    "authors",
    "lead",
    "body",
    "ps",
    "notes",
    "sources",
    "link",
    "images",
    "documents",
    "language",
    "kind",
    "duplicate_of",
    "version",
    "first_seen",
    "last_changed",
    "withdrawn",
    "content_digest",
    "capture",
    "reader",
    "issues",
]
CAPTURE = {"warc": "a.warc.gz", "offset": 0, "record_id": "<urn:uuid:1>", "date": "2026-01-01T00:00:00.000001Z"}
FACTS: dict[str, Any] = {
    "title": "T",
    "date": "2015-01-30",
    "body": "B",
    "sources": [{"text": "(Source : APS)"}],
    "images": [{"url": "http://s/IMG/a.jpg?17"}],
    "documents": [],
}


def article(**values: Any) -> Article:
    return Article(id="1", url="http://s/a", content_digest="sha256:" + "0" * 64, capture=CAPTURE, reader="1", **values)


def test_the_keys_are_the_contract_s_in_its_order() -> None:
    assert keys() == CONTRACT_KEYS
    assert list(json.loads(article().line())) == CONTRACT_KEYS


def test_a_line_fits_its_schema() -> None:
    jsonschema.validate(json.loads(article(date="2015-01-30", first_seen=CAPTURE["date"]).line()), json_schema())


@pytest.mark.parametrize(
    "bad", [{"date": "30/01/2015"}, {"kind": "story"}, {"version": 0}, {"sources": [{"text": "x"}]}]
)
def test_what_does_not_fit_the_schema(bad: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(article(**bad).line()), json_schema())


def test_a_line_is_one_line_and_keeps_the_text_as_written() -> None:
    line = article(title="L’été :\n« é »").line()
    assert "\n" not in line
    assert json.loads(line)["title"] == "L’été :\n« é »"
    assert "été" in line


@pytest.mark.parametrize(
    "change",
    [{"title": "U"}, {"date": None}, {"body": "C"}, {"lead": "x"}, {"notes": ["n"]}, {"authors": ["a"]}, {"ps": "p"},
     {"sources": []}, {"documents": [{"url": "http://s/IMG/a.pdf"}]}],
)  # fmt: skip
def test_content_changes_the_digest(change: dict[str, Any]) -> None:
    assert content_digest({**FACTS, **change}) != content_digest(FACTS)


@pytest.mark.parametrize(
    "change",
    [{"tags": ["x"]}, {"images": [{"url": "http://s/IMG/a.jpg?18"}]}, {"lead": ""},
     {"images": [{"url": "http://s/IMG/a.jpg"}, {"url": "http://s/local/cache-vignettes/L1xH1/a-12.jpg"}]}],
)  # fmt: skip
def test_chrome_stamps_and_thumbnails_do_not(change: dict[str, Any]) -> None:
    assert content_digest({**FACTS, **change}) == content_digest(FACTS)
