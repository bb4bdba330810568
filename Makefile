# Two commands on a fresh machine: `make demo` and `make test`. Everything lives in .venv.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

.PHONY: demo test setup setup-dev browser lint

demo: setup browser
	$(BIN)/chorus-robot demo --out depots

test: setup-dev browser lint
	$(BIN)/chorus-robot flows check
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: setup-dev
	$(BIN)/ruff check robot tests benchmarks
	$(BIN)/mypy --strict robot

browser: setup
	$(BIN)/chorus-robot browser install

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	$(PYTHON) -c "import pathlib; pathlib.Path('$@').touch()"

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	$(PYTHON) -c "import pathlib; pathlib.Path('$@').touch()"
