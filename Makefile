# Two cores are assumed; WORKERS=4 uses four, WORKERS=0 runs the tests in one process. Many of
# the short tests wait for a window or a server, so three processes fill two cores.
WORKERS ?=
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help run pictures test test-long cluster-test nightly bench coverage style setup \
	dist deb wheel dist-test

help:
	@echo "make run        sets up on first use, opens the desk; without a screen, leaves a"
	@echo "                rehearsed sample week and pictures of the window in out/"
	@echo "make pictures   every panel, dark and light, at 100, 150 and 200 %, in out/pictures/"
	@echo "make test       style, types, import contracts and the tests"
	@echo "make test-long  the tests that take minutes: long rehearsals, many seeds, other Pythons"
	@echo "make cluster-test  a search on a Dask scheduler and two workers of this machine"
	@echo "make nightly    an hour of seeds, kills, property cases and spoilt files; goes on"
	@echo "                where the last ended, counts in out/nightly.json"
	@echo "                (NIGHTLY_SECONDS=600 takes ten minutes)"
	@echo "make bench      the benchmarks; figures in out/benchmarks.json"
	@echo "make coverage   branch coverage of the stages that must stay at 100 %"
	@echo "make dist       the desk frozen into dist/allusedesk, a folder that needs no Python"
	@echo "make deb        Debian's package of it, in dist/"
	@echo "make wheel      a wheel for pip, in dist/"
	@echo "make dist-test  installs, starts, upgrades and removes the package in a clean root"

setup:
	@sh packaging/bootstrap.sh

# A screen shows the desk; without one the sample weeks are rehearsed and pictured.
run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(BIN)/allusedesk desk; \
	else $(BIN)/allusedesk demo --window --out out/; fi

# Every panel, dark and light, at three scales.
pictures: setup
	for scale in 1 1.5 2; do QT_SCALE_FACTOR=$$scale QT_QPA_PLATFORM=offscreen \
	$(BIN)/python -m allusedesk.desk.window_pictures --out out/pictures/$$scale || exit 1; done

style: setup
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy --no-error-summary
	@contracts=$$($(BIN)/lint-imports 2>&1) || { printf '%s\n' "$$contracts"; exit 1; }

# Tests start many interpreters, which should not compile everything each time.
unexport PYTHONDONTWRITEBYTECODE

# Tests draw without a screen; the desk itself chooses by what it finds.
test test-long cluster-test nightly bench coverage: export QT_QPA_PLATFORM = offscreen

test: style
	$(PYTEST) -q -m "not long" --ignore=tests/benchmarks -n $(or $(WORKERS),3) --dist loadfile

test-long: setup
	@ALLUSE_SCREEN=virtual sh packaging/bootstrap.sh
	$(PYTEST) -q -m long --ignore=tests/benchmarks -n $(or $(WORKERS),2) --dist worksteal

# The scheduler and its workers are processes of this machine and end with the test.
cluster-test: setup
	$(PYTEST) -q tests/laboratory/test_cluster.py tests/laboratory/test_workers.py

# Stops at the first failure, with its seed and story.
nightly: setup
	WORKERS=$(or $(WORKERS),2) $(BIN)/python -m tests.nightly

# A record of a million entries leaves a process with so much in memory that others would be slow.
bench: setup
	@mkdir -p out
	$(PYTEST) -q -s tests/benchmarks --ignore=tests/benchmarks/test_answers.py \
	--benchmark-json=out/benchmarks.json
	$(PYTEST) -q -s tests/benchmarks/test_answers.py --benchmark-json=out/benchmarks-answers.json

coverage: setup
	$(PYTEST) -q -m "not long" --ignore=tests/benchmarks --cov --cov-report=term

# What is frozen is made anew each time: its libraries and texts come from everywhere in the tree.
dist: setup
	@sh packaging/pyinstaller/freeze.sh

deb:
	@[ -x dist/allusedesk/allusedesk ] || $(MAKE) --no-print-directory dist
	@sh packaging/debian/build.sh

wheel: setup
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

# Tests what `make deb` and `make wheel` left; root and debootstrap make the clean root.
dist-test: deb wheel
	ALLUSE_PACKAGED=1 $(PYTEST) -q -rs tests/packaging
