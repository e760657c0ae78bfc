# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN    := .venv/bin
PIP     = $(BIN)/python -m pip --disable-pip-version-check
# Extra packages for the tests, e.g. `make test WITH=torch==2.13.0` compares gradients with PyTorch's.
WITH   ?=
# Where studies and pages go.
OUT    ?= results/demo

.PHONY: demo test check bench clean help

help:
	@echo "make demo    train the paper's comparison on handwritten digits and draw the report"
	@echo "make test    run the tests                 make check   lint, types, room order"
	@echo "make bench   speed against peers           make clean   remove .venv and caches"

.venv/bin/python:
	$(PYTHON) -m venv .venv

# One stamp per set of packages, so that a second call installs nothing.
.venv/installed: pyproject.toml constraints.txt $(wildcard csrc/*) | .venv/bin/python
	$(PIP) install -q -c constraints.txt -e .
	@touch $@

.venv/installed-test: .venv/installed
	$(PIP) install -q -c constraints.txt -e ".[test]"
	@touch $@

.venv/installed-check: .venv/installed
	$(PIP) install -q -c constraints.txt -e ".[check]"
	@touch $@

demo: .venv/installed
	$(BIN)/rectinet demo --out $(OUT)

test: .venv/installed-test
	$(if $(WITH),$(PIP) install -q $(WITH))
	$(BIN)/python -m pytest -n auto

check: .venv/installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed
	$(BIN)/python benchmarks/training_step.py

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
