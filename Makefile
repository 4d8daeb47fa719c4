# The commands of this project; `make help` lists them.

PYTHON ?= python3
UV ?= uv
WORKERS ?= 2
KILLS ?= 200
INPUTS ?= 20000

python := .venv/bin/python
install := $(python) -m pip install --quiet --disable-pip-version-check --require-hashes
compile := $(UV) pip compile --quiet --universal --generate-hashes --no-header pyproject.toml
random := $(python) -c 'import secrets; print(secrets.token_urlsafe(64))'

.DEFAULT_GOAL := help
.PHONY: help demo test lint check faults fuzz bench bench-large stop lock

help:
	@echo 'make demo   run the application with demo data (HOST, PORT: where; 127.0.0.1, 8000)'
	@echo 'make test   run all checks and tests (WORKERS: how many at once; $(WORKERS))'
	@echo 'make lint   run the checks of style, templates, types, layers, unused code and vulnerabilities only'
	@echo 'make check  run these checks and the unit tests of one app: make check APP=licenses'
	@echo 'make faults  kill clients, connections and servers amid acts (KILLS: how often; $(KILLS))'
	@echo 'make fuzz   send generated inputs to every route as every persona (INPUTS: how many; $(INPUTS))'
	@echo 'make bench  measure the site with 1,000 and 10,000 orders (ONLY: a part of the names)'
	@echo 'make bench-large  measure up to 1,000,000 orders and write docs/performance.md'
	@echo 'make stop   stop the embedded database, which commands leave running'
	@echo 'make lock   write the lock files anew from pyproject.toml (UPGRADE=--upgrade: newest)'

demo: .venv/demo .env
	@exec $(python) manage.py run_demo

lint: .venv/test .env
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m djlint --quiet --lint templates
	$(python) -m djlint --quiet --check templates
	$(python) -m mypy
	$(python) -m tests.dead_code
	$(python) .venv/bin/lint-imports
	$(python) -m tests.advisories

check: lint
	@test -d 'tests/$(APP)' -a -n '$(APP)' || \
		{ echo >&2 'Name an app that has tests, such as: make check APP=licenses'; exit 1; }
	$(python) -m pytest -n $(WORKERS) --dist worksteal -m 'not commits' tests/$(APP)

test: lint
	DEBUG=0 SECRET_KEY=$$($(random)) ALLOWED_HOSTS=localhost DATABASE_URL=postgres://127.0.0.1/none?sslmode=require \
		$(python) manage.py check --deploy --fail-level WARNING
	$(python) manage.py makemigrations --check --dry-run
	$(python) -m tests.browser.chromium
	$(python) -m tests.java
	$(python) -m tests.machines.programs
	$(python) -m pytest -n $(WORKERS) --dist worksteal

faults: .venv/test .env
	$(python) -m tests.kills $(KILLS)

fuzz: .venv/test .env
	INPUTS=$(INPUTS) $(python) -m pytest -n $(WORKERS) -o faulthandler_timeout=0 tests/test_hostile_input.py

bench: .venv/test .env
	$(python) -m benchmarks --only '$(ONLY)'

bench-large: .venv/test .env
	$(python) -m benchmarks --resume --write \
		--size 1000 --size 10000 --size 100000 --size 1000000

stop:
	@test ! -e .data/postgres || $(python) -c \
		'from pathlib import Path; from jasper_inventory.devserver import postgres; postgres.stop(Path())'

lock:
	$(compile) $(UPGRADE) --output-file requirements.txt
	$(compile) $(UPGRADE) --extra dev --output-file requirements-dev.txt
	$(compile) $(UPGRADE) --extra dev --extra test --output-file requirements-test.txt

# Each stamp in .venv is written last, so what was interrupted is done again.

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo >&2 'Python 3.11 or newer is needed, such as: make PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/demo: requirements-dev.txt | .venv/made
.venv/test: requirements-test.txt | .venv/made
.venv/demo .venv/test:
	@echo 'Installing $< into .venv ...'
	@$(install) -r $<
	@touch $@

.env:
	@umask 077 && { echo DEBUG=1; echo "SECRET_KEY=$$($(random))"; } > $@.new && mv $@.new $@
