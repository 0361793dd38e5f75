# Ten commands. `make` alone lists them. Each sets up .venv on its first use.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help first test test-all check check-page page types bench build
help:           ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(BIN)/torchwork: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --editable . --group dev
	@touch $@

first: $(BIN)/torchwork   ## set up, and train a first network on embedded data (about a minute)
	$(BIN)/torchwork new first --force
	$(BIN)/torchwork check first.yaml
	$(BIN)/torchwork train first.yaml

test: $(BIN)/torchwork    ## set up, and run the tests
	$(BIN)/python -m pytest -m 'not slow' --ignore tests/browser -n logical --maxprocesses 4 --dist loadfile
	$(BIN)/python -m pytest tests/browser

test-all: $(BIN)/torchwork  ## all tests, also the long trainings and a hundred kills, with newly drawn inputs
	$(BIN)/python -m pytest --hypothesis-profile search

check: $(BIN)/torchwork   ## lint, format and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

page:           ## the page, built into the package (torchwork open serves it)
	cd frontend && npm ci --no-audit --no-fund && npm run build

check-page: frontend/node_modules  ## lint, types and unit tests of the page, and its size
	cd frontend && npm run --silent lint && npm run --silent types && npm run --silent test && npm run --silent build && npm run --silent size

frontend/node_modules: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

types: $(BIN)/torchwork   ## the page's TypeScript types, made from the server's messages
	$(BIN)/python -m torchwork.serve.typescript > frontend/src/api/messages.ts.new
	mv frontend/src/api/messages.ts.new frontend/src/api/messages.ts

bench: $(BIN)/torchwork   ## every number the README claims (about half an hour)
	$(BIN)/python -m benchmarks

build: $(BIN)/torchwork   ## the wheel and the source distribution, in dist/
	$(BIN)/pip install --quiet build && $(BIN)/python -m build
