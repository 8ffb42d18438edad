# Every target sets up what it needs; `make help` lists them. CONTRIBUTING.md says when to use which.

AIRFLOW ?= 3.3.2
PROTOBUF ?= 7
PACHYDERM ?= 2.11.6
PYTHON ?= python3
PYTEST_ARGS ?=
JOBS ?= 3

SETUP := $(AIRFLOW)$(if $(filter 7,$(PROTOBUF)),,-protobuf-$(PROTOBUF))
VENV := $(if $(filter 3.3.2,$(SETUP)),.venv,.venv-$(SETUP))
BIN := $(VENV)/bin
CONSTRAINTS := constraints/airflow-$(SETUP).txt
READY := $(VENV)/.ready
# Other Pachyderm clients, beside the environment; their own requirements cannot be met together with Airflow's.
PEERS := python-pachyderm==6.3.3 python-pachyderm==7.6.0 pachyderm-sdk==2.12.2
PEERS_NEED := grpc-interceptor python-dotenv 'grpcio-health-checking<1.63'
# uv reads its own variable, people set pip's
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
ifeq ($(UV_DEFAULT_INDEX),)
unexport UV_DEFAULT_INDEX
endif
# Airflow is some thousand modules, and tests start many processes: compile them once, whatever the environment says
export UV_COMPILE_BYTECODE = 1
unexport PYTHONDONTWRITEBYTECODE
UV_PIP := $(BIN)/uv pip install --quiet --python $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-oldest unit contract fuzz faults soak fidelity peers pachctl smoke smoke-one standalone celery lint types docs check fix protos check-protos check-sync check-docs bench release constraints clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(READY)  ## the main job, end to end, on the embedded dev server (PACHYDERM=1.13.4, PACHD_ADDRESS=host:port)
	$(BIN)/python tools/demo.py --pachyderm $(PACHYDERM)

# tests that run whole DAGs share one Airflow, and so one process; all others go to whichever is free
PARALLEL := --numprocesses $(JOBS) --dist loadgroup

test: $(READY)  ## the tests, in minutes (AIRFLOW=2.11.2, PROTOBUF=4 for the other ends; JOBS=N processes)
	$(BIN)/python -m pytest $(PARALLEL) --durations 10 $(PYTEST_ARGS)

test-all: $(READY)  ## every test, with more versions of Pachyderm
	$(BIN)/python -m pytest --thorough $(PARALLEL) --durations 10 $(PYTEST_ARGS)

unit: $(READY)  ## the tests that need neither Airflow's database nor a server
	$(BIN)/python -m pytest tests/unit $(PARALLEL) $(PYTEST_ARGS)

# where all may be deleted, nothing else may run at the same time
OUTSIDE = --pachd-address $(PACHD_ADDRESS) $(if $(PACHD_LOCAL),--pachd-local) $(if $(PACHD_MINE),--pachd-mine,$(PARALLEL))

contract: $(READY)  ## what the client promises, against the dev server as every recorded version; or PACHD_ADDRESS=host:port
ifdef PACHD_ADDRESS
	$(BIN)/python -m pytest tests/contract --thorough $(OUTSIDE) $(PYTEST_ARGS)
else
	PACHYDERM_VERSIONS=all $(BIN)/python -m pytest tests/contract --thorough $(PARALLEL) $(PYTEST_ARGS)
endif

fuzz: $(READY)  ## values that nobody would write, for all that reads any: only documented errors (FUZZ=N tries each)
	FUZZ=$(or $(FUZZ),2000) $(BIN)/python -m pytest tests/fuzz --timeout 3600 $(PYTEST_ARGS)

faults: $(READY)  ## strike ingestions at every boundary of their calls; what is lost, done twice or left open fails (VERSIONS=…)
	$(BIN)/python tools/faults.py $(VERSIONS)

soak: $(READY)  ## 1,000 tasks (SOAK=N) on few branches while faults strike one in twenty; each has to make one commit
	$(BIN)/python tools/soak.py --tasks $(or $(SOAK),1000) $(VERSIONS)

fidelity: $(READY)  ## replay what 23 real servers answered against the dev server and count the differences
	$(BIN)/python tools/fidelity.py

peers: $(READY)  ## other people's Pachyderm clients, each in an environment of its own, against the dev server
	$(BIN)/python tools/peers.py

pachctl: $(READY)  ## a real pachctl, which you have, against the dev server as its version (PACHCTL=/path/of/pachctl)
	$(BIN)/python tools/pachctl.py $(PACHCTL)

smoke:  ## what must work on any Airflow, on 3.0, 3.1 and 3.2, each in an environment of its own (Python up to 3.12)
	@for airflow in 3.0.6 3.1.8 3.2.2; do $(MAKE) --no-print-directory smoke-one AIRFLOW=$$airflow || exit 1; done

smoke-one: $(READY)
	$(BIN)/python tools/smoke.py

standalone: $(READY)  ## a real Airflow on loopback while triggerer, server and tasks are stopped and killed (SERVE=1 stays up)
	$(BIN)/python tools/standalone.py $(if $(SERVE),--serve)

celery: .venv-celery/.ready  ## ingestion on Celery with two workers; needs redis-server and postgresql of Debian
	.venv-celery/bin/python tools/on_celery.py

check: lint types check-sync check-protos check-docs  ## all that is checked without running a test; writes nothing

lint: $(READY)  ## ruff: rules and format; import-linter: the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

# users' code is checked beside the wheel, which is what they install
types: $(READY) .venv-types/.ready  ## mypy, strict; and mypy and pyright on code as users write it
	$(BIN)/python -m mypy
	$(BIN)/uv pip install --quiet --python .venv-types/bin/python --no-deps --reinstall .
	cd tests/types && $(CURDIR)/.venv-types/bin/python -m mypy --strict --config-file= .
	cd tests/types && PATH=$(CURDIR)/.venv-types/bin:$$PATH basedpyright
	PATH=$(CURDIR)/.venv-types/bin:$$PATH basedpyright --ignoreexternal --verifytypes airflow_provider_pachyderm.client

docs: .venv-docs/.ready  ## the pages, into build/docs; warnings are errors
	.venv-docs/bin/python -m sphinx --quiet --fail-on-warning --keep-going --nitpicky -b html docs build/docs

check-docs: $(READY)  ## are the tables in docs and provider.yaml what tools/ makes of the code?
	$(BIN)/python -m tools.capability_table --check
	$(BIN)/python -m tools.rule_table --check
	$(BIN)/python -m tools.provider_yaml --check

check-sync: $(READY)  ## is each _sync what tools/unasync.py makes of the _async beside it?
	$(BIN)/python tools/unasync.py --check

# grpcio-tools 1.62.3 has no wheel for Python 3.13 and later
GENERATOR := $(BIN)/uv run --quiet --no-project --python '>=3.10,<3.13' --with grpcio-tools==1.62.3 --with 'setuptools<81' python tools/gen_protos.py

check-protos: $(READY)  ## is _wire what tools/gen_protos.py makes of proto/? (Python 3.10 to 3.12)
	$(GENERATOR) --check

protos: $(READY)  ## generate _wire from proto/
	$(GENERATOR)

fix: $(READY)  ## format, mend what ruff can mend, generate each _sync and the tables in docs, list public names
	$(BIN)/python tools/unasync.py
	$(BIN)/python -m tools.capability_table
	$(BIN)/python -m tools.rule_table
	$(BIN)/python -m tools.provider_yaml
	$(BIN)/python tools/public_names.py
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## speed and memory of transfers, parsing and many waiters, as ratios in one run
	$(BIN)/python benchmarks/transfers.py
	$(BIN)/python benchmarks/parse.py
	$(BIN)/python benchmarks/waiters.py

test-oldest: .venv-oldest/.ready  ## client and dev server on the oldest grpcio and protobuf (Python 3.10 to 3.12)
	.venv-oldest/bin/python -m pytest tests/unit/client tests/unit/devserver tests/contract $(PARALLEL) $(PYTEST_ARGS)

release: $(READY)  ## build sdist and wheel twice and compare, check metadata, write an SBOM, say what is left to do
	$(BIN)/python tools/release.py

constraints: $(READY)  ## resolve constraints/*.txt anew
	$(BIN)/python tools/pin_constraints.py

clean:  ## remove environments and everything the targets made
	rm -rf .venv .venv-* .demo .airflow* build dist docs/reference/tasks .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml $(CONSTRAINTS)
	@echo "==> Airflow $(AIRFLOW), protobuf $(PROTOBUF), into $(VENV)"
	@$(PYTHON) tools/check_python.py $(AIRFLOW)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) uv
	@$(UV_PIP) --constraint $(CONSTRAINTS) --editable . --group dev apache-airflow==$(AIRFLOW)
	@for peer in $(PEERS); do $(UV_PIP) --no-deps --target $(VENV)/peers/$$peer $$peer $(PEERS_NEED) || exit 1; done
	@touch $@

.venv-oldest/.ready: pyproject.toml constraints/oldest.txt | $(READY)
	@echo "==> the oldest grpcio and protobuf into .venv-oldest"
	@test -x .venv-oldest/bin/python || $(PYTHON) -m venv .venv-oldest
	@$(BIN)/uv pip install --quiet --python .venv-oldest/bin/python --constraint constraints/oldest.txt --group test grpcio protobuf httpx pyyaml
	@$(BIN)/uv pip install --quiet --python .venv-oldest/bin/python --no-deps --editable .
	@touch $@

.venv-celery/.ready: pyproject.toml constraints/airflow-3.3.2.txt | $(READY)
	@echo "==> Airflow 3.3.2 with Celery into .venv-celery"
	@test -x .venv-celery/bin/python || $(PYTHON) -m venv .venv-celery
	@$(BIN)/uv pip install --quiet --python .venv-celery/bin/python --constraint constraints/airflow-3.3.2.txt --editable . apache-airflow==3.3.2 apache-airflow-providers-celery apache-airflow-providers-postgres psycopg2-binary asyncpg redis
	@touch $@

# what makes pages and checks types, beside the newest Airflow (Python 3.11 to 3.13, which uv finds or fetches)
.venv-docs/.ready .venv-types/.ready: .venv-%/.ready: pyproject.toml constraints/%.txt | .venv-uv/bin/uv
	@echo "==> what \`make $*\` needs into .venv-$*"
	@test -x .venv-$*/bin/python || .venv-uv/bin/uv venv --quiet --python '>=3.11,<3.14' .venv-$*
	@.venv-uv/bin/uv pip install --quiet --python .venv-$*/bin/python --constraint constraints/$*.txt --editable . --group $* apache-airflow==3.3.2
	@touch $@

.venv-uv/bin/uv:
	@$(PYTHON) -m venv .venv-uv
	@.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) uv
