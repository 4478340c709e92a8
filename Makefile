# Two commands for newcomers: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PEERS  ?= .venv-tools
RIVALS ?= .venv-eval

.PHONY: demo test setup peers tools lint soak bench eval messages clean

demo: setup
	rm -rf output/collections/demo
	$(BIN)/osiris demo

# What pip fetches for the tests comes side by side, each with its own lines; Debian's packages come first: peers need npm.
test: tools
	$(MAKE) --no-print-directory --jobs=2 --output-sync setup peers
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

# Other people's tools, which the tests let read our collections; nothing of them is a dependency.
peers: $(PEERS)/ready $(PEERS)/replaywebpage/package/ui.js $(PEERS)/axe-core/package/axe.min.js

$(PEERS)/ready: tests/tools.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --requirement tests/tools.txt
	touch $@

# Its two built scripts are all that is needed, so its dependencies are not. Without npm, its test says so and is skipped.
$(PEERS)/replaywebpage/package/ui.js: | $(PEERS)/ready
	mkdir -p $(PEERS)/replaywebpage
	if command -v npm >/dev/null; then cd $(PEERS)/replaywebpage && npm pack --silent replaywebpage@2.5.3 && tar -xzf replaywebpage-*.tgz \
		|| echo 'ReplayWeb.page can not be had; its test will say so.'; fi

# One script that looks for faults of accessibility in a page. Without npm, its test says so and is skipped.
$(PEERS)/axe-core/package/axe.min.js: | $(PEERS)/ready
	mkdir -p $(PEERS)/axe-core
	if command -v npm >/dev/null; then cd $(PEERS)/axe-core && npm pack --silent axe-core@4.14.1 && tar -xzf axe-core-*.tgz \
		|| echo 'axe-core can not be had; its test will say so.'; fi

# Debian's packages that tests need: a web browser, wget, and npm for ReplayWeb.page. pywb's own environment is made by the
# first test that wants it, in .cache.
tools:
	@missing=; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing="$$missing chromium"; \
	for name in wget npm; do command -v $$name >/dev/null || missing="$$missing $$name"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $$missing; } >/dev/null \
		&& exit 0; \
	fi; \
	echo "Debian packages that tests need are missing:$$missing. Those tests say so and are skipped."

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy

# Long campaigns: thirty kills with -9 of a crawl of 2,000 pages, 20,000 damaged archives, weak lines; see benchmarks/README.md.
soak: setup
	$(BIN)/python benchmarks/fuzz.py --inputs 20000
	$(BIN)/python benchmarks/kills.py --kills 30 --articles 1500
	$(BIN)/python benchmarks/weak_lines.py
	$(BIN)/python benchmarks/updates.py --articles 300 --kills 50

bench: setup peers
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/verifying.py
	$(BIN)/python benchmarks/second_crawl.py
	$(BIN)/python benchmarks/reprints.py
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/updates.py --articles 5000 --days 0
	$(BIN)/python benchmarks/alarms.py
	$(BIN)/python benchmarks/exporting.py
	$(BIN)/python benchmarks/browsing.py

# Ours beside other extractors of news, on every look of the embedded site and, where they are to be had, on a real SPIP site
# (make eval SPIP=DIR/site reads DIR/site.warc.gz and DIR/site.truth.jsonl.gz), on facts that were recorded from real pages
# (PAGES=FILE) and on a page that is known as text (SEED=FILE). Fails when a figure falls short of what is asked. MANUAL=1
# writes the short tables into the manual.
SPIP   ?= ../shared/spip-site/stock-t0
PAGES  ?= ../shared/osiris-pages.jsonl
SEED   ?= ../shared/seed-page.txt
REAL   := $(if $(and $(wildcard $(SPIP).warc.gz),$(wildcard $(SPIP).truth.jsonl.gz)),--warc $(SPIP).warc.gz --truth $(SPIP).truth.jsonl.gz)
KNOWN  := $(if $(wildcard $(PAGES)),--pages $(PAGES)) $(if $(wildcard $(SEED)),--seed $(SEED))
eval: setup $(RIVALS)/ready
	@$(if $(REAL),true,echo "There is no capture at $(SPIP).warc.gz: only the embedded site is evaluated.")
	$(BIN)/python benchmarks/evaluate.py --peers $(RIVALS) $(REAL) $(KNOWN) $(if $(MANUAL),--manual docs/manual.md)

# What can't be installed is left out, and the tables say so. An older pip stumbles over lxml's extras.
$(RIVALS)/ready: benchmarks/peers.txt
	$(PYTHON) -m venv $(RIVALS)
	$(RIVALS)/bin/python -m pip install -qq --disable-pip-version-check 'pip>=24.1'
	grep -v '^#' benchmarks/peers.txt | while read -r peer; do \
		$(RIVALS)/bin/python -m pip install -qq --constraint benchmarks/peers.txt "$$peer" || echo "$$peer can not be had."; done
	touch $@

messages: setup
	$(BIN)/python -m babel.messages.frontend extract -k _ -k ngettext:1,2 --no-location --sort-output -o /tmp/osiris.pot osiris_crawler spiders pipelines
	$(BIN)/python -m babel.messages.frontend update --no-fuzzy-matching --ignore-obsolete -D osiris -i /tmp/osiris.pot -d osiris_crawler/locale -l fr
	$(BIN)/python -m babel.messages.frontend compile -D osiris -d osiris_crawler/locale

clean:
	rm -rf $(VENV) $(PEERS) $(RIVALS) build dist .cache .pytest_cache .mypy_cache .ruff_cache
