"""A museum of damaged archives: each is found by `verify`, each is mended or named beyond mending, nothing is lost."""

from __future__ import annotations

import gzip
import random
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from osiris_crawler.archive import files, fixity
from osiris_crawler.archive.reader import records
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.errors import UsageError
from osiris_crawler.paths import Collection
from osiris_crawler.verify import verifying
from osiris_crawler.verify.mending import Mended, mend
from osiris_crawler.verify.verdict import Verdict
from osiris_crawler.verify.verifying import verify
from tests.museum import damage as d
from tests.museum.damage import Damage


@dataclass(frozen=True)
class Exhibit:
    """A damage, a fault that must be found, and whether mending makes all whole."""

    name: str
    damage: Damage
    fault: str
    mended: bool


FRACTIONS = [0.0001, 0.002, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999]
EXHIBITS = [
    *(Exhibit(f"cut-at-{fraction}", d.truncated(fraction), "cut-short", True) for fraction in (0, *FRACTIONS)),
    *(Exhibit(f"cut-{shift}-behind-a-member", d.truncated_at_member(shift), "torn", True) for shift in (1, 2, 9, 10, 11, 60)),
    *(Exhibit(f"cut-{shift}-before-a-member", d.truncated_at_member(-shift), "torn", True) for shift in (1, 4, 8, 9)),
    Exhibit("cut-between-members", d.truncated_at_member(0), "cut-short", True),
    *(Exhibit(f"open-cut-at-{fraction}", d.left_open(fraction), "left-open", True) for fraction in (0, *FRACTIONS, 1)),
    Exhibit("zeroes-at-the-start", d.overwritten("start"), "damage", False),
    Exhibit("zeroes-in-the-middle", d.overwritten("middle"), "damage", False),
    Exhibit("zeroes-at-the-end", d.zeroed_end, "damage", False),
    Exhibit("a-page-of-zeroes", d.overwritten("middle", 4096), "damage", False),
    Exhibit("ones-in-the-middle", d.overwritten("middle", 200, b"\xff"), "damage", False),
    *(Exhibit(f"bit-in-{part}", d.flipped(part), "bit-rot", False) for part in ("magic", "method", "body", "crc", "size")),
    Exhibit("one-member-for-all", d.in_one_member, "shared-member", False),
    Exhibit("recompressed", d.recompressed, "changed", False),
    Exhibit("garbage-between-members", d.garbage_between, "damage", False),
    Exhibit("file-gone", d.gone, "missing-file", False),
    Exhibit("file-unknown", d.unknown, "unsealed", True),
    Exhibit("open-beside-closed", d.open_beside_closed, "left-open", True),
    # a bad writer
    Exhibit("block-changed", d.altered("response", d.swapped_letter, only=b"text/html"), "block-digest", False),
    Exhibit("request-changed", d.altered("request", d.swapped_letter), "block-digest", False),
    Exhibit("payload-digest-wrong", d.altered("response", d.payload_lie, only=b" 200 OK"), "payload-digest", False),
    Exhibit("no-block-digest", d.altered("response", d.without("WARC-Block-Digest")), "missing-header", False),
    Exhibit("no-date", d.altered("metadata", d.without("WARC-Date")), "missing-header", False),
    Exhibit("no-address", d.altered("request", d.without("WARC-Target-URI")), "missing-header", False),
    Exhibit("no-length", d.altered("request", d.without("Content-Length")), "damage", False),
    Exhibit("bad-date", d.altered("metadata", d.with_field("WARC-Date", "yesterday")), "bad-date", False),
    Exhibit("future-date", d.altered("metadata", d.with_field("WARC-Date", "2999-01-01T00:00:00Z")), "future", False),
    Exhibit("odd-type", d.altered("metadata", d.with_field("WARC-Type", "opinion")), "unknown-type", False),
    Exhibit("no-empty-lines", d.altered("request", lambda plain: plain[:-4]), "form", False),
    Exhibit("request-dropped", d.dropped("request"), "no-request", False),
    Exhibit("response-dropped", d.dropped("response"), "no-response", False),
    Exhibit("warcinfo-dropped", d.dropped("warcinfo"), "no-warcinfo", False),
    Exhibit("other-request", d.altered("request", d.with_field("WARC-Target-URI", "http://127.0.0.1/x")), "pair-differs", False),
    Exhibit("record-twice", d.doubled, "twice", False),
    Exhibit(
        "revisit-to-nothing",
        d.altered("revisit", d.with_field("WARC-Refers-To-Date", "2001-01-01T00:00:00.000000Z")),
        "revisit-to-nothing",
        False,
    ),
    Exhibit("revisit-without-target", d.altered("revisit", d.without("WARC-Refers-To-Target-URI")), "missing-header", False),
    Exhibit("dates-backwards", d.altered("response", d.with_field("WARC-Date", "2001-01-01T00:00:00.000000Z")), "pair-differs", False),
    # views
    Exhibit("index-out-of-order", d.index_with(lambda lines: lines[5:] + lines[:5]), "index-order", True),
    Exhibit("index-lacks-a-line", d.index_with(lambda lines: lines[:7] + lines[8:]), "index-behind", True),
    Exhibit("index-has-a-line-twice", d.index_with(lambda lines: lines[:7] + lines[6:]), "index-order", True),
    Exhibit("index-of-another", d.index_with(lambda lines: sorted([*lines, b'x)/ 2 {"filename": "x.warc.gz"}\n'])), "index-ahead", True),
    Exhibit("index-garbage", d.index_with(lambda lines: [*lines, b"zz \xff\x00 no line\n"]), "index-ahead", True),
    Exhibit("index-torn", d.index_with(lambda lines: [*lines[:-1], lines[-1][:30]]), "index-behind", True),
    Exhibit("index-empty", d.index_with(lambda lines: []), "index-behind", True),
    Exhibit("index-gone", d.no_index, "no-index", True),
    Exhibit("ledger-behind", d.ledger_with("DELETE FROM captures WHERE id % 9 = 4"), "ledger-behind", True),
    Exhibit("ledger-ahead", d.ledger_with("UPDATE captures SET offset = offset + 7 WHERE id = 12"), "ledger-ahead", True),
    Exhibit("ledger-differs", d.ledger_with("UPDATE captures SET status = 500 WHERE id = 12"), "ledger-differs", True),
    Exhibit("ledger-zeroed", d.ledger_zeroed, "ledger-damaged", True),
    Exhibit("pointer-elsewhere", d.dataset_with(lambda line: line["capture"].update(offset=3)), "pointer-to-nothing", True),
    Exhibit("pointer-wrong", d.dataset_with(lambda line: line["capture"].update(record_id="<urn:x>")), "pointer-differs", True),
    Exhibit("pointer-to-no-file", d.dataset_with(lambda line: line["capture"].update(warc="x.warc.gz")), "pointer-to-nothing", True),
    Exhibit("text-changed", d.dataset_with(lambda line: line.update(body="Tout autre chose.")), "dataset-line", True),
    Exhibit("dataset-torn", d.torn_dataset, "dataset-line", True),
    Exhibit("pointer-far-beyond", d.dataset_with(lambda line: line["capture"].update(offset=10**9)), "pointer-to-nothing", True),
    Exhibit("pointer-before", d.dataset_with(lambda line: line["capture"].update(offset=-5)), "dataset-line", True),
    Exhibit("pointer-endless", d.dataset_with(lambda line: line["capture"].update(offset=1e999)), "dataset-line", True),
    Exhibit("section-changed", d.dataset_with(lambda line: line.update(section=["Ailleurs"])), "dataset-differs", True),
    Exhibit("line-gone", d.lines_of_dataset(lambda lines: lines[:5] + lines[6:]), "dataset-differs", True),
    Exhibit("line-twice", d.lines_of_dataset(lambda lines: lines[:5] + lines[4:]), "dataset-line", True),
    Exhibit("line-too-deep", d.lines_of_dataset(lambda lines: [*lines, b"[" * 100_000 + b"\n"]), "dataset-line", True),
    Exhibit("changes-garbage", d.changes_garbage, "dataset-differs", True),
    Exhibit("ledger-beyond", d.ledger_with("UPDATE captures SET offset = 1000000000 WHERE id = 12"), "ledger-ahead", True),
    Exhibit("index-of-a-folder", d.index_with(lambda lines: sorted([*lines, b'x)/ 2 {"filename": ".."}\n'])), "index-ahead", True),
    Exhibit("empty-closed", d.empty(""), "nothing", True),
    Exhibit("empty-open", d.empty(files.OPEN), "left-open", True),
    Exhibit("cut-to-nothing", d.truncated(0), "nothing", True),
    Exhibit("a-folder", d.folder, "no-file", False),
    Exhibit("a-link-to-nothing", d.dangling, "no-file", False),
]  # fmt: skip


def look(collection: Collection) -> Verdict:
    try:
        site = site_of(collection)
    except UsageError:
        site = None
    return verify(collection, site)


def repair(collection: Collection, *accept: str) -> Mended:
    return mend(collection, None, say=lambda text: None, accept=accept)


def ids(collection: Collection) -> Counter[str]:
    """Every record that can be read, wherever it lies: archive, or what was kept aside."""
    found: Counter[str] = Counter()
    for path in collection.archive.iterdir():
        if path.is_file():
            found.update(record.id for record in records(path))
    return found


def held(collection: Collection) -> int:
    """Bytes of all that lies in the archive."""
    return sum(path.stat().st_size for path in collection.archive.iterdir() if path.is_file())


def test_the_whole_is_whole(exhibit: Collection) -> None:
    verdict = look(exhibit)
    assert verdict.whole, verdict.in_order()[:5]
    for check in ("fixity", "members", "block-digest", "payload-digest", "pairs", "revisits", "index", "ledger", "dataset", "text"):
        assert verdict.looked[check] >= 3, check
    mended = repair(exhibit)
    assert (mended.done, mended.verdict.whole) == ([], True)


@pytest.mark.parametrize("piece", EXHIBITS, ids=[piece.name for piece in EXHIBITS])
def test_exhibit(piece: Exhibit, exhibit: Collection) -> None:
    spoiled = piece.damage(exhibit)
    before, size = ids(exhibit), held(exhibit)
    verdict = look(exhibit)
    assert not verdict.whole
    codes = {fault.code for fault in verdict.faults}
    assert piece.fault in codes, codes
    if spoiled:
        assert spoiled.removesuffix(files.OPEN) in {fault.file.removesuffix(files.OPEN) for fault in verdict.faults}
    assert all(fault.what() and fault.step() for fault in verdict.faults)

    mended = repair(exhibit)
    left = mended.verdict.in_order()
    assert mended.verdict.whole == piece.mended, left[:5]
    if piece.mended:
        assert mended.done
    else:
        assert spoiled in {fault.file for fault in left}
    assert ids(exhibit) & before == before, "a record that could be read is gone"
    assert held(exhibit) >= size, "bytes were deleted"

    again = repair(exhibit)
    assert again.done == [], "mending twice does something twice"
    assert {fault.code for fault in again.verdict.faults} == {fault.code for fault in left}


@pytest.mark.parametrize("piece", [piece for piece in EXHIBITS if piece.mended and not piece.name.startswith(("cut", "open-cut"))], ids=lambda piece: piece.name)
def test_what_is_mended_gives_the_same_dataset(piece: Exhibit, exhibit: Collection, whole: Path) -> None:
    piece.damage(exhibit)
    repair(exhibit)
    there = Collection(whole, "c")
    assert exhibit.articles.read_bytes() == there.articles.read_bytes()
    assert exhibit.changes.read_bytes() == there.changes.read_bytes()
    assert exhibit.index.read_bytes() == there.index.read_bytes()
    assert exhibit.manifest.read_bytes() == there.manifest.read_bytes()


def test_a_file_brought_back_makes_all_whole_again(exhibit: Collection, whole: Path) -> None:
    name = d.flipped("body")(exhibit)
    copy = Collection(whole, "c").archive / name
    dataset = exhibit.articles.read_bytes()
    assert not repair(exhibit).verdict.whole
    assert exhibit.articles.read_bytes() == dataset, "what the dataset holds of the damaged page stays"
    shutil.copy(copy, exhibit.archive / name)
    assert look(exhibit).whole


@pytest.mark.parametrize("damage", [d.recompressed, d.gone, d.zeroed_end], ids=["recompressed", "gone", "zeroes"])
def test_what_is_accepted_is_made_to_agree(damage: Damage, exhibit: Collection) -> None:
    name = damage(exhibit)
    size = held(exhibit)
    mended = repair(exhibit, name)
    left = {fault.code for fault in mended.verdict.faults}
    assert left <= {"revisit-to-nothing", "damage"}, mended.verdict.in_order()[:5]
    assert held(exhibit) >= size
    assert name in exhibit.events.read_text("utf-8")
    assert repair(exhibit).done == []


def test_only_a_faulty_file_can_be_accepted(exhibit: Collection) -> None:
    with pytest.raises(UsageError):
        repair(exhibit, "nothing.warc.gz")


def test_an_archive_of_nothing_is_not_whole(exhibit: Collection) -> None:
    for path in exhibit.archive.iterdir():
        path.unlink()
    verdict = look(exhibit)
    assert not verdict.whole
    assert {"nothing", "missing-file"} <= {fault.code for fault in verdict.faults}


def test_a_linked_file_is_not_cut(exhibit: Collection, tmp_path: Path) -> None:
    """What lies elsewhere is read, and left as it is."""
    path = d.victim(exhibit)
    there = tmp_path / "elsewhere.warc.gz"
    path.rename(there)
    path.symlink_to(there)
    assert look(exhibit).whole
    data = there.read_bytes()
    there.write_bytes(data[:-400])
    mended = repair(exhibit)
    assert not mended.verdict.whole
    assert there.read_bytes() == data[:-400]


def test_an_import_that_was_torn_is_left_as_it_was_taken_in(exhibit: Collection) -> None:
    """It is kept unchanged, and its faults are counted as what they are: not ours."""
    path = d.victim(exhibit)
    name = f"import-{'0' * 16}-old.warc.gz"
    (exhibit.archive / name).write_bytes(path.read_bytes()[:-60])
    d.reseal(exhibit, exhibit.archive / name)
    verdict = look(exhibit)
    assert "torn" not in {fault.code for fault in verdict.faults}
    assert verdict.notes["as-taken-in"] == 1
    before = (exhibit.archive / name).read_bytes()
    repair(exhibit)
    assert (exhibit.archive / name).read_bytes() == before
    (exhibit.archive / name).write_bytes(before[:-60])
    assert {"bit-rot"} == {fault.code for fault in look(exhibit).faults if fault.check == "fixity"}
    repair(exhibit)
    assert (exhibit.archive / name).read_bytes() == before[:-60]


def test_a_renamed_collection_goes_on_in_time(exhibit: Collection) -> None:
    """Files are named after the collection: runs are in the order of their dates, not of their names."""
    newest = [path for path in files.closed_files(exhibit.archive) if path.name > d.victim(exhibit, 5).name]
    assert newest
    sums = fixity.read(exhibit.manifest)
    for path in newest:
        other = path.with_name("aa" + path.name)
        sums[other.name] = sums.pop(path.name)
        path.rename(other)
    fixity.write(exhibit.manifest, sums)
    assert not [fault for fault in look(exhibit).faults if fault.check == "dates"]


def test_a_kill_while_an_end_is_cut_leaves_work_to_do(exhibit: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest is written before the cut; what follows is told by ledger and dataset alone."""
    from osiris_crawler.verify import mending

    d.truncated_at_member(0)(exhibit)
    monkeypatch.setattr(mending, "_cut_at", lambda path, end: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        repair(exhibit)
    monkeypatch.undo()
    assert not look(exhibit).whole
    assert repair(exhibit).verdict.whole


def test_a_name_may_be_said_twice(exhibit: Collection) -> None:
    name = d.gone(exhibit)
    repair(exhibit, name, name)
    assert name not in fixity.read(exhibit.manifest)


def test_events_tell_of_repairs(exhibit: Collection) -> None:
    d.left_open(0.5)(exhibit)
    repair(exhibit)
    lines = exhibit.events.read_text("utf-8").splitlines()
    assert '"eventType": "repair"' in lines[-1]


def test_plain_files_are_read_too(exhibit: Collection) -> None:
    """A file without compression, as other crawlers write it, is held to the same."""
    path = d.victim(exhibit)
    path.with_name("plain.warc").write_bytes(gzip.decompress(path.read_bytes()))
    verdict = look(exhibit)
    assert {"unsealed", "twice"} <= {fault.code for fault in verdict.faults if fault.file == "plain.warc"}


def test_an_archive_stored_in_a_record_is_no_part_of_the_file(
    exhibit: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stretch that would begin in the body of such a record begins behind it, in a compressed file and in a plain one."""
    path = d.victim(exhibit)
    stored = path.read_bytes()
    noise = random.Random(1).randbytes(30_000)  # what does not compress, as a stored archive does not
    block = b"HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\n\r\n" + noise + stored + noise
    record = (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        b"WARC-Date: 2020-01-01T00:00:00Z\r\nWARC-Target-URI: http://elsewhere/x.warc.gz\r\n"
        b"Content-Type: application/http;msgtype=response\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n" % (len(block), block)
    )
    zipped, plain = (exhibit.archive / f"import-{number * 16}-old.warc{end}" for number, end in (("1", ".gz"), ("2", "")))
    zipped.write_bytes(stored + d.member(record, level=0) + stored)
    plain.write_bytes(gzip.decompress(stored) + record + gzip.decompress(stored))
    d.reseal(exhibit, zipped)
    d.reseal(exhibit, plain)
    exhibit.state.unlink()
    whole = look(exhibit)
    assert not [fault for fault in whole.faults if fault.file in (zipped.name, plain.name)]
    monkeypatch.setattr(verifying, "_STRETCH", 7_000)
    parts = look(exhibit)
    assert parts.looked == whole.looked
    assert parts.in_order() == whole.in_order()
