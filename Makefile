.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
.PHONY: help install sample test lint drill fix lines measures picture monitoring deployments lock \
	sample-bundle new-source counts \
	long-mutation long-random-order long-load-orders long-histories long-cuts long-calls long-bench \
	long-upgrade long-drill

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

install: ## Make .venv and install the locked packages and the project
	python3 -m venv .venv
	.venv/bin/pip install -q --no-deps --only-binary=:all: --require-hashes -r requirements.lock
	.venv/bin/pip install -q --no-deps -e .

sample: ## Run the sample night
	.venv/bin/corpintel nightly --sample

test: ## Run the whole test suite
	.venv/bin/pytest

lint: ## Run every linter: ruff, mypy, imports, SQL, dbt conventions
	bash .ci/lint

counts: ## Keep how many tests, dbt tests and sample rows there are now (tests/counts.csv)
	$(PYTHON) -m tests.counts --write

long-mutation: ## How many faults in the financial models do the dbt tests notice? (half an hour)
	$(PYTHON) -m tests.mutation

long-random-order: ## Run the whole suite in three random orders
	for seed in 1 2 3; do .venv/bin/pytest --shuffle $$seed || exit 1; done

long-load-orders: ## Load a company's filings in fifty random orders
	.venv/bin/pytest -n 0 --load-orders 50 -k test_the_order_in_which_filings_are_loaded \
		tests/dbt/test_metamorphic.py

long-histories: ## Let fifty random histories of a warehouse end where a build from nothing does
	.venv/bin/pytest -n 0 --histories 50 --days-apart 1 tests/dbt/test_histories.py

long-cuts: ## See of 20 days that nothing filed later has a part in the recorded filers' answers
	.venv/bin/pytest -n 0 --cuts 20 tests/flows/test_kinds.py -k later

long-calls: ## Thirty days of nights on each quota, and ten thousand scripted calls
	.venv/bin/pytest -n 0 --quota-days 30 tests/db/test_quotas.py -k many_days
	.venv/bin/pytest -n 0 --storm-calls 10000 tests/sources/test_storm.py -k thousands

long-bench: ## Measure loads and nights of 100, 500 and 2,000 filers (an hour)
	.venv/bin/corpintel bench --companies 100,500,2000

long-upgrade: ## Upgrade a home of an earlier release in place: make long-upgrade FROM=REVISION
	$(PYTHON) -m tests.upgrade $(FROM)

drill: ## Run a few points of each drill that breaks nights on purpose (six minutes)
	.venv/bin/corpintel chaos --quick

long-drill: ## Run all drills that break nights on purpose
	.venv/bin/corpintel chaos

fix: ## Format and fix what ruff can
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock: ## Resolve requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --extra dev pyproject.toml -o requirements.lock

new-source: ## Begin a source from the exemplar: make new-source NAME=open_data
	$(PYTHON) -m tests.sources.new_source $(NAME)

lines: ## Write what is made from seeds/lines.csv: macros, descriptions, columns
	$(PYTHON) -m tests.dbt.lines

measures: ## Write what is made from seeds/measures.csv: macros, columns
	$(PYTHON) -m tests.dbt.measures

picture: ## Write docs/models.md, the picture of the models, from dbt's manifest
	.venv/bin/dbt parse --quiet --project-dir dbt_project --profiles-dir dbt_project \
		--target-path "$(CURDIR)/dbt_project/target"
	$(PYTHON) -m tests.dbt.picture

monitoring: ## Write docs/monitoring, for Prometheus and Grafana, from the alert rules
	$(PYTHON) -m tests.monitoring

deployments: ## Write tests/flows/deployments.json, what prefect.yaml and the flows' forms are
	$(PYTHON) -m tests.flows.deployments

sample-bundle: ## Build the bundled sample from recorded figures: make sample-bundle DATA=DIR
	$(PYTHON) -m connectors.sample.build $(DATA)
