"""How fast the reading room answers: searches and first pages over 36,000 articles, asked for over HTTP as a browser asks.

    python benchmarks/browsing.py --articles 36000

The dataset is invented, grown from the embedded site's texts. The room is `osiris browse` itself, in a process of its own.
A search is asked for with every page new to the room, so that nothing is answered from what it remembers.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from osiris_crawler.demo.world import World
from osiris_crawler.paths import Collection
from osiris_crawler.record import Article, content_digest

PLACES = ("Dakar", "Matam", "Louga", "Podor", "Kolda", "Kaolack", "Gorée", "Ziguinchor")
ONE = "2026-01-01T00:00:00.000000Z"
WORDS = (
    "opérateur historique", "telephonie rurale", "l'opérateur", "consommateurs", "Dakar fibre optique", "\"téléphonie rurale\"",
    "régulation des télécommunications OU autorités", "fibre -Dakar", "tél*", "radios communautaires", "paiements mobiles",
    "syndicat des travailleurs", "Thiès", "conseils régionaux", "facture electronique", "le Sénégal", "câble sous-marin",
    "ministère", "haut débit", "cartes SIM université",
)  # fmt: skip
OUTLETS = (
    "Le Soleil",
    "Sud Quotidien",
    "Wal Fadjri",
    "Agence de presse sénégalaise",
    "Le Quotidien",
    "L’Observateur",
    "Nettali",
)


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Articles by date, then id; words that no other article has stand in each, as names and figures do."""
    world, chance = World(count), random.Random(1)
    for piece in sorted(world.pieces.values(), key=lambda piece: (piece.day, str(piece.number))):
        rare = " ".join(
            f"{chance.choice('BDKMNST')}{chance.choice(('a', 'ou', 'é'))}{chance.randrange(9000)}" for _n in range(6)
        )
        article = Article(
            id=str(piece.number), url=f"http://127.0.0.1/{piece.path}", urls=[f"http://127.0.0.1/{piece.path}"], title=piece.title,
            date=piece.day.isoformat(), section=[section.title for section in world.path_of(piece.section)],
            tags=[piece.tag] if piece.tag else chance.sample(("TIC", "Internet", "Régulation", "Mobile", "Fracture numérique"), 2),
            lead=piece.lead, body=f"{piece.body()}\n\n{rare}", ps=piece.ps, notes=piece.notes, language="fr", first_seen=ONE,
            sources=[{"text": f"(Source : {name})", "name": name, "outlet": name, "url": None, "date": None}
                     for name in chance.sample(OUTLETS, 1)],
            last_changed=ONE, reader="0", capture={"warc": "a.warc.gz", "offset": 0, "record_id": "<urn:x>", "date": ONE},
        )  # fmt: skip
        article.content_digest = content_digest(json.loads(article.line()))
        yield json.loads(article.line())


def dataset(collection: Collection, count: int) -> None:
    collection.create()
    with collection.articles.open("w", encoding="utf-8") as out:
        for article in rows(count):
            out.write(json.dumps(article, ensure_ascii=False, separators=(",", ":")) + "\n")


def timed(connection: http.client.HTTPConnection, path: str, bodies: list[bytes] | None = None) -> float:
    """Milliseconds until an answer is there, whole."""
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 200, (path, answer.status)
    if bodies is not None:
        bodies.append(body)
    return took


def processor_time(process: int) -> float | None:
    """Milliseconds that a process has computed; None where that can't be told. A busy machine doesn't lengthen them much."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return None
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def spread(name: str, found: list[float], most: float | None = None) -> bool:
    """Print a line; whether the median is as good as is asked."""
    found = sorted(found)
    median = statistics.median(found)
    asked = f"  asked: < {most:.0f}" if most is not None else ""
    print(f"{name:34}{len(found):6}{median:10.1f}{found[int(len(found) * 0.95) - 1]:10.1f}{found[-1]:10.1f}{asked}")
    return most is None or median < most


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=36_000)
    options.add_argument("--output", type=Path, help="keep the invented collection here; one that is there is taken")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="osiris-bench-") as folder:
        output = given.output or Path(folder)
        collection = Collection(output, "bench")
        if not collection.articles.exists():
            dataset(collection, given.articles)
        command = [
            sys.executable,
            "-m",
            "osiris_crawler",
            "browse",
            "-o",
            str(output),
            "-c",
            "bench",
            "--no-browser",
            "--no-replay",
            "--json",
        ]
        began = time.monotonic()
        room = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert room.stdout is not None
            told = json.loads(room.stdout.readline())
            ready = time.monotonic() - began
            where = urlsplit(told["url"])
            size = Path(told["database"]).stat().st_size
            print(
                f"{told['articles']} articles, {collection.articles.stat().st_size / 1e6:.0f} MB of lines, database {size / 1e6:.0f} MB,"
            )
            print(
                f"made and opened in {ready:.1f} s. Milliseconds:\n\n{'':34}{'times':>6}{'median':>10}{'95 %':>10}{'worst':>10}"
            )
            connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
            first = timed(connection, "/")  # nothing was asked before
            good = spread("the first page, the very first time", [first])
            good &= spread("the first page", [timed(connection, "/") for _n in range(20)], 300)
            chance = random.Random(2)
            asked = []
            for turn in range(10):
                # Another second word each time: the room has not met the question yet.
                for words in WORDS:
                    more = "" if turn == 0 else f" {chance.choice(PLACES)} OU zz{chance.randrange(10**6)}"
                    asked.append(f"/search?{urlencode({'q': words + more})}")
            before = processor_time(room.pid)
            good &= spread("a search, as a page", [timed(connection, path) for path in asked], 50)
            if before is not None:
                spent = ((processor_time(room.pid) or 0) - before) / len(asked)
                print(f"{'':4}({spent:.1f} ms of the room's processor time each, in the mean)")
            again, bodies = [path.replace("/search?", "/search.json?") for path in asked], list[bytes]()
            spread("the same again, as JSON", [timed(connection, path, bodies) for path in again])
            found = sorted(json.loads(body)["articles"] for body in bodies)
            assert found[0] > 0, "a search that finds nothing measures nothing"
            print(f"{'':4}(they find {found[0]} to {found[-1]} articles, {statistics.median(found):.0f} in the median)")
            years = [f"/search?{urlencode({'q': chance.choice(WORDS), 'year': year})}" for year in range(2000, 2025)]
            spread("a search within a year", [timed(connection, path) for path in years])
            spread("a facet alone", [timed(connection, f"/search?outlet={quote(name)}") for name in OUTLETS])
            spread(
                "an article",
                [timed(connection, f"/article/{chance.randrange(1, told['articles'])}") for _n in range(50)],
            )
            spread("the timeline", [timed(connection, "/timeline") for _n in range(10)])
        finally:
            room.terminate()
            room.wait()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
