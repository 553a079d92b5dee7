# folioctl. On a machine with git, make and python3 (3.11+), `make demo` and `make test` need nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 4
# Twice as many as cores: what a test waits for (a gateway, the line's pace) takes no core. An idle one takes over.
PARALLEL := -n $(WORKERS) --dist worksteal

# pip installs exactly what the lock files say, hashes checked; the project itself comes last, editable.
define make_environment
	@echo "making $(1) (once; about a minute)"
	@rm -rf $(1)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "folioctl needs Python 3.11 or newer, found " + sys.version)'
	@$(PYTHON) -m venv $(1)
	@$(1)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(2)
	@$(1)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(1)/.complete
endef

.venv/.complete: requirements/dev.txt
	$(call make_environment,.venv,requirements/dev.txt)

.venv-ib-async/.complete: requirements/ib-async.txt
	$(call make_environment,.venv-ib-async,requirements/ib-async.txt)

# Source distributions are built with the setuptools of the environment, not with one that is fetched unchecked.
.venv-ibapi/.complete: requirements/ibapi.txt requirements/ibapi-client.txt
	$(call make_environment,.venv-ibapi,requirements/ibapi.txt)
	@.venv-ibapi/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation \
	  -r requirements/ibapi-client.txt
	@touch $@

.venv-bench/.complete: requirements/bench.txt
	$(call make_environment,.venv-bench,requirements/bench.txt)

tests/editor/node_modules/.complete: tests/editor/package-lock.json
	@cd tests/editor && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: help setup demo test test-all lint type-check format unit broker ibapi check-editor simulate matrix bench bench-apply bench-gateway bench-plan bench-validate schemas docs goldens lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.complete ## make the environment in .venv

demo: setup ## run the main job against the simulated gateway: validate, plan, apply, drift
	@$(BIN)/folioctl demo

test: lint type-check unit broker ## everything that must pass before a merge, under ten minutes on two cores

test-all: lint type-check ## the same with the long sweeps
	$(BIN)/pytest $(PARALLEL) --full
	$(MAKE) broker
	$(MAKE) ibapi
	$(MAKE) check-editor

lint: setup ## ruff, import contracts, workflows, schemas that drifted
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m cli schema --check schemas
	$(BIN)/zizmor --offline --quiet .github/workflows
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

type-check: setup ## mypy --strict
	$(BIN)/mypy

format: setup ## format the code and sort what ruff can sort
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

unit: setup ## every suite, against ib_insync
	$(BIN)/pytest $(PARALLEL)

broker: .venv-ib-async/.complete ## the suites that meet a broker library, against ib_async
	.venv-ib-async/bin/pytest $(PARALLEL) -m broker

ibapi: .venv-ibapi/.complete ## the simulated gateway against the broker's own client
	.venv-ibapi/bin/pytest -m ibapi tests/simgateway/test_ibapi.py

check-editor: setup ## manifests in an editor: the real yaml-language-server, at a pinned version; needs node and npm
	@if command -v node > /dev/null; then \
	  $(MAKE) --no-print-directory tests/editor/node_modules/.complete && \
	  echo "the editor check runs on node $$(node --version)" && \
	  $(BIN)/pytest -p no:xdist tests/editor/check_editor.py; \
	else \
	  echo "node not found: the editor check is skipped"; \
	fi

SEED ?= 1
DAYS ?= 5
simulate: setup ## weeks in seconds, by one seed: SEED=7 or SEED=1-500, DAYS=5; FAULTS=no, PLANT=a bug, TRACE=a file
	$(BIN)/python -m tests.simulation --seed $(SEED) --days $(DAYS) $(if $(FAULTS),--faults $(FAULTS)) \
	  $(if $(PLANT),--plant $(PLANT)) $(if $(TRACE),--trace $(TRACE))

matrix: setup ## each fault in each phase of an apply, measured beside what is stated: FAULTS=outage, TELL=yes
	$(BIN)/python -m tests.matrix $(FAULTS) $(if $(TELL),--tell)

bench: setup ## speed and memory, as ratios measured in one run
	$(BIN)/python -m tests.bench

bench-gateway: setup ## what the simulated gateway bears: orders and requests a second, replies among many
	$(BIN)/python -m tests.bench.gateway

bench-plan: setup .venv-bench/.complete ## rounding against PyPortfolioOpt and the exact optimum; plans: growth and memory
	.venv-bench/bin/python -m tests.bench.rounding
	$(BIN)/python -m tests.bench.planning

bench-validate: setup ## validate: its time against check-jsonschema on the same manifests, and its growth
	$(BIN)/python -m tests.bench.validating

bench-apply: setup ## an apply of 300 orders: its time against what the message rate allows
	$(BIN)/python -m tests.bench.apply

schemas: setup ## write schemas/ from the models
	$(BIN)/python -m cli schema --write schemas

docs: setup ## write the tables of the documents and the picture of a plan anew
	$(BIN)/python -m tests.documents
	$(BIN)/python -m tests.picture

goldens: setup ## write the golden renderings anew; read the diff before you commit it
	$(BIN)/pytest tests/golden --write-goldens

lock: ## resolve the lock files anew (needs uv); review the diff
	uv pip compile --universal --python-version 3.11 --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  pyproject.toml --extra ib --group build --group test --group check -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  pyproject.toml --extra ib-async --group build --group test -c requirements/dev.txt -o requirements/ib-async.txt
	uv pip compile --universal --python-version 3.11 --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  pyproject.toml --group build --group test --group ibapi-build -c requirements/dev.txt -o requirements/ibapi.txt
	uv pip compile --universal --python-version 3.11 --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  --group ibapi-client -o requirements/ibapi-client.txt
	uv pip compile --universal --python-version 3.11 --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  pyproject.toml --group build --group bench-plan -c requirements/dev.txt -o requirements/bench.txt
