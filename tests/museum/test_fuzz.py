"""No damage, however odd, makes `verify`, `mend` or the reader stumble. `make soak` does it twenty thousand times."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from osiris_crawler.paths import Collection
from tests.museum import fuzzing

_INPUTS = 120


@pytest.mark.parametrize("part", range(4))
def test_no_traceback(part: int, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    template = fuzzing.small(tmp_path_factory.mktemp("small"))
    assert len(list((template / "collections" / "c" / "archive").iterdir())) == 2
    spoiled = set()
    for seed in range(part * 10**6, part * 10**6 + _INPUTS // 4):
        output = tmp_path / "output"
        shutil.copytree(template, output)
        collection = Collection(output, "c")
        spoiled.add(fuzzing.damage(collection, seed))
        assert fuzzing.stumbles(collection) == "", f"seed {seed}"
        shutil.rmtree(output)
    assert len(spoiled) >= 4
