# Needs Python 3.11+ and make; everything else is made here, in .venv.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Hundreds of processes start in the tests: each would compile the libraries anew where compiled files are not kept.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help setup demo test fix bench cleaning accuracy duplicates soak golden docs

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv and install crmtool with its tested set of libraries

# uv fetches in parallel; where it cannot be had, pip does the same work slower.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crmtool needs Python 3.11 or newer; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv || true
	if [ -x $(BIN)/uv ]; then \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[dev]'; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'; \
	fi
	@touch $(READY)

demo: $(READY) ## walk through the main job on samples/, in the folder demo/
	@BIN=$(abspath $(BIN)) sh samples/demo.sh

# three at once for two processors: some tests wait for other programs
test: $(READY) ## lint, types, import contracts, tests: the one gate
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n 3 -m 'not soak'

fix: $(READY) ## format and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## speed and memory as ratios to sqlite-utils in the same run
	$(BIN)/python bench/imports.py

cleaning: $(READY) ## speed of cleaning a million rows, the share of each normalizer, phones beside phonenumbers
	$(BIN)/python -m bench.cleaning

accuracy: $(READY) ## what the normalizers get right on collected lists (CRMTOOL_DATA), in docs/accuracy.md
	$(BIN)/python -m bench.accuracy

duplicates: $(READY) ## duplicates found in labelled sets (CRMTOOL_DATA), beside Splink where it is installed
	$(BIN)/python -m bench.duplicates

soak: $(READY) ## slow proofs: kills at random moments, long random histories, laws on new examples
	$(BIN)/python -m pytest -m soak
	$(BIN)/python -m pytest -n 2 -m 'not soak' --hypothesis-profile=search tests/core tests/io tests/laws

golden: $(READY) ## write the golden files anew; read the diff before you commit it
	GOLDEN=write $(BIN)/python -m pytest -n 2 -m 'not soak'

docs: $(READY) ## write the command outputs in README.md anew
	GOLDEN=write $(BIN)/python -m pytest tests/test_readme.py
