"""Access rules: in pywb's order, and obeyed by pywb's own checker, each of many and no neighbour of one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from osiris_crawler.archive.surt import surt
from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.paths import Collection
from osiris_crawler.replay.blocking import aclj, blocked
from tests.pywb import pywb_python

CHECKER = """
import json, sys
from pywb.warcserver.access_checker import AccessChecker
checker = AccessChecker(sys.argv[1])
print(json.dumps([checker.find_access_rule(url)["access"] for url in json.load(sys.stdin)]))
"""


def collection(tmp_path: Path, restrictions: str, articles: str | None = None) -> Collection:
    found = Collection(tmp_path, "c")
    found.create()
    found.restrictions.write_text(restrictions, "utf-8")
    if articles is not None:
        found.articles.write_text(articles, "utf-8")
    return found


def line(id: str, *urls: str) -> str:
    return json.dumps({"id": id, "url": urls[0], "urls": list(urls)}) + "\n"


def test_rules_are_in_pywbs_order() -> None:
    rules = aclj(["sn,osiris)/a", "sn,osiris)/a/b", "sn,osiris)/a", "sn,osiris)/"]).decode().splitlines()
    assert [rule.split(" ")[0] for rule in rules] == ["sn,osiris)/a/b###", "sn,osiris)/a###", "sn,osiris)/###"]
    assert json.loads(rules[0].split(" ", 2)[2]) == {"access": "block", "url": "sn,osiris)/a/b"}
    assert aclj([]) == b""


def test_pywb_blocks_each_and_nothing_else(tmp_path: Path) -> None:
    paths = [f"{stem}{n}{end}" for n in range(400) for stem in ("Article-", "IMG/pdf/a_") for end in ("", ".html")]
    paths += ["spip.php?article3", "spip.php?page=article&id_article=3", "a", "a/b", "a#b", "é.html", "x%20y"]
    hosts = ["http://www.osiris.sn/", "http://127.0.0.1:8480/"]
    hidden = [host + path for host in hosts for path in paths]
    again = [url.replace("http://www.", "https://") for url in hidden]
    free = [url + end for url in hidden for end in ("-2", "/c", "?x=1", "&x=1") if "#" not in url]
    free += [
        "http://osiris.sn/",
        "http://osiris.com/a",
        "http://127.0.0.1:8481/a",
        "http://zz.example/",
        "http://a.aa/",
    ]
    blocked_keys = {surt(url) for url in hidden}
    free = [url for url in free if surt(url) not in blocked_keys]
    assert len(free) > 5000
    rules = tmp_path / "rules.aclj"
    rules.write_bytes(aclj(blocked_keys))
    done = subprocess.run(
        [pywb_python(), "-I", "-c", CHECKER, rules], input=json.dumps([*hidden, *again, *free]),
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    access = json.loads(done.stdout)
    asked = [*hidden, *again]
    assert [url for url, found in zip(asked, access, strict=False) if found != "block"] == []
    assert [url for url, found in zip(free, access[len(asked) :], strict=True) if found != "allow"] == []


def test_an_id_stands_for_all_addresses(tmp_path: Path) -> None:
    articles = line("1", "http://www.a.sn/One.html", "http://a.sn/spip.php?article1") + line("2", "http://a.sn/two")
    assert blocked(collection(tmp_path, '{"id":"1"}', articles)) == {"sn,a)/one.html", "sn,a)/spip.php?article1"}


def test_an_articles_address_stands_for_its_others(tmp_path: Path) -> None:
    articles = line("1", "http://www.a.sn/One.html", "http://a.sn/spip.php?article1") + line("2", "http://a.sn/two")
    found = blocked(collection(tmp_path, '{"url":"https://a.sn/spip.php?article1"}', articles))
    assert found == {"sn,a)/one.html", "sn,a)/spip.php?article1"}


def test_an_address_that_is_no_articles(tmp_path: Path) -> None:
    assert blocked(collection(tmp_path, '{"url":"http://a.sn/IMG/pdf/x.pdf"}')) == {"sn,a)/img/pdf/x.pdf"}


def test_other_scopes_and_past_ones_block_nothing(tmp_path: Path) -> None:
    lines = '{"id":"1","scope":"dataset"}\n{"id":"2","until":"2001-01-01"}\n'
    assert blocked(collection(tmp_path, lines)) == frozenset()


@pytest.mark.parametrize("articles", [None, line("2", "http://a.sn/two")])
def test_an_id_that_nobody_knows_is_an_error(articles: str | None, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in the dataset: 1"):
        blocked(collection(tmp_path, '{"id":"1"}', articles))


def test_a_torn_dataset_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OsirisError, match="Line 2 of "):
        blocked(collection(tmp_path, '{"id":"1"}', line("1", "http://a.sn/one") + '{"id":'))
