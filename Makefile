# `make` lists the commands. Each does all the set-up it needs, and none when nothing has changed.
#
# The list is made of the comments behind ##; a line of its own that begins with ## names variables the next command
# honours, from its command line (`make demo PORT=9000`) or the environment.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules
# Tests and the demo start a hundred processes: without its bytecode each compiles everything it imports, for seconds.
unexport PYTHONDONTWRITEBYTECODE

# The first that is there, beginning with the version the lock files are made for.
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
BIN := .venv/bin
NODE := pipelines/node.sh
AUDIT := .venv/audit/bin/pip-audit
CORES := $(shell getconf _NPROCESSORS_ONLN)
LINTS := lint-types lint-schemas lint-api lint-files lint-docs lint-imports lint-style web-lint
# Targets beside one another, each with its output in one piece, and all of them even if one fails.
BESIDE := --no-print-directory --jobs=$(CORES) --output-sync=target --keep-going
# Tests wait more than they compute. Each worker holds some 20 connections to PostgreSQL, which gives 100 by default.
WORKERS ?= $(shell echo $$(($(CORES) < 3 ? $(CORES) + 1 : 4)))
COMPOSE := docker compose --env-file .env --file infra/compose/compose.yaml

DISTRIBUTIONS := contracts libs/kit libs/ml pipelines $(sort $(wildcard services/*)) launcher
# The one place of the version: the installed distributions and the API documents follow it.
VERSION_FILE := contracts/src/pacewatch/contracts/version.py
SETUP := .venv/.setup
WEB_SOURCES := $(shell find web \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null)
WEB_MODULES := web/node_modules/.setup
API_LINT_MODULES := contracts/lint/node_modules/.setup
# Until there is a page to build, there is nothing to build.
WEB := $(if $(wildcard web/index.html),web/dist/index.html)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^## / { variables = "  [" substr($$0, 4) "]" } \
		/^[a-z-]+:.*## / { printf "  %-15s %s%s\n", $$1, $$2, variables; variables = "" }' $(MAKEFILE_LIST)

## PYTHON
.PHONY: setup
setup: $(SETUP) ## virtual environment in .venv with everything locked, our own packages in editable mode

$(SETUP): requirements-setup.lock requirements-dev.lock $(DISTRIBUTIONS:=/pyproject.toml) $(VERSION_FILE) $(wildcard $(DISTRIBUTIONS:=/src))
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it, or name it with PYTHON=..."; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv \
		|| { echo "No virtual environment could be made: on Debian, apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(DISTRIBUTIONS:%=-e %)
	@touch $@

.PHONY: web
web: $(SETUP) $(WEB) ## the dashboard's build in web/dist, with Node.js 20 or later, else with one from a wheel

$(WEB_MODULES): web/package.json web/package-lock.json | $(SETUP)
	cd web && ../$(NODE) npm ci --no-audit --no-fund
	@touch $@

web/dist/index.html: $(WEB_MODULES) $(WEB_SOURCES)
	cd web && ../$(NODE) npm run build
	@touch $@

## PORT=8080 MAILCATCHER_PORT=1080 PROFILE=pacemaker|machine HISTORY=365 SECONDS_PER_DAY=10 DATA=folder DEMO_DIR=.demo
.PHONY: demo
demo: setup web ## the whole loop on this machine; Ctrl-C ends it, the next run continues from there
	$(BIN)/pacewatch demo

## ROWS=2000000 URL=http://127.0.0.1:8080 EMAIL=account
.PHONY: seed
seed: setup ## a simulated history with its outcomes, loaded into a running platform; PACEWATCH_TOKEN or _PASSWORD authenticates
	$(BIN)/pacewatch seed --rows $(or $(ROWS),2000000) --url $(or $(URL),http://127.0.0.1:8080) \
		$(if $(EMAIL),--email '$(EMAIL)')

## PYTEST_ARGS="-k name" WORKERS=3
.PHONY: test
test: setup web web-test ## every test, on real servers: found or started; a missing one is named
	$(BIN)/pytest --numprocesses $(WORKERS) $(PYTEST_ARGS)

.PHONY: check
check: setup ## lint and the quick unit tests, for the inner loop
	@$(MAKE) $(BESIDE) $(filter-out lint-docs,$(LINTS)) unit-test web-test

.PHONY: unit-test
unit-test: setup ## the unit tests that are quick and need no server
	$(BIN)/pytest --numprocesses $(WORKERS) -m "not servers and not early" tests/unit $(PYTEST_ARGS)

## WHEN=year-end|february|leap-day|spring|autumn|"2027-06-30 12:00" ZONE=Europe/Berlin PYTEST_ARGS="tests/unit/kit"
.PHONY: test-clocks
test-clocks: setup ## unit and integration tests at other moments and in other zones; every case, or the one that WHEN names
	$(BIN)/python tests/clocks.py $(if $(WHEN),--when '$(WHEN)') $(if $(ZONE),--zone '$(ZONE)') \
		--workers $(WORKERS) -- $(PYTEST_ARGS)

.PHONY: web-test
web-test: $(SETUP) $(if $(WEB),$(WEB_MODULES)) ## the dashboard's unit tests
	$(if $(WEB),cd web && ../$(NODE) npm test)

.PHONY: lint
lint: setup ## every check that needs no server: style, types, imports, generated files, deployment files
	@$(MAKE) $(BESIDE) $(LINTS)

.PHONY: lint-style
lint-style: setup ## Python's style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: lint-types
lint-types: setup ## Python's types
	$(BIN)/mypy
	$(BIN)/mypy tests

.PHONY: lint-imports
lint-imports: setup ## which package may import which
	$(BIN)/lint-imports

.PHONY: lint-schemas
lint-schemas: setup ## the files generated from the code
	$(BIN)/pacewatch schemas --check

.PHONY: lint-api
lint-api: setup $(API_LINT_MODULES) ## the API documents, as Redocly and Spectral judge them: not even a warning
	cd contracts/lint && ../../$(NODE) npm run --silent lint

$(API_LINT_MODULES): contracts/lint/package.json contracts/lint/package-lock.json | $(SETUP)
	cd contracts/lint && ../../$(NODE) npm ci --no-audit --no-fund
	@touch $@

.PHONY: lint-files
lint-files: setup ## files that other tools read, against their schemas: compose, pipelines, Dockerfiles, templates, update bot
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec infra/compose/compose.yaml .devcontainer/compose.yaml
	$(BIN)/check-jsonschema --regex-variant nonunicode --builtin-schema vendor.azure-pipelines \
		pipelines/*.yml pipelines/steps/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms \
		$(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(BIN)/check-jsonschema --regex-variant nonunicode --builtin-schema vendor.renovate .github/renovate.json
	$(BIN)/hadolint infra/compose/Dockerfile .devcontainer/Dockerfile

.PHONY: lint-docs
lint-docs: setup ## pages: links, paths, the map, sections of decisions, banned words
	$(BIN)/pytest --quiet --durations=0 --durations-min=60 tests/unit/docs

.PHONY: web-lint
web-lint: $(SETUP) $(if $(WEB),$(WEB_MODULES)) ## the dashboard's style and types
	$(if $(WEB),cd web && ../$(NODE) npm run lint)

.PHONY: audit
audit: $(AUDIT) $(WEB_MODULES) ## locked packages with a known vulnerability, by the registries' databases: not part of lint, since news must not break it
	status=0; \
	for name in requirements-setup requirements requirements-dev; do \
		$(AUDIT) --requirement "$$name.lock" --require-hashes --disable-pip --strict --progress-spinner off || status=1; done; \
	(cd web && ../$(NODE) npm audit --audit-level high) || status=1; \
	exit $$status

$(AUDIT): requirements-audit.lock | $(SETUP)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/audit
	$(BIN)/uv pip install --quiet --python .venv/audit/bin/python --require-hashes -r requirements-audit.lock
	@touch $@

.PHONY: format
format: setup $(if $(WEB),$(WEB_MODULES)) ## format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(if $(WEB),cd web && ../$(NODE) npm run format)

.PHONY: schemas
schemas: setup ## the files generated from the code: JSON Schemas, AsyncAPI, OpenAPI, .env.example, the rights page
	$(BIN)/pacewatch schemas

.PHONY: lock
lock: setup ## the lock files: newest versions and their hashes, no addresses
	for name in requirements-setup requirements-node requirements-audit requirements requirements-dev; do \
		$(BIN)/uv pip compile "$$name.in" --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-header --no-annotate --output-file "$$name.lock"; done

.PHONY: up
up: .env ## the platform in containers, behind nginx
	$(COMPOSE) up --build --detach --wait

.PHONY: down
down: .env ## end the containers; their data stay
	$(COMPOSE) down

.env: | $(SETUP)
	infra/compose/new-env.sh >$@.new && chmod 600 $@.new && mv $@.new $@

## DEVICES=10000 SECONDS=60 RATE=10000
.PHONY: bench-loop
bench-loop: setup ## a fleet day by day through every service: rates, lag, processor time, POST to mail; the last line is JSON
	$(BIN)/python tests/load/bench_loop.py --devices $(or $(DEVICES),10000) --seconds $(or $(SECONDS),60) \
		--rate $(or $(RATE),10000)

## WAYS=200 SEED=1
.PHONY: prove-files
prove-files: setup ## one fleet written in many ways gives one report and the same stored rows, or words; the last line is JSON
	$(BIN)/python tests/load/prove_files.py --ways $(or $(WAYS),200) --seed $(or $(SEED),1)

## ROWS=2000000
.PHONY: bench-ingest
bench-ingest: setup ## JSON batches and Parquet uploads beside a plain COPY; some three minutes, the last line is JSON
	$(BIN)/python tests/load/bench_ingest.py --rows $(or $(ROWS),2000000)

## ROWS=2000000
.PHONY: bench-train
bench-train: setup ## a training on years of readings, and the speed of scoring beside the bare model; the last line is JSON
	$(BIN)/python tests/load/bench_train.py $(if $(ROWS),--rows $(ROWS))

## DATA=folder
.PHONY: replay-machine
replay-machine: setup ## the recorded machines through the HTTP ingest; the last line is JSON
	$(BIN)/pacewatch replay-machine

## FILES=220 SEED=7
.PHONY: prove-doors
prove-doors: setup ## every door holds: nothing stays unscored, hostile files, revoked rights, an upgrade; the last line is JSON
	$(BIN)/python tests/load/prove_doors.py --files $(or $(FILES),220) --seed $(or $(SEED),7)

## SEED=7
.PHONY: prove-year
prove-year: setup ## a live year after a year of history, a model every 30 days, judged by hidden truth; the last line is JSON
	$(BIN)/python tests/load/prove_year.py --seed $(or $(SEED),7)

## PROFILE=pacemaker|machine|file DATA=folder ENRICH=8 SEED=7 BUDGET=0.01
.PHONY: report
report: setup ## train and judge a model on an old fleet, or a simulated one, without servers; the last line is JSON
	$(BIN)/python pipelines/report.py $(if $(PROFILE),--profile '$(PROFILE)') $(if $(DATA),--data '$(DATA)') \
		$(if $(ENRICH),--enrich $(ENRICH)) $(if $(SEED),--seed $(SEED)) $(if $(BUDGET),--budget $(BUDGET))

.PHONY: clean
clean: ## everything that was built; the demo's data and .env stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache reports
	rm -rf web/node_modules web/dist contracts/lint/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
