SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The runtimes that `make gate` judges: their names, or all. By default those with `"gate": true` in the registry.
RUNTIMES ?= $(shell sed -n 's/^  "\(.*\)": {$$/\1/; t name; /^    "gate": true/ { x; p }; b; :name; h' overlays/runtimes.json)
# Seconds for the pairs of one workload.
BUDGET ?= 20

UV ?= uv
SCRIPTS := pytest_rtopt/workloads/go/build.sh bin/setup bin/setup-nix-tools bin/setup-workflow-tools bin/on-recorded-host bin/rtopt-gate .ci/run $(wildcard overlays/*.sh)
template := templates/home-manager
NIX_FILES := find flake.nix modules nix overlays profiles pytest_rtopt suites templates tests -name '*.nix'

ifneq ($(strip $(RUNTIMES)),all)
runtime_options := $(addprefix --rtopt-runtime ,$(RUNTIMES))
endif

spread := --benchmark-disable -n logical --maxprocesses 8
gate_options := --rtopt-packages embedded $(runtime_options)

# A shell may have an environment variable HOST of its own, which means something else.
ifeq ($(origin HOST),command line)
as_host := bin/on-recorded-host $(HOST)
endif

# Shell: `stage NAME COMMAND…` runs one stage whatever became of those before it; the end names those that failed.
stages = failed=(); trap 'exit 130' INT; \
  stage() { local name=$$1; shift; echo "$$*"; "$$@" || failed+=("$$name (status $$?)"); }
end_of_stages = if (($${\#failed[@]})); then printf 'make $@: failed: %s\n' "$${failed[@]}" >&2; exit 1; fi

.PHONY: help setup nix-tools gate test test-hosts lint lock lock-toolchain clean distclean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## install what is missing and make .venv; the targets below do it by themselves
	@bin/setup all tests

nix-tools:
	@bin/setup
	@bin/setup-nix-tools
	@bin/setup-workflow-tools

gate: ## build stock and optimized runtimes, verify, benchmark, decide (RUNTIMES="lua go", or all)
	$(if $(strip $(RUNTIMES)),,$(error RUNTIMES is empty; name runtimes, or all))
	@bin/setup $(RUNTIMES)
	.venv/bin/pytest suites -m "profile or generate or build or verify or benchmark" $(gate_options) \
	  --rtopt-budget $(BUDGET) --rtopt-json rtopt.json --rtopt-html rtopt.html
	.venv/bin/pytest suites -m gate $(gate_options)

# What measures goes first and has the machine to itself. The tests of one file share what was built for them; of
# sabotage each case is a build of its own, on one core.
test: setup ## run the project's own tests, with HOST=vm-zen5 as on that machine of tests/data/host
	@$(stages); \
	stage alone $(as_host) .venv/bin/pytest tests -m "alone and not heavy"; \
	stage others $(as_host) .venv/bin/pytest tests -m "not alone and not heavy" --ignore tests/suites/test_sabotage.py \
	  $(spread) --dist loadfile; \
	stage sabotage $(as_host) .venv/bin/pytest tests/suites/test_sabotage.py -m "not heavy" $(spread); \
	$(end_of_stages)

hosts := $(notdir $(wildcard tests/data/host/*))

# Only the files with such tests, as to collect the others would take longer than to run these.
test-hosts: setup ## run the tests that ask what the machine is, as on each one in tests/data/host
	@$(stages); files=$$(grep -rl --include='test_*.py' '^@pytest.mark.detection' tests); \
	for host in $(hosts); do \
	  stage "$$host" bin/on-recorded-host "$$host" .venv/bin/pytest $$files -q -m "detection and not heavy" $(spread); \
	done; \
	$(end_of_stages)

lint: nix-tools ## check style, types, scripts, Nix files and the template's files for CI
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/shellcheck $(SCRIPTS)
	$(NIX_FILES) -exec .tools/bin/nixfmt --check {} +
	$(NIX_FILES) -exec .tools/bin/deadnix --fail {} +
	.tools/bin/actionlint -no-color -pyflakes= -shellcheck .venv/bin/shellcheck $(template)/.github/workflows/*.yml
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(template)/.github/workflows/*.yml
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci $(template)/.gitlab-ci.yml

# Universal: one lock for every supported Python. uv is the only tool that set-up does not provide.
lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	$(UV) pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-emit-find-links --upgrade --output-file requirements.lock

lock-toolchain: setup ## pin the packages of the toolchain debian-13 anew, after a point release of Debian
	.venv/bin/python -m pytest_rtopt.sources.toolchain_lock debian-13

clean: ## remove what runs wrote; keeps the set-up, fetched sources and the ledger
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks dist rtopt-bundle rtopt.json rtopt.html
	find benchmarks pytest_rtopt suites tests -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## also remove the set-up and fetched sources
	rm -rf .venv .tools .cache
