# Kustod: `make` alone prints what there is. Nothing but Python 3.11+, make and a package index is needed.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
BIND ?= 127.0.0.1:8080
BIN := .venv/bin
TEMPLATES := $(shell find templates -name '*.html' 2>/dev/null)

.PHONY: help install run test check e2e drill bench fuzz clean is-open gates

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed  ## make .venv with the command, the tests and the tools

# Bytecode is written when it is first needed: compiling all of it now would double the wait.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.venv/.runnable: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Kustod needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --editable .
	@touch $@

.venv/.installed: .venv/.runnable
	$(PIP) --editable '.[dev]'
	@touch $@

run: .venv/.runnable  ## start a demonstration on 127.0.0.1:8080 (BIND=host:port for another address)
	@KUSTOD_BIND=$(BIND) $(BIN)/kustod init --no-link
	@KUSTOD_BIND=$(BIND) $(BIN)/kustod demo
	@KUSTOD_BIND=$(BIND) exec $(BIN)/kustod serve --bind $(BIND)

# Tests start the command hundreds of times; where an image forbids bytecode, each would compile
# all of it anew. Empty is as if it were not set.
test e2e drill: export PYTHONDONTWRITEBYTECODE :=

test: install is-open  ## run all tests that need no browser, on SQLite and PostgreSQL
	@$(BIN)/coverage erase
	@status=0; \
	$(BIN)/pytest -n 2 -m 'not e2e and not drill' --cov --cov-report= || status=$$?; \
	$(MAKE) --no-print-directory gates || status=1; \
	exit $$status

# Where a mistake would show a card or lose a receipt, every branch is tested.
PROVEN := app/policy/* app/cards/* app/handed_out.py dav/sync.py app/services/books.py app/services/journal.py app/services/ledger.py \
	app/services/draining.py app/services/listings.py app/services/lost_futures.py app/services/readers.py app/services/refusals.py app/services/sync.py \
	app/services/sync_tokens.py app/queries/contacts.py app/queries/assembly.py app/queries/searching.py app/queries/paging.py \
	app/queries/filters.py app/queries/ledger.py app/queries/device_views.py app/queries/proofs.py app/queries/tallies.py

gates:
	@status=0; \
	measure() { \
		share=$$($(BIN)/coverage report --format=total --precision=2 --fail-under=0 "$$3" 2>/dev/null) \
			|| { printf '  %-26s %8s\n' "$$1" 'no data'; return; }; \
		verdict=ok; \
		awk "BEGIN { exit !($$share < $$2) }" && { verdict=LOW; status=1; }; \
		printf '  %-26s %7s %%  of %3s %%  %s\n' "$$1" "$$share" "$$2" "$$verdict"; \
	}; \
	set -f; echo 'Lines and branches covered by tests:'; \
	for family in $(PROVEN); do measure "$$family" 100 "--include=$$family"; done; \
	measure 'everything else' 95 "--omit=$$(echo '$(PROVEN)' | tr ' ' ',')"; \
	exit $$status

# As root the tests' PostgreSQL runs under an account of its own, and its package would open
# every folder above the checkout to everybody. Better to stop and say so.
is-open:
	@test "$$(id -u)" != 0 || { folder=$$(pwd -P); while [ "$$folder" != / ]; do \
		mode=$$(stat -c %a "$$folder"); \
		if [ $$(( 8#$$mode & 1 )) = 0 ]; then \
			echo "$$folder is closed to other accounts (mode $$mode)."; \
			echo "Run as root, the PostgreSQL of the tests would open it to everybody."; \
			echo "Move this checkout, or run 'make test' as an ordinary user."; \
			exit 1; \
		fi; \
		folder=$$(dirname "$$folder"); \
	done; }

check: install  ## check format, lint, types, imports and templates
	@status=0; \
	step() { echo "== $$*"; "$$@" || { status=1; echo "-- red: $$1"; }; }; \
	step $(BIN)/ruff format --check . ; \
	step $(BIN)/ruff check . ; \
	step $(BIN)/mypy ; \
	step $(BIN)/lint-imports ; \
	$(if $(TEMPLATES),step $(BIN)/djlint --lint templates ;) \
	exit $$status

e2e: install  ## drive Chromium and Thunderbird (both must be installed)
	@missing=; \
	for program in chromium thunderbird dbus-run-session; do \
		command -v $$program >/dev/null || missing="$$missing $$program"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "Missing:$$missing. On Debian: apt-get install chromium thunderbird dbus"; exit 1; \
	fi
	@$(BIN)/pytest -n 2 --dist worksteal -m e2e tests || { status=$$?; \
		test $$status = 5 && echo 'No test needs a browser or a desktop client yet.' || exit $$status; }

FORM ?= full

drill: install is-open  ## use it hard, and kill it, for some minutes (FORM=quick: for one)
	@$(BIN)/pytest -m drill -n 0 -s -p no:randomly $(if $(filter full,$(FORM)),--full) tests/drills

bench: install  ## measure; each file in benchmarks/ prints its own table
	@for script in $$(ls benchmarks/*.py 2>/dev/null); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# The shell counts in a SECONDS of its own, which make would take for ours.
fuzz: install  ## send hostile requests to a real server (SECONDS=600 SEED=number); 1 where anything was found
	@$(BIN)/python -m tests.hostile.fuzz --seconds $(if $(filter command line,$(origin SECONDS)),$(SECONDS),600) \
		$(if $(SEED),--seed $(SEED))

clean:  ## remove what tools and tests leave; never .venv or the instance
	@rm -rf build htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find app dav tests migrations benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
