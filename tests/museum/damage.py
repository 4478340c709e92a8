"""Damages done to a collection: each function takes it and gives the name of the file it spoiled."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

from osiris_crawler.archive import files, fixity, index
from osiris_crawler.archive.reader import Record, records
from osiris_crawler.archive.records import digest
from osiris_crawler.paths import Collection

Damage = Callable[[Collection], str]


def victim(collection: Collection, place: int = 1) -> Path:
    """A closed file, neither the first nor the last of its kind."""
    return files.closed_files(collection.archive)[place]


def member(plain: bytes, level: int = 6) -> bytes:
    """A gzip member."""
    frame = zlib.compressobj(level, zlib.DEFLATED, 31)
    return frame.compress(plain) + frame.flush()


def members(path: Path) -> list[bytes]:
    """The gzip members of a file, as they lie there."""
    data = path.read_bytes()
    return [data[record.offset : record.offset + record.length] for record in records(path)]


def rewritten(path: Path, change: Callable[[Record, bytes], list[bytes]]) -> None:
    """Write a file anew: `change` gives the members that stand in a record's place."""
    data = path.read_bytes()
    parts: list[bytes] = []
    for record in records(path):
        parts += change(record, data[record.offset : record.offset + record.length])
    path.write_bytes(b"".join(parts))


def reseal(collection: Collection, path: Path) -> str:
    """Let manifest and index say what the file now is, as if a bad writer had made it so."""
    sums = fixity.read(collection.manifest)
    sums[path.name] = fixity.sha256(path)
    fixity.write(collection.manifest, sums)
    lines = index.Lines(collection.index.parent, index.lines_of(path, path.name))
    index.merge(collection.index, lines, without=[path.name])
    return path.name


def first_of(path: Path, kind: str) -> Record:
    return next(record for record in records(path) if record.type == kind)


def file_with(collection: Collection, kind: str) -> Path:
    """The first file that holds a record of a type."""
    return next(
        path for path in files.closed_files(collection.archive) if any(r.type == kind for r in records(path))
    )


# -- bytes ----------------------------------------------------------------------------------------------------------


def truncated(fraction: float) -> Damage:
    def damage(collection: Collection) -> str:
        path = victim(collection)
        with path.open("r+b") as out:
            out.truncate(int(path.stat().st_size * fraction))
        return path.name

    return damage


def truncated_at_member(shift: int) -> Damage:
    """Cut so many bytes behind (or before) the beginning of the last member but five."""

    def damage(collection: Collection) -> str:
        path = victim(collection)
        offset = [record.offset for record in records(path)][-6]
        with path.open("r+b") as out:
            out.truncate(offset + shift)
        return path.name

    return damage


def left_open(fraction: float) -> Damage:
    """The newest file as a killed run leaves it: open, unknown to index and manifest, torn somewhere."""

    def damage(collection: Collection) -> str:
        path = files.closed_files(collection.archive)[-1]
        sums = fixity.read(collection.manifest)
        del sums[path.name]
        fixity.write(collection.manifest, sums)
        index.merge(collection.index, index.Lines(collection.index.parent), without=[path.name])
        with path.open("r+b") as out:
            out.truncate(int(path.stat().st_size * fraction))
        path.rename(path.with_name(path.name + files.OPEN))
        return path.name

    return damage


def overwritten(where: str, size: int = 700, value: bytes = b"\0") -> Damage:
    def damage(collection: Collection) -> str:
        path = victim(collection)
        whole = path.stat().st_size
        at = {"start": 0, "middle": whole // 2}[where]
        with path.open("r+b") as out:
            out.seek(at)
            out.write(value * size)
        return path.name

    return damage


def zeroed_end(collection: Collection) -> str:
    """The last three members as a disk gives them that lost its cache."""
    path = victim(collection)
    at = [record.offset for record in records(path)][-3]
    data = path.read_bytes()
    path.write_bytes(data[:at] + bytes(len(data) - at))
    return path.name


def flipped(part: str) -> Damage:
    """One bit in a response's gzip member: its header, its body, its trailer."""

    def damage(collection: Collection) -> str:
        path = victim(collection)
        record = first_of(path, "response")
        at = {"magic": 0, "method": 2, "body": record.length // 2, "crc": record.length - 6, "size": record.length - 2}
        data = bytearray(path.read_bytes())
        data[record.offset + at[part]] ^= 4
        path.write_bytes(data)
        return path.name

    return damage


def in_one_member(collection: Collection) -> str:
    """A whole file compressed at once, as `gzip FILE.warc` does it."""
    path = victim(collection)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    return path.name


def recompressed(collection: Collection) -> str:
    """The same records in other bytes."""
    path = victim(collection)

    rewritten(path, lambda record, data: [member(gzip.decompress(data), level=1)])
    return path.name


def garbage_between(collection: Collection) -> str:
    path = victim(collection)
    parts = members(path)
    path.write_bytes(b"".join(parts[:9]) + b"\x1f\x8b\x08garbage, and no member" * 9 + b"".join(parts[9:]))
    return path.name


def gone(collection: Collection) -> str:
    path = victim(collection)
    path.unlink()
    return path.name


def unknown(collection: Collection) -> str:
    """A closed file that nobody has taken in."""
    path = victim(collection)
    sums = fixity.read(collection.manifest)
    del sums[path.name]
    fixity.write(collection.manifest, sums)
    index.merge(collection.index, index.Lines(collection.index.parent), without=[path.name])
    return path.name


def open_beside_closed(collection: Collection) -> str:
    path = victim(collection)
    path.with_name(path.name + files.OPEN).write_bytes(path.read_bytes()[:5000])
    return path.name + files.OPEN


# -- records, as a bad writer would make them -------------------------------------------------------------------------


def altered(kind: str, change: Callable[[bytes], bytes], *, only: bytes = b"") -> Damage:
    """The first record of a type with other bytes, in a good gzip member; index and manifest agree with it."""

    def damage(collection: Collection) -> str:
        path = file_with(collection, kind)
        done: list[str] = []

        def one(record: Record, data: bytes) -> list[bytes]:
            plain = gzip.decompress(data)
            if done or record.type != kind or only not in plain:
                return [data]
            done.append(record.id)
            changed = change(plain)
            assert changed != plain
            return [member(changed)]

        rewritten(path, one)
        assert done
        return reseal(collection, path)

    return damage


def swapped_letter(plain: bytes) -> bytes:
    """A block of the same length with another letter in it."""
    head, end, block = plain.partition(b"\r\n\r\n")
    return head + end + block.replace(b"a", b"b", 1)


def without(name: str) -> Callable[[bytes], bytes]:
    return lambda plain: re.sub(rb"(?m)^" + name.encode() + rb":[^\r\n]*\r\n", b"", plain, count=1)


def with_field(name: str, value: str) -> Callable[[bytes], bytes]:
    def change(plain: bytes) -> bytes:
        field = name.encode() + b": " + value.encode()
        return re.sub(rb"(?m)^" + name.encode() + rb":[^\r\n]*", field, plain, count=1)

    return change


def payload_lie(plain: bytes) -> bytes:
    return with_field("WARC-Payload-Digest", digest(b"something else"))(plain)


def dropped(kind: str) -> Damage:
    def damage(collection: Collection) -> str:
        path = victim(collection)
        wanted = first_of(path, kind).id
        rewritten(path, lambda record, data: [] if record.id == wanted else [data])
        return reseal(collection, path)

    return damage


def doubled(collection: Collection) -> str:
    path = victim(collection)
    wanted = first_of(path, "metadata").id
    rewritten(path, lambda record, data: [data, data] if record.id == wanted else [data])
    return reseal(collection, path)


# -- views -----------------------------------------------------------------------------------------------------------


def index_with(change: Callable[[list[bytes]], list[bytes]]) -> Damage:
    def damage(collection: Collection) -> str:
        lines = collection.index.read_bytes().splitlines(keepends=True)
        collection.index.write_bytes(b"".join(change(lines)))
        return ""

    return damage


def no_index(collection: Collection) -> str:
    collection.index.unlink()
    return ""


def ledger_with(sql: str) -> Damage:
    def damage(collection: Collection) -> str:
        connection = sqlite3.connect(collection.state)
        changed = connection.execute(sql).rowcount
        connection.commit()
        connection.close()
        assert changed > 0
        return ""

    return damage


def ledger_zeroed(collection: Collection) -> str:
    with collection.state.open("r+b") as out:
        out.write(b"\0" * 8192)
    return ""


def dataset_with(change: Callable[[dict], None]) -> Damage:  # type: ignore[type-arg]
    def damage(collection: Collection) -> str:
        lines = [json.loads(line) for line in collection.articles.read_text("utf-8").splitlines()]
        change(lines[3])
        collection.articles.write_text(
            "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines), "utf-8"
        )
        return ""

    return damage


def torn_dataset(collection: Collection) -> str:
    data = collection.articles.read_bytes()
    collection.articles.write_bytes(data[: len(data) * 2 // 3])
    return ""


def lines_of_dataset(change: Callable[[list[bytes]], list[bytes]]) -> Damage:
    def damage(collection: Collection) -> str:
        lines = collection.articles.read_bytes().splitlines(keepends=True)
        collection.articles.write_bytes(b"".join(change(lines)))
        return ""

    return damage


def changes_garbage(collection: Collection) -> str:
    with collection.changes.open("ab") as out:
        out.write(b"no event\n")
    return ""


def empty(ending: str) -> Damage:
    """A file of ours without a byte in it."""

    def damage(collection: Collection) -> str:
        name = victim(collection).name.replace("-0", "-9", 1)
        path = collection.archive / (name + ending)
        assert not path.exists()
        path.touch()
        return name

    return damage


def folder(collection: Collection) -> str:
    (collection.archive / "c-folder.warc.gz").mkdir()
    return "c-folder.warc.gz"


def dangling(collection: Collection) -> str:
    (collection.archive / "c-link.warc.gz").symlink_to(collection.root / "nowhere")
    return "c-link.warc.gz"
