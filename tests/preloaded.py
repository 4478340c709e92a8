"""What a command of `tests.warm` finds imported."""

import importlib

from osiris_crawler import cli
from osiris_crawler.extract import language

for _names in cli.GROUPS.values():
    for _name in _names:
        importlib.import_module(f"osiris_crawler.commands.{_name}")
cli.check_siblings()
language._identifier()
