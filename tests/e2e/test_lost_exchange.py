"""An exchange that the archive holds and the ledger has not heard of is found by the next run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from osiris_crawler.archive import files
from osiris_crawler.ledger.ledger import Ledger
from osiris_crawler.paths import Collection
from tests.conftest import ROOT, Osiris

_LOSE = """
import sys
from osiris_crawler.cli import main
from osiris_crawler.crawl.run import Run

real, met = Run._note, []


def note(self, *told):
    met.append(told)
    if len(met) == 12:
        raise RuntimeError("lost on its way to the ledger")
    return real(self, *told)


Run._note = note
sys.exit(main(sys.argv[1:]))
"""


def test_an_exchange_that_got_lost_is_taken_in_by_the_next_run(osiris: Osiris, site: object, tmp_path: Path) -> None:
    url = site.url  # type: ignore[attr-defined]
    script = tmp_path / "lose.py"
    script.write_text(_LOSE, "utf-8")
    crawl = ("crawl", url, "-c", "c", "--delay", "0", "--concurrency", "1", "--quiet")
    subprocess.run(
        [sys.executable, str(script), *crawl, "--max-requests", "30"], cwd=tmp_path, check=False, timeout=120,
        env={**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT)}, capture_output=True,
    )  # fmt: skip
    done = osiris("verify", "-c", "c")
    assert done.returncode == 6, "nothing was lost"
    collection = Collection(tmp_path / "output", "c")
    ledger = Ledger(collection.state, create=False, readonly=True)
    assert {path.name: 0 for path in files.closed_files(collection.archive)} == ledger.known_sizes()
    ledger.close()
    assert osiris(*crawl).returncode == 0
    done = osiris("verify", "-c", "c")
    assert done.returncode == 0, done.stderr
