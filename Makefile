# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN    := .venv/bin
PIP     = $(BIN)/python -m pip --disable-pip-version-check
# Extra packages for the tests, e.g. `make test WITH=torch==2.13.0` compares gradients with PyTorch's.
WITH   ?=
# Where studies and pages go.
OUT    ?= results/demo

.PHONY: demo test check docs-check api bench sanitize clean help

help:
	@echo "make demo    train the paper's comparison on handwritten digits and draw the report"
	@echo "make test    run the tests                 make check   lint, types, room order"
	@echo "make docs-check  run what the pages show      make api      the reference, as pages"
	@echo "make bench   speed against peers           make sanitize  kernel tests with sanitizers"
	@echo "make clean   remove .venv and caches"

.venv/bin/python:
	$(PYTHON) -m venv .venv

# One stamp per set of packages, so that a second call installs nothing.
.venv/installed: pyproject.toml constraints.txt $(wildcard csrc/*) | .venv/bin/python
	$(PIP) install -q -c constraints.txt -e .
	@touch $@

# What an extra asks for, without installing, and so compiling, rectinet itself once more.
EXTRA = $(BIN)/python -c 'import sys, tomllib; \
  project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
  print(*project["optional-dependencies"][sys.argv[1]], sep="\n")'

.venv/installed-test .venv/installed-check .venv/installed-docs: .venv/installed-%: .venv/installed
	$(EXTRA) $* | $(PIP) install -q -c constraints.txt -r /dev/stdin
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

# Every block of code and command of the pages, some minutes. RECTINET_DATA says where the data are.
docs-check: .venv/installed-test
	$(BIN)/python -m pytest -m "" tests/docs

# The reference, with all docstrings; docs/api.md is the one page that is committed.
api: .venv/installed-docs
	$(BIN)/python docs/build_api.py
	$(BIN)/pdoc --docformat google --output-directory build/api rectinet \
	  rectinet.analysis rectinet.data rectinet.estimators rectinet.export

bench: .venv/installed
	$(if $(WITH),$(PIP) install -q $(WITH))
	$(BIN)/rectinet bench training

# The kernel tests on kernels that check every access, in an environment of its own.
SANITIZE := .venv-sanitize
.venv-sanitize/installed: pyproject.toml constraints.txt $(wildcard csrc/*)
	$(PYTHON) -m venv $(SANITIZE)
	$(SANITIZE)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt \
	  -C cmake.define.RECTINET_SANITIZE=address,undefined -e ".[test]"
	@touch $@

# Leaks are not looked for: Python and NumPy keep much until the process ends.
sanitize: .venv-sanitize/installed
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libstdc++.so)" \
	  ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
	  $(SANITIZE)/bin/python -m pytest tests/kernels

clean:
	rm -rf .venv .venv-sanitize build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
