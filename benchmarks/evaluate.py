"""What readers find on pages whose truth is known: ours and other extractors of news, field by field, in one run.

    python benchmarks/evaluate.py --warc SITE.warc.gz --truth SITE.truth.jsonl.gz
    python benchmarks/evaluate.py --no-peers                            ours, on all looks of the embedded site
    python benchmarks/evaluate.py --single --no-peers --layout opaque --worst 5     single pages, and what is wrong on them
    python benchmarks/evaluate.py --manual docs/manual.md               writes the short tables into the manual, too

sites (pages, truth) → readers, two at a time → scores → tables and a verdict on stdout; the worst pages on stderr

The dataset is what a user gets: the embedded site is crawled, a WARC file imported, articles.jsonl compared with the truth.
The reader learns there what the site's pages repeat, from the same pages that it then reads, as it does for every user;
of the truth it knows nothing. “Without hints” is the same once more with every name of markup and every word of a site taken
from the reader, those for the look that is read among them: what is left is what it has learned. “One page” reads each page
by itself, as the peers do: no listing was seen, nothing was learned. Exits with 1 when a figure falls short of what is asked.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from evaluation import manual, ours, peers, recorded, seed, table, verdict
from evaluation.scoring import Scores
from evaluation.sites import Site, captured, embedded, layouts

NOTES = """\
All readers are given the same bytes, the peers with the settings that suit these pages best (evaluation/peer_worker.py).
Exact rates: titles, sections, tags, authors, source lines with spaces, quotes, apostrophes and dashes folded; lead, PS and notes
by letters and digits; tags and authors as sets; source name, date and line where a source was planted, false sources where none
was. Body F1 is over words, those glued by one side cut alike; the peers know no lead, source line, PS or notes: for them each
page counts against whichever text, with or without these, suits them best, and a title in front does not count. Chrome: a line
that stands on a tenth of the site's article pages or more, and that the body has more often than the article. Pages per second
of one process's processor time, from bytes to fields, the first pages not counted; of a dataset with the model that its
archive holds. “–”: the reader does not give the field, or the truth does not know it."""
Readers = list[tuple[str, list[Scores]]]


def main() -> int:
    options = _options()
    began = time.monotonic()
    chosen = [name for name in options.layout or layouts() if name != "none"]
    sites = [embedded(name, options.articles, options.world) for name in chosen]
    if options.warc is not None:
        sites.append(captured(options.warc, options.truth))
    if not sites or not all(site.planted for site in sites):
        raise SystemExit("evaluate.py: no pages to look at")
    readers = evaluate(sites, options)
    parts = tables(sites, readers)
    short: list[str] = []
    if not options.single:
        found, short = judged(sites, readers, options)
        parts += found
    text = "\n".join([*parts, NOTES, "", f"{time.monotonic() - began:.0f} s in all.", ""])
    if short:
        text += "".join(["Short of what is asked:\n", *(f"- {line}\n" for line in short)])
    elif not options.single:
        text += "All that is asked is reached.\n"
    print(text, end="", flush=True)
    if options.to is not None:
        options.to.write_text(text, "utf-8")
    if options.manual is not None:
        manual.write(options.manual, sites, readers)
    return 1 if short else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warc", type=Path, help="a capture of a real SPIP site")
    parser.add_argument("--truth", type=Path, help="what was typed into it, one JSON object a line, gzipped")
    parser.add_argument(
        "--layout", action="append", choices=[*layouts(), "none"], help="only these looks of the embedded site"
    )
    parser.add_argument("--articles", type=int, default=300, help="of the embedded site (default 300)")
    parser.add_argument("--world", type=int, default=1, metavar="N", help="another embedded site, made from this seed")
    parser.add_argument("--single", action="store_true", help="only single pages: no crawl, no import, no verdict")
    parser.add_argument("--peers", type=Path, default=Path(".venv-eval"), metavar="DIR", help="the peers' environment")
    parser.add_argument("--no-peers", action="store_true", help="only this project's reader")
    parser.add_argument(
        "--pages", type=Path, metavar="FILE", help="facts recorded from real pages, to be read on every look"
    )
    parser.add_argument("--seed", type=Path, metavar="FILE", help="one real page as text, to be read in several looks")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show N wrong pages of each field (ours)")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the tables to FILE, too")
    parser.add_argument("--manual", type=Path, metavar="FILE", help="write the short tables between FILE's markers")
    options = parser.parse_args()
    if (options.warc is None) != (options.truth is None):
        parser.error("--warc and --truth go together")
    if options.manual is not None and (options.single or options.no_peers or options.layout or options.warc is None):
        parser.error("--manual is written by a whole run: with peers, all looks and a capture")
    return options


def evaluate(sites: list[Site], options: argparse.Namespace) -> Readers:
    """All readers on all sites."""
    names = () if options.no_peers else peers.NAMES
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        mine = [pool.submit(ours.single_pages, site) for site in sites]
        theirs = {name: [pool.submit(peers.run, name, site, options.peers) for site in sites] for name in names}
        readers = [
            ("Osiris, one page", [_told(future, site, "one page") for future, site in zip(mine, sites, strict=True)])
        ]
        readers += [_peer([future.result() for future in runs]) for runs in theirs.values()]
    if not options.single:  # a crawl has processes of its own
        hinted = [_told(ours.dataset(site), site, "dataset") for site in sites]
        bare = [_told(ours.dataset(site, hints=False), site, "dataset without hints") for site in sites]
        readers[:0] = [("Osiris, dataset", hinted), ("Osiris, dataset without hints", bare)]
    for name, scores in readers:
        if name.startswith("Osiris"):
            for site, figures in zip(sites, scores, strict=True):
                for line in table.worst(figures, options.worst):
                    print(f"[{name}, {site.name}] {line}", file=sys.stderr)
    return readers


def _told(scores: Scores | Future[Scores], site: Site, what: str) -> Scores:
    done = scores.result() if isinstance(scores, Future) else scores
    print(f"{site.name}, {what}: {done.pages} pages, {done.empty} of which nothing was found", file=sys.stderr)
    return done


def _peer(runs: Sequence[peers.Run]) -> tuple[str, list[Scores]]:
    for run in runs:
        if run.missing is not None:
            print(f"{run.name} can't be measured: {run.missing}", file=sys.stderr)
            return f"{run.name} (not installed)", [Scores() for _run in runs]
        if run.failures:
            print(f"{run.name} failed on {run.failures}", file=sys.stderr)
    print(f"{runs[0].name}: {sum(run.scores.pages for run in runs)} pages", file=sys.stderr)
    return runs[0].name, [run.scores for run in runs]


def tables(sites: list[Site], readers: Readers) -> list[str]:
    parts = []
    for title, chosen in (
        ("Embedded site, all looks", [n for n, site in enumerate(sites) if site.layout is not None]),
        ("A real SPIP site", [n for n, site in enumerate(sites) if site.layout is None]),
    ):
        if chosen:
            columns = [(name, table.total([scores[n] for n in chosen])) for name, scores in readers]
            parts.append(f"### {title}: {columns[0][1].pages} articles' pages\n\n{table.markdown(columns)}")
    names = [site.name for site in sites]
    parts.append(f"### Bodies, by site\n\n{table.by_site(readers, names)}")
    for name, scores in readers:
        if name.startswith("Osiris"):
            parts.append(f"### {name}, by site\n\n{table.markdown(list(zip(names, scores, strict=True)))}")
    return parts


def judged(sites: list[Site], readers: Readers, options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """(tables of what is asked and reached; what falls short)"""
    names, found = [site.name for site in sites], dict(readers)
    hinted, bare = found["Osiris, dataset"], found["Osiris, dataset without hints"]
    judgements = [
        ("What is asked of the dataset", verdict.reached(names, hinted)),
        ("Without hints, beside with them", verdict.left_out(names, hinted, bare)),
    ]
    if options.pages is not None:
        looks = [site.layout for site in sites if site.layout is not None]
        figures = recorded.read(options.pages, looks)
        judgements.append(("Facts of real pages, on every look", recorded.table(looks, figures)))
    if options.seed is not None:
        judgements.append(("A real page, made of its text", seed.table(options.seed)))
    return [f"### {title}\n\n{shown}" for title, (shown, _short) in judgements], [
        line for _title, (_shown, short) in judgements for line in short
    ]


if __name__ == "__main__":
    sys.exit(main())
