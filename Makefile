# Two commands for newcomers: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test setup lint soak bench messages clean

demo: setup
	rm -rf output/collections/demo
	$(BIN)/osiris demo

test: setup lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy

# Long campaigns: thirty kills with -9 of a crawl of 2,000 pages; see benchmarks/README.md.
soak: setup
	$(BIN)/python benchmarks/kills.py --kills 30 --articles 1500

bench: setup
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/memory.py

messages: setup
	$(BIN)/python -m babel.messages.frontend extract -k _ -k ngettext:1,2 --no-location --sort-output -o /tmp/osiris.pot osiris_crawler spiders pipelines
	$(BIN)/python -m babel.messages.frontend update --no-fuzzy-matching --ignore-obsolete -D osiris -i /tmp/osiris.pot -d osiris_crawler/locale -l fr
	$(BIN)/python -m babel.messages.frontend compile -D osiris -d osiris_crawler/locale

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
