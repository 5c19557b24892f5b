# Everything a developer runs. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARTICLE ?= examples/article.txt
# As a constraint too, or pip takes the newest release of what another package wants with extras, which has no hash.
LOCKED := --require-hashes --requirement

.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/installed: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Dragoman needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing the locked packages into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(LOCKED) requirements/dev.txt --constraint requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/installed ## Make the virtual environment from the lock

demo: install ## Run one article through the service and the built-in model (ARTICLE=path)
	@$(BIN)/dragoman demo "$(ARTICLE)"

serve: install ## Keep the service running, on the built-in model or on OPENAI_BASE_URL
	@$(BIN)/dragoman serve --built-in-unless-configured

test: install ## The whole offline suite: no key, no model, the network blocked (TESTS=tests/unit)
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 8 --dist worksteal $(TESTS)

test-live: install ## Run the built-in model for real on test articles
	@$(BIN)/python -m pytest -m live tests/live

record: install ## Record cassettes/ anew from the built-in model (CASSETTES="name ...")
	@$(BIN)/python -m tests.replay.record $(CASSETTES)

PEERS := benchmarks/peers/.venv
peers: $(PEERS)/installed ## Make the environment of the systems that benchmarks/peers compares with

$(PEERS)/installed: benchmarks/peers/requirements.txt
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check $(LOCKED) $< --constraint $<
	@pwd > $$($(PEERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/repository.pth
	@touch $@

eval: install ## Measure the records of the built-in model against gold (the dev split)
	@$(BIN)/dragoman eval run --split dev

quality-report: peers install ## Measure all systems on all suites (hours) and write docs/quality.md (EVAL_DATA=folder)
	@$(BIN)/python -m benchmarks.quality $(if $(EVAL_DATA),--data "$(EVAL_DATA)")

chaos: install ## 500 jobs through RabbitMQ and PostgreSQL while everything fails (CHAOS="--jobs 60")
	@$(BIN)/python -m benchmarks.chaos $(CHAOS)

soak: install ## 3,000 articles through HTTP with a faulty model server; memory over time (SOAK="--articles 300")
	@$(BIN)/python -m benchmarks.soak $(SOAK)

overload: install ## Ten times the callers that there is room for, half a minute (OVERLOAD="--articles 16")
	@$(BIN)/python -m benchmarks.overload $(OVERLOAD)

lint: install ## ruff, mypy and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install ## Let ruff mend what it can
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

image-test: install ## Build the container image with buildah and run an article through it
	@bash tests/image/run

docs: install ## Write the settings into README.md and .env.example, and docs/records.md
	@$(BIN)/python -m docs.readme
	@$(BIN)/python -m docs.records

faults: install ## Play every fault of a model server to the service and write docs/faults.md
	@$(BIN)/python -m tests.support.fault_page

providers: install ## Play every sort of model server to the service and write docs/model-servers.md
	@$(BIN)/python -m tests.support.provider_page

screenshots: install ## Take the pictures in docs/screenshots/ with Chromium
	@$(BIN)/python -m tests.browser.screenshots

lock: install ## Resolve the dependencies anew
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header pyproject.toml --output-file requirements/service.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header pyproject.toml --extra local --group dev --constraint requirements/service.txt \
		--output-file requirements/dev.txt
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])' | \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header - --constraint requirements/dev.txt --output-file requirements/build.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header benchmarks/peers/requirements.in --output-file benchmarks/peers/requirements.txt

clean: ## Remove the virtual environment and everything built
	@rm -rf $(VENV) $(PEERS) build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov

.PHONY: help install demo serve test test-live record peers eval quality-report chaos soak overload lint format image-test docs faults providers screenshots lock clean
