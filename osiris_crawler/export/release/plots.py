"""Charts of a release's statistics, as SVG: in English whatever the language of the program, as all of a release is.

A process takes its language once, when it begins, so that they are drawn in one of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.export.stats.tables import Table
from osiris_crawler.export.stats.words import Origin
from osiris_crawler.export.stats.writing import check_plots, write_plots
from osiris_crawler.i18n import _


def draw(tables: Mapping[str, Table], origin: Origin, folder: Path) -> bool:
    """NAME.svg of each table that can be drawn; False where the extra that draws is not installed."""
    try:
        check_plots()
    except UsageError:
        return False
    asked = {"tables": [[table.name, table.columns, table.rows] for table in tables.values()], "origin": asdict(origin)}
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-m", __name__, folder], input=json.dumps(asked).encode(), capture_output=True, check=False,
        env={**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": paths},
    )  # fmt: skip
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise OsirisError(_("The plots can't be drawn: %(why)s.") % {"why": why or done.returncode})
    return True


def _main(folder: Path) -> None:
    asked = json.load(sys.stdin.buffer)
    tables = {
        name: Table(name, tuple(columns), [tuple(row) for row in rows]) for name, columns, rows in asked["tables"]
    }
    write_plots(tables, Origin(**asked["origin"]), folder, "svg")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
