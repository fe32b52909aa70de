# Every command of Encore. "make run" and "make test" do all the set-up on a fresh machine.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_TOOLS := node_modules
LEAST_FREE_GB := 8
PYTEST_FLAGS ?=
TEST_WORKERS ?= 2
# What measures times or films has the machine for itself; the rest shares it.
ALONE := tests/e2e/test_live.py tests/e2e/test_captures.py tests/load
# These mostly wait, so one more at a time, and are not to meet tests that compute.
WAITING := tests/faults tests/webapp/core/server/test_slow_reader.py tests/webapp/core/server/test_hostile_clients.py \
	tests/webapp/core/processes/test_supervisor.py tests/webapp/live/test_never_reads.py
WAITING_WORKERS ?= 3
# Flags as "-k name" may leave one half of the tests empty, which pytest says with 5.
NOTHING_CHOSEN = { code=$$?; [ "$$code" = 5 ] && [ -n "$(PYTEST_FLAGS)" ] || exit "$$code"; }

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test check lint lint-scripts format types imports e2e soak evaluate benchmark benchmark-moments benchmark-live

help: ## Show this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

install: $(VENV)/.installed ## Build .venv with what running needs

install-dev: $(VENV)/.installed-dev ## Build .venv with what tests and checks need as well

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Encore needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." \
		     "Name another one: make install PYTHON=python3.12"; exit 1; }
	@free=$$(df -Pk . | awk 'NR==2 {print int($$4/1000000)}'); \
		[ "$$free" -ge $(LEAST_FREE_GB) ] || { \
		echo "Encore needs $(LEAST_FREE_GB) GB of free disk to install; here are $$free GB."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make virtual environments. On Debian: apt install python3-venv"; exit 1; }

$(VENV)/.installed: requirements.lock | $(BIN)/python
	@deploy/install-packages.sh $(BIN)/python requirements.lock $(VENV)/install.log
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(BIN)/python
	@deploy/install-packages.sh $(BIN)/python requirements-dev.lock $(VENV)/install.log
	@touch $@ $(VENV)/.installed

run: install ## Start Encore on http://localhost:8000
	@$(BIN)/python manage.py up

test: install-dev ## Run the tests (REQUIRE_ALL=1 makes every skipped test an error)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile \
		$(addprefix --ignore=,$(ALONE) $(WAITING)) $(PYTEST_FLAGS) || $(NOTHING_CHOSEN)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WAITING_WORKERS) --dist loadfile $(WAITING) \
		$(PYTEST_FLAGS) || $(NOTHING_CHOSEN)
	@$(BIN)/python -m pytest $(ALONE) $(PYTEST_FLAGS) || $(NOTHING_CHOSEN)
	@if command -v node >/dev/null; then node --test tests/js/; \
		elif [ "$$REQUIRE_ALL" = 1 ]; then echo "node is missing, and REQUIRE_ALL=1"; exit 1; \
		else echo "node is missing: the JavaScript tests were not run"; fi

check: lint types imports test ## Run all that the continuous integration runs

lint: install-dev ## Check style, formatting, the size of files and functions, and the scripts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m tests.limits
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-scripts; \
		elif [ "$$REQUIRE_ALL" = 1 ]; then echo "npm is missing, and REQUIRE_ALL=1"; exit 1; \
		else echo "npm is missing: the scripts were not checked"; fi

lint-scripts: $(NODE_TOOLS)/.installed ## Check types and style of the scripts
	@$(NODE_TOOLS)/.bin/tsc
	@$(NODE_TOOLS)/.bin/eslint --cache --cache-location $(NODE_TOOLS)/.cache/eslint/ static/js tests/js eslint.config.js

$(NODE_TOOLS)/.installed: package.json package-lock.json
	@npm ci --silent
	@touch $@

format: install-dev ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: install-dev ## Check types
	@$(BIN)/mypy webapp inference manage.py

imports: install-dev ## Check who may import whom
	@$(BIN)/lint-imports

e2e: install-dev ## Run the browser tests only
	@$(BIN)/python -m pytest tests/e2e $(PYTEST_FLAGS)

soak: install-dev ## Run the long fault tests in full (uploads under kill -9, fuzzed pictures); SEEDS=20 kills at so many other times
	@failed=0; \
		ENCORE_SOAK=1 $(BIN)/python -m pytest -m slow -s $(PYTEST_FLAGS) || failed=1; \
		for seed in $$(seq 2 $(or $(SEEDS),1)); do \
			ENCORE_SOAK=1 ENCORE_STORM_SEED=$$seed $(BIN)/python -m pytest -m slow -s $(PYTEST_FLAGS) tests/faults/test_kill_storm.py || failed=1; \
		done; \
		exit $$failed

evaluate: install-dev ## Write docs/evaluation.md from the last figures; DATA=folder measures the models first
	@$(BIN)/python -m inference.evaluation.report $(if $(DATA),--data "$(DATA)")

benchmark: install-dev ## Measure uploads, events, memory, starts, the gallery and naming on this machine, for make evaluate
	@$(BIN)/python -m tests.load.upload_load
	@$(BIN)/python -m tests.load.gallery_load
	@failed=0; \
		$(BIN)/python -m tests.load.matching_load naming || failed=1; \
		$(BIN)/python -m tests.load.matching_load rematching || failed=1; \
		$(BIN)/python -m tests.load.worker_memory || failed=1; \
		$(BIN)/python -m tests.load.process_memory || failed=1; \
		$(BIN)/python -m tests.load.threads_load || failed=1; \
		$(BIN)/python -m tests.load.second_start || failed=1; \
		exit $$failed

benchmark-moments: install-dev ## Measure how near a captured frame is to a known peak; DATA=folder of clips: and the speed on videos; PEOPLE=evaluation data: and the peaks of a film kept
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.load.moment_reaction
	@if [ -n "$(DATA)" ]; then $(BIN)/python -m tests.load.video_load "$(DATA)"; fi
	@if [ -n "$(PEOPLE)" ]; then $(BIN)/python -m inference.evaluation.peaks --data "$(PEOPLE)"; fi

benchmark-live: install-dev ## Measure live: 50 cameras without and with the models, 4 fast ones, one in Chromium with kills
	@failed=0; \
		$(BIN)/python -m tests.load.live_load --cameras 50 --rate 5 --bytes 70000 --seconds 60 || failed=1; \
		$(BIN)/python -m tests.load.live_load --engine real --cameras 50 --rate 5 --bytes 70000 --seconds 60 || failed=1; \
		$(BIN)/python -m tests.load.live_load --engine real --cameras 4 --rate 15 --bytes 40000 --seconds 60 || failed=1; \
		$(BIN)/python -m tests.load.live_browser || failed=1; \
		exit $$failed
