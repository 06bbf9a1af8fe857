# Lastmile's commands. Each one sets up what it needs first; a second run finds it done.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Modules compiled once are found compiled; some machines switch that off.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
PROJECT := .venv/.stamp
CLOUD := .tools/ministack/.stamp
CORE := .venv/.core
STAGE ?=
GROUP ?=
INSTANCES ?=
ENDPOINT_URL ?=
# Template parameters: PARAMETERS="KeepData=yes AlarmEmail=desk@example.com"
PARAMETERS ?=
# A GB-second costs a fifth less on arm64.
ARCH ?= aarch64

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(PROJECT): pyproject.toml uv.lock local/setup.sh
	@local/setup.sh project

$(CLOUD): local/ministack-requirements.txt $(PROJECT)
	@local/setup.sh cloud

# The folder itself is newer when a source has gone.
$(CORE): $(wildcard layers/solver/core layers/solver/core/*) layers/solver/build_core.py $(PROJECT)
	@$(PYTHON) -m layers.solver.build_core
	@touch $@

.PHONY: setup
setup: $(PROJECT) $(CLOUD) $(CORE) ## Everything the other commands need, without running anything

.PHONY: demo
demo: setup ## A whole day of deliveries on the packaged stack, then its pages (DEMO_EXIT=1 ends)
	@$(PYTHON) -m local.demo

.PHONY: serve
serve: setup ## The stack on this machine with a seeded merchant, until Ctrl-C
	@$(PYTHON) -m local.serve

.PHONY: browser
browser:
	@local/setup.sh browser

.PHONY: test
test: setup browser build-package ## All tests
	@$(PYTHON) -m tests.second_look -n 2

.PHONY: check
check: setup browser format lint types imports build-package ## Format, lint, types, import contracts, templates, tests
	@$(PYTHON) -m tests.second_look -n 2

.PHONY: check-api
check-api: setup ## Schemathesis against the whole API with every phase, minutes
	@SCHEMATHESIS=full $(PYTHON) -m pytest -q tests/entry/test_schemathesis.py

.PHONY: format lint types imports build-package
format: $(PROJECT)
	@$(PYTHON) -m ruff format --check .
lint: $(PROJECT)
	@$(PYTHON) -m ruff check .
types: $(PROJECT)
	@$(PYTHON) -m mypy
imports: $(PROJECT)
	@.venv/bin/lint-imports
build-package: $(PROJECT)
	@$(PYTHON) -m infra.package --skip-if-current

.PHONY: package
package: $(PROJECT) ## The deployable template, function zip and layer zips in build/
	@$(PYTHON) -m infra.package

.PHONY: deploy
deploy: $(PROJECT) ## The stack in your AWS account: make deploy STAGE=prod (ARCH=x86_64 if you must)
	@test -n "$(STAGE)" || { echo "Say which stage: make deploy STAGE=prod" >&2; exit 2; }
	@$(PYTHON) -m infra.package --skip-if-current --arch $(ARCH)
	@$(PYTHON) -m local.deploy --stage "$(STAGE)" $(if $(ENDPOINT_URL),--endpoint-url "$(ENDPOINT_URL)") $(foreach one,$(PARAMETERS),--parameter "$(one)")

.PHONY: bench-setup
bench-setup: $(PROJECT) $(CORE) ## Adds what only benchmarks need to .venv
	@local/setup.sh bench

.PHONY: bench
bench: bench-setup ## The benchmarks; GROUP=road runs a group, INSTANCES=DIR has public instances
	@GROUP="$(GROUP)" INSTANCES="$(INSTANCES)" $(PYTHON) -m benchmarks

.PHONY: fix
fix: $(PROJECT) ## Format and repair what can be repaired by itself
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix .

.PHONY: shots
shots: setup browser ## Pictures of the apps and pages in build/shots: light, dark, narrow, right to left
	@mkdir -p build/shots
	@SHOTS=build/shots $(PYTHON) -m pytest -q -k axe tests/web/browser/test_driver_looks_in_chromium.py
	@SHOTS=build/shots $(PYTHON) -m pytest -q -k pictures tests/web/browser/test_track_in_chromium.py
	@SHOTS=build/shots $(PYTHON) -m pytest -q -k axe tests/web/browser/test_actions_in_chromium.py
	@SHOTS=build/shots $(PYTHON) -m pytest -q -k axe tests/web/browser/test_portal_in_chromium.py
	@SHOTS=build/shots $(PYTHON) -m pytest -q -k fits_a_phone tests/web/browser/test_office_in_chromium.py
	@SHOTS=build/shots $(PYTHON) -m pytest -q -k axe tests/web/browser/test_desk_in_chromium.py
	@SHOTS=build/shots $(PYTHON) -m pytest -q tests/web/browser/test_desk_panels_in_chromium.py

.PHONY: clean
clean: ## Removes everything that was built; the environments stay
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
