# Two commands do all: `make run` and `make test`. Each sets up what it needs by itself.
PYTHON ?= python3
BIN := .venv/bin
export PORT ?= 8000

.PHONY: run test check bench format
.DELETE_ON_ERROR:

run: .venv/run
	@$(BIN)/python manage.py serve

test: check browser bubblewrap podman
	$(BIN)/python -m pytest

check: .venv/dev frontend/node_modules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	RATINGS_HTTPS=1 $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/mypy
	cd frontend && npx --no-install tsc --project .

bench: .venv/dev
	$(BIN)/python -m benchmarks

# Other rankings and coders to measure ours by; they pin their own numpy, so they live apart.
.PHONY: peers
peers: .venv-peers/installed .venv-coders/installed

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: browser
browser:
	@sh tests/journeys/install_browser.sh

.PHONY: bubblewrap
bubblewrap:
	@sh tests/sandbox/install_bubblewrap.sh

.PHONY: podman
podman:
	@sh tests/sandbox/install_podman.sh

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

frontend/node_modules: frontend/package-lock.json
	cd frontend && npm ci --silent --no-fund --no-audit
	@touch $@
