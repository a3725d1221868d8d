# Each target does its own set-up in a fresh clone: Python 3.11 and make are all it takes.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test pure dolma lint types models train accurate evaluate coverage wheel clean \
	bench bench-instructions bench-profile

demo: $(READY)  ## strip a news article of its product pitches, and show what was removed
	$(RUN)/adsift strip seeds/03-sawfly-quarantine.txt --show-removed

test: $(READY) lint types  ## lint, types and tests
	$(RUN)/python -m pytest -n auto

pure: $(READY)  ## the tests of what has a compiled twin, without the compiled core
	ADSIFT_PURE=1 $(RUN)/python -m pytest -n auto tests/segment tests/model tests/labelled tests/evaluation \
		tests/test_decode.py tests/test_document.py tests/test_policy.py tests/test_seeds.py \
		tests/test_separator.py tests/test_stripping.py

# The Dolma toolkit takes no NumPy 2, so its tests have an environment of its own.
DOLMA := .venv-dolma

dolma: $(DOLMA)/.ready  ## the Dolma toolkit with adsift, for the tests of its tagger

$(DOLMA)/.ready: pyproject.toml requirements-dolma.lock
	$(PYTHON) -m venv $(DOLMA)
	$(DOLMA)/bin/python -m pip install --quiet --disable-pip-version-check -c requirements-dolma.lock -e '.[dolma]'
	touch $@

lint: $(READY)
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

types: $(READY)
	$(RUN)/mypy

# What trains: PyTorch, and the published encoders.
TEACH := $(VENV)/.teach

$(TEACH): $(READY)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check -c requirements-dev.lock -e '.[teach]'
	touch $@

# A copy of the labelled pages, if there is one; else they come from their public repositories.
MIRROR ?= $(wildcard ../shared/data/pages)
PAGES := training/pages
FETCH ?=
# The labelled pages that are read: of a fresh clone, those that fetch_pages.py and blocks.py have made.
DATA ?= $(if $(wildcard ../shared/data),../shared/data,$(PAGES))
# A folder that keeps what each stage has made, so that a run that was broken off goes on from there.
KEEP ?=
KEPT = $(if $(KEEP),--keep $(KEEP))
ACCURATE_OPTIONS ?=

models: $(TEACH)  ## rebuild both shipped bundles and their cards from scratch: fetch, train, evaluate
	$(RUN)/python training/fetch_pages.py --output $(PAGES) $(if $(MIRROR),--mirror $(MIRROR)) $(FETCH)
	$(RUN)/python training/blocks.py --pages $(PAGES)
	$(RUN)/python training/train.py --data $(PAGES) $(KEPT)
	$(MAKE) accurate DATA=$(PAGES)

train: $(TEACH)  ## rebuild the shipped bundle from the labelled pages (about an hour)
	$(RUN)/python training/train.py --data $(DATA) $(KEPT)

accurate: $(TEACH)  ## rebuild the accurate tier's bundle (hours); ACCURATE_OPTIONS="--encoder DIR"
	$(RUN)/python training/train_accurate.py --data $(DATA) --suspects training/suspects.jsonl $(KEPT) $(ACCURATE_OPTIONS)

evaluate: $(TEACH)  ## the cross-validation table alone
	$(RUN)/python training/evaluate.py --data $(DATA) $(KEPT)

coverage: $(READY)  ## how well the segmenters' paragraphs fit the labelled blocks
	$(RUN)/python training/segmentation_coverage.py --data $(DATA)

# The peers have an environment of their own: what they depend on is none of adsift's business.
BENCH := .venv-bench
BENCH_READY := $(BENCH)/.ready
BENCH_OPTIONS ?=

bench: $(BENCH_READY)  ## speed and quality beside the peers (about an hour); BENCH_OPTIONS="--only speed"
	$(BENCH)/bin/python benchmarks/run.py $(BENCH_OPTIONS)

bench-instructions: $(READY)  ## fails if adsift executes more instructions than are on record
	$(RUN)/python benchmarks/instructions.py $(BENCH_OPTIONS)

bench-profile: $(BENCH_READY)  ## where the time goes: by phase, and as a flame graph
	$(BENCH)/bin/python benchmarks/phases.py $(BENCH_OPTIONS)

wheel: $(READY)
	$(RUN)/python -m build --wheel

# The lock file pins all versions, so that everybody develops with the same ones.
$(READY): pyproject.toml requirements-dev.lock hatch_build.py $(wildcard src/adsift/compiled/*.pyx src/adsift/compiled/*.pxd src/adsift/compiled/*.h)
	$(PYTHON) -m venv $(VENV)
# The pip that comes with Python 3.11 stumbles over extras that are spelt in two ways.
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25'
	$(RUN)/python -m pip install --quiet --disable-pip-version-check -c requirements-dev.lock -e '.[dev]'
	touch $@

# An old pip stumbles over one of the peers' requirements.
$(BENCH_READY): benchmarks/requirements.lock pyproject.toml hatch_build.py $(wildcard src/adsift/compiled/*.pyx src/adsift/compiled/*.pxd src/adsift/compiled/*.h)
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/requirements.lock
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) $(DOLMA) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis
	rm -f src/adsift/compiled/*.so src/adsift/compiled/*.pyd
