"""Damage by chance, repeatable by its seed: bytes of any file of a collection, or of what its gzip members hold."""

from __future__ import annotations

import random
import traceback
import zlib
from pathlib import Path

from osiris_crawler.archive.reader import records
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.demo.server import serve
from osiris_crawler.demo.world import World
from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.paths import Collection
from osiris_crawler.verify.mending import mend
from osiris_crawler.verify.verifying import verify
from tests import warm
from tests.museum.damage import member

_VIEWS = ("indexes/index.cdxj", "state.sqlite", "dataset/articles.jsonl", "manifest-sha256.txt", "events.jsonl")


def small(folder: Path) -> Path:
    """OUTPUT of a collection of a dozen exchanges in two files, the second crawl with revisit records."""
    with serve(World(articles=20), "current") as site:
        for most in ("9", "4"):
            command = ("crawl", site.url, "-c", "c", "--delay", "0", "--quiet", "--max-requests", most)
            warm.run(*command, cwd=folder)
    return folder / "output"


def spoil(chance: random.Random, data: bytes) -> bytes:
    """Bytes with one to three damages."""
    out = bytearray(data)
    for _turn in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(out) + 1)
        size = chance.choice((1, 2, 4, 16, 64, 512, 4096))
        kind = chance.randrange(7)
        if kind == 0 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del out[at:]
        elif kind == 2:
            out[at : at + size] = bytes(len(out[at : at + size]))
        elif kind == 3:
            del out[at : at + size]
        elif kind == 4:
            out[at:at] = chance.randbytes(size)
        elif kind == 5:
            out[at : at + size] = chance.randbytes(size)
        else:
            other = chance.randrange(len(out) + 1)
            out[at:at] = out[other : other + size * 8]
    return bytes(out)


def within(chance: random.Random, path: Path) -> bytes:
    """A WARC file with one record spoiled inside a good gzip member, as a bad writer or an enemy would make it."""
    data = path.read_bytes()
    found = list(records(path))
    victim = chance.choice(found) if found else None
    parts = []
    for record in found:
        raw = data[record.offset : record.offset + record.length]
        if record is victim:
            plain = zlib.decompress(raw, 31)
            head = chance.random() < 0.6  # most of what a reader can stumble over stands in the header
            raw = member(spoil(chance, plain[:900]) + plain[900:] if head else spoil(chance, plain))
        parts.append(raw)
    return b"".join(parts)


def damage(collection: Collection, seed: int) -> str:
    """Spoil a collection; gives what was spoiled."""
    chance = random.Random(seed)
    warcs = sorted(collection.archive.iterdir())
    path = chance.choice(warcs) if chance.random() < 0.75 else collection.root / chance.choice(_VIEWS)
    if path.suffix == ".gz" and chance.random() < 0.5:
        path.write_bytes(within(chance, path))
    else:
        path.write_bytes(spoil(chance, path.read_bytes() if path.exists() else b""))
    if path.suffix == ".gz" and chance.random() < 0.2:
        path.rename(path.with_name(path.name + ".open"))
    return path.name


def stumbles(collection: Collection) -> str:
    """The traceback of what stumbled over a damaged collection; empty when it was looked at and mended in good order."""
    try:
        for path in collection.archive.iterdir():
            for record in records(path):
                assert record.length > 0
        for _turn in range(2):
            try:
                site = site_of(collection)
            except UsageError:
                site = None
            for fault in verify(collection, site).in_order():
                assert fault.what()
                assert fault.step()
            mend(collection, None, say=lambda text: None)
    except OsirisError as told:
        assert str(told)
    except Exception:
        return traceback.format_exc()
    return ""
