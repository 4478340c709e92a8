"""Reprints in a large dataset: precision, recall, time and memory of what is published, beside the exact digest's.

    python benchmarks/reprints.py --articles 40000

Texts of the embedded site, 320 words in the mean, lie in a ledger. Among them are planted copies in several degrees of
editing, which must be found, and look-alikes, which must not. Three processes read the same ledger: the exact digest of
a body's letters; the first publishing, which hashes every text; the next one, which finds the signatures kept.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from osiris_crawler.dataset.likeness import Text
from osiris_crawler.dataset.reprints import Entry, roots
from osiris_crawler.demo import words
from osiris_crawler.demo.world import World
from osiris_crawler.ledger.intake import body_digest
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.ledger.signatures import Signatures

EVERY = 10  # an article in so many has a copy or a look-alike
Edit = Callable[[str, random.Random], str]


def typography(text: str, _chance: random.Random) -> str:
    text = text.replace("«\u00a0", '"').replace("\u00a0»", '"').replace("’", "'").replace("\u00a0", " ")
    return text.replace("– ", "- ").replace("À", "A").replace(". ", ".  ")


def slips(text: str, chance: random.Random) -> str:
    """One word in a hundred misspelt."""

    def misspelt(match: re.Match[str]) -> str:
        word = match[0]
        at = chance.randrange(1, len(word) - 1)
        return word[:at] + word[at + 1 :] if chance.random() < 0.01 else word

    return re.sub(r"[a-zéèêàç]{6,}", misspelt, text)


def reworded(text: str, chance: random.Random) -> str:
    """Three ordinary words in a hundred replaced."""
    return re.sub(
        r"(?<= )[a-zéèê]{4,}(?= )",
        lambda m: chance.choice(("certes", "encore")) if chance.random() < 0.06 else m[0],
        text,
    )


def notice(text: str, chance: random.Random) -> str:
    before = f"Nous reprenons ici un texte paru le {chance.randint(1, 28)} mars."
    return f"{before}\n\n{text}\n\n(Repris sur le site le 9 janvier {chance.randint(2000, 2020)})"


def cut(text: str, _chance: random.Random) -> str:
    """A quarter is cut at the end, by sentences."""
    return text[: text.rfind(".", 0, len(text) * 76 // 100) + 1]


def mixed(text: str, chance: random.Random) -> str:
    cut_less = text[: text.rfind(".", 0, len(text) * 88 // 100) + 1]
    return notice(slips(typography(cut_less, chance), chance), chance)


def figures(text: str, chance: random.Random) -> str:
    """The notice of another month: every figure is another one."""
    return re.sub(r"\d+", lambda m: str(chance.randint(1001, 9998)), text)


def places(text: str, chance: random.Random) -> str:
    """The same sentences of other places."""
    turned = dict(zip(words.PLACES, words.PLACES[chance.randint(1, 5) :] + words.PLACES, strict=False))
    return re.sub("|".join(words.PLACES), lambda m: turned[m[0]], text)


def half(text: str, _chance: random.Random) -> str:
    return text[: text.rfind(".", 0, len(text) // 2) + 1]


def issue(text: str, chance: random.Random) -> str:
    return f"Éditorial\n\n{text}\n\nActualités\n\n{figures(places(text[::-1][: len(text) * 2 // 3], chance), chance)}"


COPIES: dict[str, Edit] = {
    "same": lambda text, _chance: text, "typography": typography, "slips": slips, "reworded": reworded, "notice": notice,
    "cut": cut, "mixed": mixed,
}  # fmt: skip
LOOK_ALIKES: dict[str, Edit] = {"figures": figures, "places": places, "half": half, "issue": issue}


def texts(count: int) -> Iterator[tuple[str, str]]:
    """(body, what it is): an article of the embedded site or a copy, which comes right after its first."""
    chance = random.Random(7)
    world = World(articles=count + count // 8)
    own = [piece for piece in world.pieces.values() if piece.kind == "article" and not piece.duplicate_of]
    edits = [*COPIES.items(), *LOOK_ALIKES.items()]
    made = 0
    for n, piece in enumerate(own):
        body = piece.body()
        if n % 2:
            body = f"{body}\n\n{own[n // 2].body()[: len(body)]}"
        yield body, ""
        made += 1
        if n % EVERY == 0 and len(body.split()) > 120 and piece.language == "fr":
            name, edit = edits[n // EVERY % len(edits)]
            yield edit(body, chance), name
            made += 1
        if made >= count:
            return


def make(folder: Path, count: int) -> None:
    """A ledger with the texts, and beside it what is planted: ids of pairs, by kind of edit."""
    ledger = Ledger(folder / "state.sqlite")
    planted: dict[str, list[tuple[str, str]]] = {}
    last, total = "", 0
    for n, (body, edit) in enumerate(texts(count)):
        id = str(n)
        day = (date(1998, 1, 1) + timedelta(days=n * 9000 // count)).isoformat()
        ledger.db.execute(
            "INSERT INTO readings (capture, kind, subject, body, date, facts) VALUES (?, 'article', ?, ?, ?, ?)",
            (n, id, body_digest(body), day, json.dumps({"lead": None, "body": body}, ensure_ascii=False)),
        )
        if edit:
            planted.setdefault(edit, []).append((last, id))
        else:
            last = id
        total += len(body.split())
    ledger.close()
    (folder / "planted.json").write_text(json.dumps({"planted": planted, "words": total}))


def find(folder: Path, way: str) -> dict[str, Any]:
    """The reprints among the texts; pairs as ids, seconds, and peak memory in MB."""
    began = time.monotonic()
    ledger = Ledger(folder / "state.sqlite")
    rows = ledger.db.query("SELECT capture, subject, body, date FROM readings ORDER BY date, subject")
    entries, places = [], []
    for row in rows:
        body = bytes.fromhex(row["body"]) if row["body"] else b""
        entries.append(Entry(row["subject"], row["capture"].to_bytes(32, "big"), body[:16]))
        places.append(row["capture"])

    def text(at: int) -> Text:
        facts = json.loads(ledger.db.value("SELECT facts FROM readings WHERE capture = ?", (places[at],)))
        return Text(facts["lead"], facts["body"])

    if way == "exact":
        firsts: dict[bytes, str] = {}
        found = {entry.id: firsts.setdefault(entry.body, entry.id) for entry in entries if entry.body}
        found = {id: first for id, first in found.items() if id != first}
    else:
        found = roots(entries, text, Signatures(ledger.db))
    ledger.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1048576)
    return {"seconds": round(time.monotonic() - began, 1), "peak_mb": round(peak), "found": found}


def pairs(found: dict[str, str]) -> set[tuple[str, str]]:
    """Unordered pairs of one group."""
    groups: dict[str, list[str]] = {}
    for id, first in found.items():
        groups.setdefault(first, [first]).append(id)
    return {(min(pair), max(pair)) for group in groups.values() for pair in combinations(group, 2)}


def score(
    way: dict[str, Any], planted: dict[str, list[tuple[str, str]]], chance: set[tuple[str, str]]
) -> dict[str, Any]:
    """Precision and recall; texts that are equal by chance are neither right nor wrong."""
    got = pairs(way.pop("found")) - chance
    right = {(min(pair), max(pair)) for edit in COPIES for pair in planted.get(edit, [])} - chance
    by_edit = Counter(
        edit for edit, planted_pairs in planted.items() for pair in planted_pairs if (min(pair), max(pair)) in got
    )
    return {
        **way,
        "pairs": len(got),
        "precision": round(len(got & right) / len(got), 4) if got else None,
        "recall": round(len(got & right) / len(right), 4),
        "found_by_edit": {edit: f"{by_edit[edit]} of {len(planted.get(edit, []))}" for edit in (*COPIES, *LOOK_ALIKES)},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=40000)
    parser.add_argument("--step", choices=("make", "exact", "first", "next"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step == "make":
        make(options.folder, options.articles)
        return 0
    if options.step:
        print(json.dumps(find(options.folder, options.step)))
        return 0
    with tempfile.TemporaryDirectory(prefix="osiris-reprints-") as folder:
        own = [sys.executable, __file__, "--articles", str(options.articles), "--folder", folder, "--step"]
        subprocess.run([*own, "make"], check=True)
        told = json.loads((Path(folder) / "planted.json").read_text())
        runs = {}
        for way in ("exact", "first", "next"):
            answer = subprocess.run([*own, way], check=True, stdout=subprocess.PIPE, text=True)
            runs[way] = json.loads(answer.stdout)
        same = {tuple(pair) for pair in told["planted"].get("same", [])}
        chance = pairs(runs["exact"]["found"]) - {(min(pair), max(pair)) for pair in same}
        report = {way: score(run, told["planted"], chance) for way, run in runs.items()}
    print(json.dumps({
        "articles": options.articles, "words_an_article": round(told["words"] / options.articles),
        "equal_by_chance": len(chance), **report,
    }, indent=2))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
