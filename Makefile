# `make demo` and `make test` do all the set-up. Neither needs root, Docker or system packages.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
DEMO_DATA ?= .demo
DEMO_PORT ?= 8787
TEST_WORKERS ?= 2

UPGRADE := --upgrade
LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes pyproject.toml

# The first Python on the path that is new enough; choose another with `make PYTHON=/path/to/python3.12 demo`.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)

.PHONY: help demo test t fix lint types imports unit pooled fuzz audit sbom migration hooks release screenshots clean lock wheels

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## run a simulated company and open its dashboard (ONCE=1 exits afterwards)
	@$(VENV)/bin/shipledger demo --data $(DEMO_DATA) $(if $(ONCE),--once --port 0,--port $(DEMO_PORT))

# Keep compiled modules even if the environment forbids it: tests start many processes, and each reads every module.
test t unit pooled: export PYTHONDONTWRITEBYTECODE :=

test: lint types imports ## run all linters and tests (SLOW=1 includes those that take minutes, as CI does)
	@$(VENV)/bin/python -m pytest -n $(TEST_WORKERS) --dist worksteal $(if $(SLOW),,-m "not slow") $(PYTEST_ARGUMENTS)

t: $(VENV)/.installed-dev ## run some tests in one process, without linters: make t T="tests/unit/schema -k tokens --pdb"
	@test -n "$(T)" || { echo 'error: choose tests, for example: make t T=tests/unit/schema' >&2; exit 1; }
	@$(VENV)/bin/python -m pytest $(T)

fix: $(VENV)/.installed-dev ## format, and fix what the linter can fix
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format . && $(VENV)/bin/ruff check .

lint: $(VENV)/.installed-dev
	@$(VENV)/bin/ruff format --check . && $(VENV)/bin/ruff check .

types: $(VENV)/.installed-dev
	@$(VENV)/bin/mypy

imports: $(VENV)/.installed-dev
	@$(VENV)/bin/lint-imports --no-cache

unit: $(VENV)/.installed-dev ## run the quick tests
	@$(VENV)/bin/python -m pytest tests/unit

# What reaches PostgreSQL most: the whole flow, and every endpoint.
POOLED := tests/integration/workers/jobs/test_process_deliveries.py tests/integration/workers/jobs/test_fold_token_events.py \
	tests/integration/workers/jobs/test_settle_days.py tests/integration/workers/jobs/test_roll_up_spend.py \
	tests/integration/workers/jobs/test_sweep.py tests/integration/workers/jobs/test_delete_raw_events.py \
	tests/integration/service/webhooks tests/integration/service/telemetry/test_telemetry_routes.py \
	tests/integration/service/api/forge tests/integration/service/test_generated_requests.py \
	tests/integration/service/test_health.py

pooled: $(VENV)/.installed-dev ## run the tests of the flow behind PgBouncer in transaction mode, which must be installed
	@SHIPLEDGER_TEST_POOLER=1 $(VENV)/bin/python -m pytest -n $(TEST_WORKERS) --dist worksteal $(POOLED) $(PYTEST_ARGUMENTS)

fuzz: $(VENV)/.installed-dev ## feed hostile input to every parser, for about half an hour: make fuzz FUZZ="tags --engine atheris"
	@$(VENV)/bin/python -m tests.fuzz $(FUZZ)

audit: $(VENV)/.installed-dev ## look up known vulnerabilities of every locked package (REQUIRE=1 fails if that is impossible)
	@$(VENV)/bin/python -m development.audit $(if $(REQUIRE),--require)

sbom: $(VENV)/.installed-dev ## write a bill of materials (CycloneDX) to dist/
	@$(VENV)/bin/python -m development.sbom

migration: $(VENV)/.installed-dev ## write the next migration from changed tables: make migration M="what changed"
	@test -n "$(M)" || { echo 'error: describe the change: make migration M="add labels to releases"' >&2; exit 1; }
	@$(VENV)/bin/python -m development.new_migration "$(M)"

hooks: $(VENV)/.installed-dev ## install the Git hooks of .pre-commit-config.yaml
	@$(VENV)/bin/pre-commit install

release: $(VENV)/.installed-dev ## make a release: make release VERSION=0.2.0 (DRY_RUN=1 changes nothing)
	@$(VENV)/bin/python -m development.release $(VERSION) $(if $(DRY_RUN),--dry-run)

screenshots: $(VENV)/.installed-dev ## photograph every page of the demo's dashboard, and the README's picture; needs Chromium
	@$(VENV)/bin/python -m development.screenshots

lock: ## lock the newest allowed versions with hashes (UPGRADE= keeps locked versions if possible)
	@$(LOCK) $(UPGRADE) --extra dev --extra build --extra embedded -o requirements-dev.txt
	@$(LOCK) --extra build --extra embedded --constraints requirements-dev.txt -o requirements-embedded.txt
	@$(LOCK) --extra build --constraints requirements-dev.txt -o requirements.txt
	@$(MAKE) --no-print-directory wheels

lock wheels: $(VENV)/.installed-dev $(VENV)/bin/uv

wheels: ## check that every locked version has a wheel for each Python and platform
	@$(VENV)/bin/python -m development.wheels

clean: ## remove the virtual environment and the demo's data
	@rm -rf $(VENV) $(DEMO_DATA)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or later was found; set its path: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Creating a virtual environment with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "error: this Python cannot create virtual environments; install its venv module (on Debian: python3-venv)" >&2; exit 1; }

# --no-build-isolation: the build tool is locked, too, so that nothing unlocked is downloaded.
$(VENV)/.installed: requirements-embedded.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked requirements ..."
	@$(PIP) install --require-hashes --requirement requirements-embedded.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing the requirements of tests and linters ..."
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@

$(VENV)/bin/uv: | $(VENV)/.installed
	@$(PIP) install uv
