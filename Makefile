# Every target creates the .venv if it has to, and installs only what is missing or older than pyproject.toml.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# More workers than cores: tests of browsers and servers mostly wait.
PYTEST := $(BIN)/pytest --quiet -n 3 --dist loadfile --no-loadscope-reorder

# linkgap supports two generations of DuckDB and of pandas. The whole suite runs on the newest; the tests that read
# files, and those that check what is found in the sample data, run on these older ones, too.
OLDER := 'duckdb>=1.5,<1.6' 'pandas>=2.2,<3'
OLDER_HOME := $(VENV)/older
OLDER_TESTS := tests/loaders tests/test_engine.py tests/gap/test_sample_data.py
# Tests marked `once` are left out there: what they test depends on neither.
OLDER_PRESENT := $(wildcard $(OLDER_TESTS))
BENCHMARKS := $(sort $(wildcard benchmarks/bench_*.py))

# .pyc files are written whatever the environment says: tests start many processes, and each would compile everything.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check lab bench clean
# pip must not run twice at once in one .venv, and pytest already uses all cores.
.NOTPARALLEL:

help: ## this list
	@echo "make targets (PYTHON=/path/to/python3 chooses the Python; 3.11 or newer):"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-7s %s\n", $$1, $$2 }' Makefile

demo: $(STAMPS)/core ## the main job on the sample data, into ./linkgap-demo
	@$(BIN)/linkgap demo

test: $(STAMPS)/test $(STAMPS)/chromium $(if $(OLDER_PRESENT),$(STAMPS)/older) ## all tests, then some again on older DuckDB and pandas
	@$(PYTEST)
ifneq ($(OLDER_PRESENT),)
	@export PYTHONPATH="$(CURDIR)/$(OLDER_HOME)"; \
	$(BIN)/python -c "import duckdb as d, pandas as p; \
	  print(f'Again on DuckDB {d.__version__} and pandas {p.__version__}: $(OLDER_PRESENT)')" && \
	$(BIN)/pytest --quiet -n 2 $(OLDER_PRESENT) -m 'not once'
endif

check: $(STAMPS)/test ## ruff, formatting and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

lab: $(STAMPS)/lab ## JupyterLab with the notebooks
	@$(BIN)/linkgap lab

bench: $(STAMPS)/test ## every benchmarks/bench_*.py, one after the other
	@set -e; for script in $(BENCHMARKS); do echo "== $$script"; $(BIN)/python "$$script"; done

clean: ## remove .venv, caches, builds and ./linkgap-demo
	@rm -rf $(VENV) build dist linkgap-demo .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/venv:
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "There is no '$(PYTHON)' here. linkgap needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "'$(PYTHON)' is $$("$(PYTHON)" --version 2>&1). linkgap needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make a virtual environment: its venv module is incomplete." >&2; \
	  echo "On Debian and Ubuntu: sudo apt install python3-venv. Or take another Python: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/core: pyproject.toml | $(STAMPS)/venv
	@echo "Installing linkgap into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(STAMPS)/lab: pyproject.toml | $(STAMPS)/venv
	@echo "Installing linkgap and JupyterLab into $(VENV) ..."
	@$(PIP) --editable '.[lab]'
	@touch $(STAMPS)/core $@

$(STAMPS)/test: pyproject.toml | $(STAMPS)/venv
	@echo "Installing linkgap, JupyterLab, Spark and the test tools into $(VENV) ..."
	@$(PIP) --editable '.[lab,spark,web,test]'
	@touch $(STAMPS)/core $(STAMPS)/lab $@

# The system's browser if there is one or root can install one, else the one that Playwright downloads.
$(STAMPS)/chromium: | $(STAMPS)/test
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || { \
	  echo "Installing Chromium for the tests of what is seen on a screen ..."; \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update && \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends chromium fonts-dejavu-core >/dev/null; } || \
	  $(BIN)/python -m playwright install chromium; }
	@touch $@

$(STAMPS)/older: pyproject.toml | $(STAMPS)/venv
	@echo "Installing older DuckDB and pandas into $(OLDER_HOME) ..."
	@$(PIP) --upgrade --target $(OLDER_HOME) $(OLDER)
	@touch $@
