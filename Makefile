# Two commands do all: `make run` and `make test`. Each sets up what it needs by itself.
PYTHON ?= python3
BIN := .venv/bin
export PORT ?= 8000
# Else each of the many processes of a site, and of its tests, would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE
CLIENTS := tests/journeys/clients
# What is formatted beside Python: scripts and styles.
PRETTIER := frontend/node_modules/.bin/prettier --print-width=100
SCRIPTS := frontend/modules tests/frontend/modules static/css

.PHONY: run test tests check coverage bench format
.DELETE_ON_ERROR:

run: .venv/run
	@$(BIN)/python manage.py serve

# `make test` runs all there is; `make test ROOM=comparisons` runs the tests of one room.
ROOM ?=
JOURNEYS := $(if $(filter-out journeys,$(ROOM)),,browser $(CLIENTS)/node_modules frontend/node_modules)

test: .venv/dev bubblewrap podman barman $(JOURNEYS)
	@$(MAKE) --no-print-directory --jobs $(if $(ROOM),,check scripts) tests

tests: .venv/dev
	$(BIN)/python -m pytest -n auto $(if $(ROOM),tests/$(ROOM))

# How much of each room the tests run, by lines and branches, in percent.
coverage: .venv/dev bubblewrap podman barman $(JOURNEYS)
	@mkdir -p var/coverage
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n auto $(if $(ROOM),tests/$(ROOM))
	$(BIN)/python -m coverage combine --quiet
	@for room in ratings/*/; do \
	    printf '%-24s' "$$room"; $(BIN)/python -m coverage report --format=total --include="$$room*"; \
	done

# What the tests would let pass: in ROOM, or one file of it (ROOM=psychometrics/model/newton), each
# expression is changed, one at a time; the changes that no test of the room notices are shown.
MUTMUT := .venv-mutate/bin/mutmut
MUTANTS = ratings.$(subst /,.,$(ROOM))$(if $(ROOM),.)
# Which test files may notice: mutmut asks of these the tests that run the changed function.
TESTS = $(wildcard tests/$(or $(firstword $(subst /, ,$(ROOM))),*)/test_*.py)
OTHERS = $(filter-out $(TESTS),$(wildcard tests/test_*.py tests/*/test_*.py))

.PHONY: mutate
mutate: export PYTEST_ADDOPTS = $(OTHERS:%=--ignore=%)
mutate: .venv-mutate/installed
	@rm -rf mutants/tests  # copied each time, and tests that are gone would stay
	$(MUTMUT) run --max-children 1 '$(MUTANTS)*'
	@$(MUTMUT) results | grep '^ *$(MUTANTS)' | grep -v ': timeout$$' | cut -d: -f1 | \
	    xargs --no-run-if-empty -n 1 $(MUTMUT) show

# The tests with the lowest versions that requirements/*.in allow, but for those that take a browser.
.PHONY: lowest
lowest: .venv-lowest/installed bubblewrap podman
	.venv-lowest/bin/python -m pytest -n auto \
	    $(if $(ROOM),tests/$(ROOM),--ignore=tests/journeys tests)

check: .venv/dev frontend/node_modules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	RATINGS_HTTPS=1 $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/mypy
	$(PRETTIER) --log-level=warn --check $(SCRIPTS)
	$(BIN)/djangofmt --check frontend/templates
	cd frontend && npx --no-install tsc --project .

# The rating page's modules that know no DOM, by Node's own test runner.
.PHONY: scripts
scripts:
	node --test tests/frontend/modules/

# Several machines under a crowd, while each is killed and cut off in turn; as root.
RATERS ?= 1000
MINUTES ?= 5
THINK ?= 5
TREE ?=

.PHONY: fleet
fleet: .venv/dev
	@sh tests/fleet/install_parts.sh
	$(BIN)/python -m benchmarks fleet $(RATERS) $(MINUTES) $(THINK) $(TREE) --write

bench: .venv/dev
	$(BIN)/python -m benchmarks

# Other rankings and coders to measure ours by; they pin their own numpy, so they live apart.
.PHONY: peers
peers: .venv-peers/installed .venv-coders/installed

format: .venv/dev frontend/node_modules
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(PRETTIER) --log-level=warn --write $(SCRIPTS)
	$(BIN)/djangofmt frontend/templates

.PHONY: browser
browser:
	@sh tests/journeys/install_browser.sh

# The environment of decoders with PyTorch, for this machine: nothing else downloads it. Its tests
# are skipped where it was not made.
.PHONY: torch
torch: .venv/run
	@$(BIN)/python -m ratings.sandbox.environments torch

.PHONY: bubblewrap
bubblewrap:
	@sh tests/sandbox/install_bubblewrap.sh

.PHONY: podman
podman:
	@sh tests/sandbox/install_podman.sh

.PHONY: barman
barman:
	@sh tests/deploy/install_barman.sh

.venv/bin/python:
	@echo "Creating the environment in .venv"
	@$(PYTHON) -m venv .venv

.venv/run: requirements/demo.txt | .venv/bin/python
	@echo "Installing what the site needs (about a minute, once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev: requirements/dev.txt | .venv/bin/python
	@echo "Installing what the tests need (about two minutes, once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ .venv/run

.venv-peers/installed: requirements/peers.txt
	@echo "Installing other rankings to compare with (about a minute, once)"
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv-coders/installed: requirements/coders.txt
	@echo "Installing other arithmetic coders to compare with"
	@$(PYTHON) -m venv .venv-coders
	@.venv-coders/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv-mutate/installed: requirements/dev.txt requirements/mutate.txt
	@echo "Installing what changes lines and runs their tests (about two minutes, once)"
	@$(PYTHON) -m venv .venv-mutate
	@.venv-mutate/bin/pip install --quiet --disable-pip-version-check --require-hashes \
	    $(addprefix -r ,$^)
	@touch $@

.venv-lowest/installed: requirements/runtime.in requirements/demo.in requirements/dev.in
	@echo "Installing the lowest versions that the requirements allow (about two minutes)"
	@$(PYTHON) -m venv --clear .venv-lowest
	@.venv-lowest/bin/pip install --quiet --disable-pip-version-check uv
	@.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python \
	    --resolution lowest-direct -r requirements/dev.in
	@touch $@

# What pages are checked with, and what makes a client that the tests try; each has its own pins.
%/node_modules: %/package-lock.json
	cd $* && npm ci --silent --no-fund --no-audit
	@touch $@
