# `make demo` and `make test` do all their set-up themselves; VENV names where.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: demo test lint types check bench docs gallery clean

demo: $(VENV)/.installed
	$(BIN)/dreamer render recipes/first-dream.yaml

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not gpu" -p no:cacheprovider

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/steps.py

gallery: $(VENV)/.installed
	$(BIN)/python tools/build_gallery.py

docs: $(VENV)/.installed
	$(BIN)/python -m dreamer.recipe.reference

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable '.[test]'
	tools/install_browser.sh
	touch $(VENV)/.installed $@

clean:
	rm -rf $(VENV)
