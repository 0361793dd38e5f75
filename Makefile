# Six commands. `make` alone lists them. Each sets up .venv on its first use.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help first test test-all check bench build
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
	$(BIN)/python -m pytest -m 'not slow'

test-all: $(BIN)/torchwork  ## all tests, also the long trainings and a hundred kills
	$(BIN)/python -m pytest

check: $(BIN)/torchwork   ## lint, format and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: $(BIN)/torchwork   ## every number the README claims (about half an hour)
	$(BIN)/python -m benchmarks

build: $(BIN)/torchwork   ## the wheel and the source distribution, in dist/
	$(BIN)/pip install --quiet build && $(BIN)/python -m build
