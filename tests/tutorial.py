"""The tutorial's cells: cut out of its page, run one after the other, and what came out set beside what the page says.

    python -m tests.tutorial     runs them on a new demonstration and writes what came out into docs/tutorial.md

A cell is a fence of `sh` or `python`; a fence of `text` after it is what it puts out. A cell without one may say what it
likes, but must end well.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "tutorial.md"
CHART = "fibre.svg"
# What differs from one demonstration to the next: its port, its day and instants, names of records, sizes.
VARIES = (
    (r"127\.0\.0\.1:\d+", "127.0.0.1:8080"),
    (r"20(2[6-9]|[3-9]\d)-\d\d-\d\d(T[\d:.]+Z)?", "DAY"),
    (r"20\d{6}T\d{6}Z", "INSTANT"),
    (r"Version 20[\d.]+\d", "Version DAY"),
    (r"urn:uuid:[0-9a-f-]{36}", "urn:uuid:NAME"),
    (r"\d+(\.\d+)? KB", "SIZE"),
)


@dataclass(frozen=True)
class Cell:
    """One cell; `line` counts from 1. `output` is None where the page shows none; `output_lines` are its fence's lines, from 0."""

    kind: str
    source: str
    line: int
    output: str | None = None
    output_lines: tuple[int, int] = (0, 0)


def cells(text: str) -> list[Cell]:
    """The cells of a page, in order."""
    found: list[Cell] = []
    for token in MarkdownIt().parse(text):
        if token.type != "fence" or token.map is None:
            continue
        if token.info in ("sh", "python"):
            found.append(Cell(token.info, token.content, token.map[0] + 1))
        elif token.info == "text":
            last = found.pop()
            assert last.output is None, f"line {token.map[0] + 1}: two outputs of one cell"
            found.append(Cell(last.kind, last.source, last.line, token.content, (token.map[0], token.map[1])))
    return found


def run(found: list[Cell], folder: Path) -> Iterator[tuple[Cell, str]]:
    """Each cell with what it put out, run in `folder`, which holds `output/collections/demo`. A cell that fails raises."""
    names: dict[str, Any] = {"__name__": "__main__"}
    environment = {**os.environ, "OSIRIS_LANG": "en", "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    for cell in found:
        if cell.kind == "sh":
            done = subprocess.run(
                cell.source, shell=True, cwd=folder, env=environment, text=True, timeout=120, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            assert done.returncode == 0, f"line {cell.line}: exit {done.returncode}\n{done.stdout}"
            yield cell, done.stdout
        else:
            out = io.StringIO()
            with contextlib.chdir(folder), contextlib.redirect_stdout(out):
                exec(compile("\n" * cell.line + cell.source, PAGE.name, "exec"), names)
            yield cell, out.getvalue()


def alike(output: str) -> str:
    """An output without what differs from one demonstration to the next, and without spaces at the ends of lines."""
    for pattern, name in VARIES:
        output = re.sub(pattern, name, output)
    return "\n".join(line.rstrip() for line in output.splitlines()).strip()


def demonstration(folder: Path) -> None:
    """What `make demo` makes, in a folder."""
    command = [sys.executable, "-m", "osiris_crawler", "demo", "--quiet"]
    subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, timeout=240)


def written(text: str, ran: list[tuple[Cell, str]]) -> str:
    """The page with what came out."""
    lines = text.splitlines()
    for cell, output in reversed(ran):
        if cell.output is not None and alike(output) != alike(cell.output):
            first, end = cell.output_lines
            lines[first + 1 : end - 1] = [line.rstrip() for line in output.strip("\n").splitlines()]
    return "\n".join(lines) + "\n"


def main() -> None:
    text = PAGE.read_text("utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demonstration(folder)
        ran = list(run(cells(text), folder))
        PAGE.write_text(written(text, ran), "utf-8")
        (PAGE.parent / CHART).write_bytes((folder / CHART).read_bytes())


if __name__ == "__main__":
    main()
