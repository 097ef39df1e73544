# Everything starts here. A fresh machine needs Python 3.11 or later and make, nothing else.
#
#   make demo          the counter in training mode          make test       all tests
#   make demo ARGS="--lang en"                               make test ARGS="tests/rules -k lock"

SHELL := /bin/sh
.DEFAULT_GOAL := help

export PYTHONUTF8 := 1
# The workers of one test run must see sets in one order.
export PYTHONHASHSEED := 0
export LANG ?= C.UTF-8
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# PYTHONDONTWRITEBYTECODE, which containers like to set, would compile the program in every process of a test run.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

# The first Python that is new enough; PYTHON=... names another one.
CANDIDATES := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
FIRST_PYTHON = $(shell for it in $(CANDIDATES); do "$$it" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$it" && break; done)

VENV := .venv
BIN := $(VENV)/bin
# Stamps: a second run installs nothing.
FOR_RUNNING := $(VENV)/.installed-for-running
FOR_WORKING := $(VENV)/.installed-for-working

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*##/\t/' | sort | expand -t 16

# --- what a person types ---------------------------------------------------------------------------------------------

.PHONY: demo test compiled check
demo: $(FOR_RUNNING)  ## the counter in training mode; ARGS="--lang en --reset"
	@$(BIN)/kiosk demo $(ARGS)

# One process for each core; WORKERS=0 runs everything in one, for a debugger.
WORKERS ?= auto
test: $(FOR_WORKING)  ## all tests; ARGS="tests/rules -k lock" for some
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

compiled: $(FOR_WORKING)  ## program and tests compiled, so that the processes of a test run do not each do it
	@$(BIN)/python -m pytest --collect-only -qq >/dev/null

check: format-check lint types contracts test  ## everything a reviewer asks for

.PHONY: format format-check lint types contracts
format: $(FOR_WORKING)  ## write the files the way the house writes them
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

format-check: $(FOR_WORKING)
	$(BIN)/ruff format --check .

lint: $(FOR_WORKING)
	$(BIN)/ruff check .

types: $(FOR_WORKING)
	$(BIN)/mypy
	$(BIN)/mypy --explicit-package-bases tests tools benchmarks

contracts: $(FOR_WORKING)
	$(BIN)/lint-imports

.PHONY: bench gallery rules translations mutants
bench: $(FOR_WORKING)  ## the promised numbers, as ratios measured in one run
	$(BIN)/python -m benchmarks $(ARGS)

gallery: $(FOR_WORKING)  ## every screen as a picture in docs/screens
	$(BIN)/python tools/gallery.py $(ARGS)

rules: $(FOR_WORKING)  ## docs/RULES.md and docs/MESSAGES.md from code and tests; lists what no test proves
	$(BIN)/python tools/messages.py
	$(BIN)/python tools/rules.py

translations: $(FOR_WORKING)  ## the English catalogue from the texts in the code
	$(BIN)/python tools/translations.py update

mutants: $(FOR_WORKING)  ## mutation testing of kiosk/rules
	$(BIN)/mutmut run $(ARGS)
	$(BIN)/mutmut results
	$(BIN)/python -m tools.mutants kiosk/rules/*.py

.PHONY: lock clean
COMPILE := pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url
lock:  ## fresh lock files; needs uv
	uv $(COMPILE) --extra build -o requirements/run.lock
	uv $(COMPILE) --extra build --extra dev -o requirements/dev.lock

clean:  ## remove the environment and every cache; never the data of a demo
	rm -rf $(VENV) build dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------------------------

# An environment that another tool made is kept when it works and only gets pip; a broken or old one is made anew.
define PREPARE
	@test -n "$(FIRST_PYTHON)" || { \
	    echo "No Python 3.11 or later with venv was found. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -c '$(NEW_ENOUGH)' 2>/dev/null || "$(FIRST_PYTHON)" -m venv --clear $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade
endef

# The lock is installed by hash; the program itself is built without fetching anything and linked to this folder.
define INSTALL
	@echo "Installing $(1) into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r $(1)
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
endef

$(FOR_RUNNING): requirements/run.lock pyproject.toml
	$(PREPARE)
	$(call INSTALL,requirements/run.lock)
	@touch $@

$(FOR_WORKING): requirements/dev.lock pyproject.toml
	$(PREPARE)
	$(call INSTALL,requirements/dev.lock)
	@touch $(FOR_RUNNING) $@
