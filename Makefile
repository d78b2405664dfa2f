# The commands a newcomer needs. Everything is set up in .venv on first use.
PYTHON ?= python3
DEMO_DIR ?= demo-shop
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help setup run test lint bench images locks clean bundle bundle-test deb tar rehearse rehearse-windows lint-packaging

help:
	@echo "make run    open the demo shop (its data lies in $(DEMO_DIR)/)"
	@echo "make test   run all tests, on SQLite and on a PostgreSQL started for them"
	@echo "make setup  only set up .venv"
	@echo "make lint   check style, types and layers"
	@echo "make bench  measure speed beside its limit"
	@echo "make images draw the pictures in docs/images anew"
	@echo "make bundle make dist/bookstore-pos, a folder with all it needs; make bundle-test looks into it"
	@echo "make deb    make the package for Debian; make tar the archive for any Linux"
	@echo "make rehearse  install, sell, upgrade and remove both in bare systems (root, Debian)"
	@echo "make rehearse-windows  make the packages for Windows and try them out under wine (code 77: no wine here)"
	@echo "make lint-packaging  check scripts and the configuration of releases"
	@echo "make locks  write the pinned dependencies anew"

setup: .venv/run.stamp

# The versions and hashes of the lock, then the program itself, which needs no index.
.venv/run.stamp: requirements/run.lock pyproject.toml packaging/system-libraries.sh packaging/make-venv.sh
	@sh packaging/system-libraries.sh
	@test -x $(BIN)/python || PYTHON=$(PYTHON) sh packaging/make-venv.sh
	$(PIP) install --require-hashes -r requirements/run.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements/test.lock
	$(PIP) install --require-hashes -r requirements/test.lock
	@touch $@

run: .venv/run.stamp
	@$(BIN)/bookstore-pos --demo --data-dir $(DEMO_DIR)

test: .venv/test.stamp
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/test.stamp
	$(BIN)/python -m tests.bench

images: .venv/run.stamp
	sh packaging/draw-images.sh

bundle:
	sh packaging/build.sh

# What the package depends on is to be there where every library is to find its own.
bundle-test: .venv/test.stamp
	sh packaging/build-tools.sh libwayland-client0 libwayland-cursor0 libwayland-egl1 libcups2
	$(BIN)/python -m pytest tests/bundle/check_*.py

deb: bundle
	sh packaging/build-deb.sh

tar: bundle
	sh packaging/build-tar.sh

rehearse: deb tar
	sh packaging/rehearse-deb.sh
	sh packaging/rehearse-tar.sh

# Ends with 77, and a line that says so, where wine is missing.
rehearse-windows: .venv/test.stamp
	sh packaging/windows/wine/rehearse.sh

lint-packaging:
	sh packaging/lint.sh

locks:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header -p 3.11 \
	    pyproject.toml --group build -o requirements/run.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header -p 3.11 \
	    pyproject.toml --group build --group test --group lint -o requirements/test.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header -p 3.11 -c requirements/test.lock \
	    pyproject.toml --group build --group bundle -o requirements/bundle.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header -p 3.11 \
	    --group lint-packaging -o packaging/lint.lock

clean:
	rm -rf .venv
