# Purveyor. Needs Python 3.11 or newer and make; everything else lands in .venv and var.
# `make` alone lists the targets.

PYTHON ?= python3
BIND ?= 127.0.0.1:8000
PYTEST_ARGS ?= -n auto
UV_VERSION := 0.13.9

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
UV_SYNC := VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_PYTHON_DOWNLOADS=never \
	$(UV) sync --quiet --frozen --no-install-project --inexact --python $(PY)
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
INSTALLED_BENCH := $(VENV)/.installed-bench
INSTALLED_DOCS := $(VENV)/.installed-docs

# Lint judges the production settings: an https base URL, keys of its own, no database.
LINT := $(VENV)/lint
LINT_ENV := PURVEYOR_DATA_DIR=$(LINT) DATABASE_URL=sqlite://:memory: \
	PURVEYOR_BASE_URL=https://purveyor.example

.DEFAULT_GOAL := help
.PHONY: help run install worker test lint e2e bench chaos docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED) ## the demo: console, doors and worker at BIND (127.0.0.1:8000)
	@$(PY) -m config.keys
	@PURVEYOR_BIND=$(BIND) PURVEYOR_ALLOW_PRIVATE_TARGETS=on exec $(PY) manage.py demo

install: $(INSTALLED) ## what a server needs: .venv from the lock, keys, a migrated database
	@$(PY) -m config.keys
	@$(PY) manage.py migrate --verbosity 0

worker: $(INSTALLED) ## deliver changes, apart from the web server (with CELERY_BROKER_URL: by Celery)
	@if [ -n "$$CELERY_BROKER_URL" ]; then exec $(VENV)/bin/celery -A config worker; \
	else exec $(PY) manage.py worker; fi

test: $(INSTALLED_DEV) ## the whole suite
	$(PY) -m pytest $(PYTEST_ARGS)

e2e: $(INSTALLED_DEV) ## the tests that drive a browser
	$(PY) -m pytest -m browser

bench: $(INSTALLED_BENCH) ## measure against limits and peers; BENCH_FULL=1 takes its time
	@$(PY) -m bench

chaos: $(INSTALLED_DEV) ## kill everything at random, for many minutes (CHAOS_SEED, CHAOS_ROUNDS)
	MACHINE_EXAMPLES=400 $(PY) -m pytest -q tests/provisioning/test_delivery_machine.py
	CHAOS_LONG=on $(PY) -m pytest -v -s tests/chaos

docs: $(INSTALLED_DOCS) ## the documents as a site of static pages, in var/site
	@$(VENV)/bin/mkdocs build --strict --quiet
	@echo "var/site/index.html"

lint: $(INSTALLED_DEV) ## style, types, import contracts, deployment checks, migrations
	@PURVEYOR_DATA_DIR=$(LINT) $(PY) -m config.keys
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(LINT_ENV) $(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(LINT_ENV) $(PY) manage.py check --deploy --fail-level WARNING
	$(LINT_ENV) $(PY) manage.py makemigrations --check --dry-run

clean: ## remove .venv and caches; var, where the data is, stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Purveyor needs Python 3.11 or newer; say which with make PYTHON=..." >&2; exit 2; }
	@test -x $(PY) -a -x $(VENV)/bin/pip || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(INSTALLED): uv.lock pyproject.toml | $(UV)
	@echo "Installing from uv.lock into $(VENV) …"
	@$(UV_SYNC)
	@touch $@

$(INSTALLED_DEV): uv.lock pyproject.toml | $(UV)
	@echo "Installing from uv.lock into $(VENV), with what tests need …"
	@$(UV_SYNC) --extra dev
	@touch $@ $(INSTALLED)

$(INSTALLED_BENCH): uv.lock pyproject.toml | $(UV)
	@echo "Installing from uv.lock into $(VENV), with what is measured against …"
	@$(UV_SYNC) --extra bench
	@touch $@ $(INSTALLED)

$(INSTALLED_DOCS): uv.lock pyproject.toml | $(UV)
	@echo "Installing from uv.lock into $(VENV), with what makes a site of documents …"
	@$(UV_SYNC) --extra docs
	@touch $@ $(INSTALLED)
