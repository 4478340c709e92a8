"""osiris export as a user types it: where it writes, what it refuses, and what is left when it can't end."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from osiris_crawler.archive import fixity, index
from osiris_crawler.errors import OsirisError
from osiris_crawler.export.job import Job
from osiris_crawler.export.packing import zstd
from osiris_crawler.export.wacz import Wacz
from osiris_crawler.paths import remove_leftovers
from tests import warm
from tests.conftest import ROOT, articles
from tests.export.datasets import Dataset
from tests.peers.conftest import Crawled

Listing = Callable[[Path], list[str]]


def python(code: str, of: Crawled, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs code where the collection is, as `osiris` would."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=of.folder, capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OSIRIS_LANG": "en"},
    )  # fmt: skip


def pages(path: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as package:
        return [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()[1:]]


def test_it_writes_to_the_collections_exports(copied: Crawled, listing: Listing) -> None:
    done = copied.osiris("export", "wacz", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    path = copied.folder / said["path"]
    assert path == copied.collection.exports / "c.wacz"
    assert said["bytes"] == path.stat().st_size
    assert (said["files"], said["pages"]) == (len(copied.files), 61)
    assert said["captures"] == len(list(index.shown(copied.collection.index)))
    assert said["left_out"] == {"restricted": 0, "not_closed": 0}
    assert listing(copied.collection.exports) == ["c.wacz"]


def test_it_writes_where_it_is_told(copied: Crawled, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    done = copied.osiris("export", "WACZ", "--to", tmp_path / "disk", "--title", "Presse", "--description", "*Tout.*")
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path / 'disk' / 'c.wacz'}" in done.stderr
    with zipfile.ZipFile(tmp_path / "disk" / "c.wacz") as package:
        described = json.loads(package.read("datapackage.json"))
    assert (described["title"], described["description"]) == ("Presse", "*Tout.*")
    assert copied.osiris("export", "wacz", "--to", tmp_path / "new" / "x.wacz").returncode == 0
    assert (tmp_path / "new" / "x.wacz").exists()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["export", "wacs"], "Near ones: wacz"),
        (["export", "zzz"], "Near ones: bagit, csv, jsonl, markdown, parquet, release, sqlite, text, wacz"),
        (["export"], "FORMAT"),
        (["export", "wacz", "--to", "x.zip"], "--to x.zip.wacz"),
        (["export", "wacz", "--to", "/dev/null/x.wacz"], "Choose another place"),
        (["export", "wacz", "-o", "nowhere"], "no collection"),
        (["export", "jsonl", "--to", "x.json"], "--to x.json does not end in .jsonl. Write --to x.json.jsonl"),
        (["export", "jsonl", "--to", "x.jsonl", "--compress", "zst"], "does not end in .jsonl.zst"),
        (["export", "parquet", "--to", "x.parquet.gz"], "does not end in .parquet"),
        (["export", "parquet", "--compress", "gz"], "--compress says nothing to parquet. Formats that take it: jsonl, csv."),
        (["export", "jsonl", "--excel"], "Formats that take it: csv."),
        (["export", "csv", "--title", "x"], "--title says nothing to csv"),
        (["export", "bagit", "--tag", "x"], "--tag can't choose among the articles in them. Formats that it can choose for: jsonl, csv,"),
        (["export", "csv", "--fields", "id,titel"], "'titel'. Near ones: title"),
        (["export", "csv", "--since", "2015-02-30"], "There is no such day"),
        (["export", "csv", "--compress", "zip"], "'zip'"),
    ],
)
def test_what_is_asked_wrongly(arguments: list[str], part: str, copied: Crawled) -> None:
    done = copied.osiris(*arguments, "--json")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert part in done.stderr
    assert json.loads(done.stdout)["exit"] == 2


def test_nothing_closed_and_no_dataset(copied: Crawled, listing: Listing) -> None:
    manifest = copied.collection.manifest.read_bytes()
    copied.collection.manifest.unlink()
    done = copied.osiris("export", "wacz")
    assert (done.returncode, "is closed" in done.stderr, "osiris rebuild" in done.stderr) == (2, True, True)
    copied.collection.manifest.write_bytes(manifest)
    copied.collection.articles.unlink()
    done = copied.osiris("export", "wacz")
    assert (done.returncode, "no dataset" in done.stderr, "osiris rebuild" in done.stderr) == (2, True, True)
    assert listing(copied.collection.exports) == []


def test_a_warc_file_that_changed_or_is_gone(copied: Crawled, listing: Listing) -> None:
    path = copied.files[1]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    done = copied.osiris("export", "wacz")
    assert (done.returncode, path.name in done.stderr, "osiris verify" in done.stderr) == (6, True, True), done.stderr
    path.unlink()
    done = copied.osiris("export", "wacz")
    assert (done.returncode, path.name in done.stderr) == (6, True)
    assert listing(copied.collection.exports) == []


def test_an_index_that_does_not_know_an_article(copied: Crawled, listing: Listing) -> None:
    article = articles(copied.collection.output, "c")[7]
    index = copied.collection.index
    kept = [
        line
        for line in index.read_text("utf-8").splitlines(keepends=True)
        if f'"offset": "{article["capture"]["offset"]}", "filename": "{article["capture"]["warc"]}"' not in line
    ]
    index.write_text("".join(kept), "utf-8")
    done = copied.osiris("export", "wacz")
    assert (done.returncode, article["id"] in done.stderr, "osiris rebuild" in done.stderr) == (6, True, True)
    index.unlink()
    done = copied.osiris("export", "wacz")
    assert (done.returncode, "knows no capture" in done.stderr) == (6, True)
    assert listing(copied.collection.exports) == []


@pytest.mark.parametrize("line", ["{", "[]", '{"id":"x","capture":null}', '"\\ud800'])
def test_a_dataset_that_cannot_be_read(line: str, copied: Crawled, listing: Listing) -> None:
    with copied.collection.articles.open("a", encoding="utf-8") as out:
        out.write(line + "\n")
    done = copied.osiris("export", "wacz")
    assert (done.returncode, "Line 61 of" in done.stderr, len(done.stderr.splitlines())) == (6, True, 1), done.stderr
    assert listing(copied.collection.exports) == []


@pytest.mark.parametrize("fields", ['"offset": "x", ', '"url": 1, "offset": ', ""])
def test_an_index_that_cannot_be_read(fields: str, copied: Crawled, listing: Listing) -> None:
    with copied.collection.index.open("a", encoding="utf-8") as out:
        out.write(f'zz)/ 20260101000000 {{{fields}"filename": "{copied.files[0].name}"}}\n')
    done = copied.osiris("export", "wacz")
    assert (done.returncode, "can't be read: zz)/" in done.stderr) == (6, True), done.stderr
    assert listing(copied.collection.exports) == []


def test_choosing_fields_and_compression_as_they_are_typed(dataset: Dataset) -> None:
    made = dataset()

    def export(*arguments: str) -> subprocess.CompletedProcess[str]:
        return warm.run("export", *arguments, cwd=made.folder)

    done = export("jsonl", "--to", "x.jsonl.zst", "--tag", "INTERNET", "--tag", "zzz", "--no-duplicates", "--fields", "id,tags", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["path"], said["articles"]) == ("x.jsonl.zst", 1)
    assert said["left_out"] == {"restricted": 0, "filtered": 5, "undated": 0}
    assert said["warnings"] == ["No article has what --tag 'zzz' asks for."]
    assert zstd.decompress((made.folder / "x.jsonl.zst").read_bytes()) == '{"id":"1","tags":["Internet","Téléphonie"]}\n'.encode()
    done = export("csv", "--section", "articles de presse", "--outlet", "Le Soleil", "--until", "2015", "--excel", "--compress", "gz")
    assert done.returncode == 0, done.stderr
    assert "c.csv.gz: " in done.stderr
    assert "1 article. 5 articles are not what was asked for." in done.stderr
    assert gzip.decompress((made.collection.exports / "c.csv.gz").read_bytes()).startswith(b"\xef\xbb\xbfid;")
    made.restrict({"id": "1"})
    done = export("text", "--to", "t", "--tag", "\x1b[31mInternet", "--with-restricted", "--title", "T")
    assert (done.returncode, "\x1b" in done.stderr) == (0, False)
    assert "No article is left" in done.stderr
    assert "keep this file, do not show it" in done.stderr


def test_a_folder_that_another_export_wrote_is_no_place(dataset: Dataset) -> None:
    made = dataset()
    made.export("release", "r")
    before = sorted(str(path) for path in (made.folder / "r").rglob("*"))
    done = warm.run("export", "text", "--to", "r", cwd=made.folder)
    assert (done.returncode, "no export of this kind" in done.stderr) == (2, True), done.stderr
    assert sorted(str(path) for path in (made.folder / "r").rglob("*")) == before


# -- what is restricted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["all", "dataset", "exports", "replay"])
def test_restrictions_stop_it_unless_it_is_for_keeping(scope: str, copied: Crawled, listing: Listing) -> None:
    one, other = articles(copied.collection.output, "c")[3:5]
    copied.collection.restrictions.write_text(
        json.dumps({"id": one["id"], "scope": scope, "reason": "r", "authority": "a", "until": None}) + "\n"
        + json.dumps({"url": other["url"].replace("http:", "https:"), "scope": scope}) + "\n"
    )  # fmt: skip
    done = copied.osiris("export", "wacz")
    assert done.returncode == 2
    assert all(part in done.stderr for part in ("(2: ", one["id"], "--with-restricted"))
    assert listing(copied.collection.exports) == []
    done = copied.osiris("export", "wacz", "--with-restricted", "--json")
    assert (done.returncode, json.loads(done.stdout)["left_out"]["restricted"]) == (0, 2), done.stderr
    left = {page["id"] for page in pages(copied.collection.exports / "c.wacz")}
    assert len(left) == 59
    assert not left & {one["id"], other["id"]}


def test_a_restricted_home_page_is_no_page(copied: Crawled) -> None:
    home = copied.osiris("export", "wacz").returncode == 0 and pages(copied.collection.exports / "c.wacz")[0]
    assert home
    assert home["id"] == "/"
    copied.collection.restrictions.write_text(json.dumps({"url": home["url"]}) + "\n")
    assert copied.osiris("export", "wacz", "--with-restricted").returncode == 0
    assert len(pages(copied.collection.exports / "c.wacz")) == 60
    with zipfile.ZipFile(copied.collection.exports / "c.wacz") as package:
        described = json.loads(package.read("datapackage.json"))
    assert "mainPageUrl" not in described


def test_restrictions_that_do_not_hold_here(copied: Crawled) -> None:
    id = articles(copied.collection.output, "c")[3]["id"]
    copied.collection.restrictions.write_text(
        json.dumps({"id": id, "scope": "search"}) + "\n" + json.dumps({"id": id, "until": "2020-01-01"}) + "\n"
    )
    done = copied.osiris("export", "wacz")
    assert done.returncode == 0, done.stderr
    assert id in {page["id"] for page in pages(copied.collection.exports / "c.wacz")}


def test_restrictions_that_cannot_be_read(copied: Crawled, listing: Listing) -> None:
    copied.collection.restrictions.write_text("{\n")
    assert copied.osiris("export", "wacz", "--with-restricted").returncode == 2
    assert listing(copied.collection.exports) == []


# -- when it can't end ------------------------------------------------------------------------------------------------

_FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from osiris_crawler.cli import main
main(["export", "wacz", "-c", "c"])
"""
_KILLED = """
import os, signal, sys
from pathlib import Path
from osiris_crawler.export.job import Job
from osiris_crawler.export.packing import zstd
from osiris_crawler.export.wacz import Wacz
from osiris_crawler.paths import Collection
def progress(done, total):
    if done > int(sys.argv[1]) * total / 100:
        os.kill(os.getpid(), signal.SIGKILL)
Wacz().write(Job(Collection(Path("output"), "c"), Path("output/collections/c/exports/c.wacz"), progress=progress))
"""


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_a_full_disk_leaves_the_last_export_and_nothing_else(share: float, copied: Crawled, listing: Listing) -> None:
    """A file that may not grow stands for a disk that is full."""
    assert copied.osiris("export", "wacz").returncode == 0
    before = (copied.collection.exports / "c.wacz").read_bytes()
    done = python(_FULL, copied, str(int(len(before) * share)))
    assert done.returncode == 1, done.stderr
    assert "Make room" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert listing(copied.collection.exports) == ["c.wacz"]
    assert (copied.collection.exports / "c.wacz").read_bytes() == before


@pytest.mark.parametrize("share", [0, 40, 90])
def test_a_kill_leaves_nothing_under_the_name_and_the_next_one_clears_up(
    share: int, copied: Crawled, listing: Listing
) -> None:
    killed = python(_KILLED, copied, str(share))
    assert killed.returncode == -signal.SIGKILL
    (left,) = listing(copied.collection.exports)
    assert left.startswith(".c.wacz.")
    assert copied.osiris("export", "wacz").returncode == 0
    assert listing(copied.collection.exports) == ["c.wacz"]


def test_what_another_process_is_writing_stays(tmp_path: Path) -> None:
    living, gone = tmp_path / f".c.wacz.{os.getppid()}.part", tmp_path / ".c.wacz.99999999.part"
    odd, others = tmp_path / ".c.wacz.x.part", tmp_path / ".d.wacz.99999999.part"
    for path in (living, gone, odd, others):
        path.touch()
    remove_leftovers(tmp_path / "c.wacz")
    assert [path.exists() for path in (living, gone, odd, others)] == [True, False, True, True]


def test_room_is_looked_for_before_it_begins(
    copied: Crawled, tmp_path: Path, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = sum(path.stat().st_size for path in copied.files)
    read: list[int] = []
    for free, enough in ((needed - 1, False), (2 * needed + 10_000_000, True)):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr("osiris_crawler.export.placing.shutil.disk_usage", lambda path, found=usage: found)
        job = Job(copied.collection, tmp_path / "out" / "c.wacz", progress=lambda done, total: read.append(done))
        if enough:
            Wacz().write(job)
            continue
        with pytest.raises(OsirisError, match="free there"):
            Wacz().write(job)
        assert read == []
        assert listing(tmp_path / "out") == []
    assert listing(tmp_path / "out") == ["c.wacz"]


def test_progress_ends_at_its_end(copied: Crawled, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    Wacz().write(Job(copied.collection, tmp_path / "c.wacz", progress=lambda done, total: told.append((done, total))))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] == 2 * sum(path.stat().st_size for path in copied.files)


def test_the_manifest_is_what_says_which_files_are_closed(copied: Crawled) -> None:
    assert set(fixity.read(copied.collection.manifest)) == {path.name for path in copied.files}
