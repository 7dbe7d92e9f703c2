# Two commands do everything on a machine with python3 (3.11 or later), make and node (20.19 or later):
#   make run     install what is missing, build the page, start the picture on http://127.0.0.1:8080
#   make test    the same, then every check and test
.PHONY: run setup test test-system check bench fuzz docs lock clean help
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
WEB_SOURCES := $(shell find web/src web/scripts web/index.html web/public -type f 2>/dev/null) web/package.json web/package-lock.json web/vite.config.ts
KERNELS := $(shell grep -rl --include='*.py' 'njit' src/tenere)

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: setup ## start the picture (the built-in exercise) on http://127.0.0.1:8080
	$(BIN)/tenere run $(ARGS)

setup: .venv/.installed src/tenere/serve/static/index.html .venv/.warm ## install everything, build the page, warm the caches

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tenere needs Python 3.11 or later; set PYTHON=..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the locked packages into .venv (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json
	@command -v node >/dev/null || { echo "Tenere's page is built with node 20.19 or later: install it first" >&2; exit 1; }
	@echo "installing the page's packages"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

src/tenere/serve/static/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@echo "building the page"
	@cd web && npm run --silent build
	@touch $@

.venv/.warm: .venv/.installed $(KERNELS) | src/tenere/serve/static/index.html
	@find src -name '*.nb[ic]' -delete  # numba does not see that a kernel it inlined has changed
	@$(BIN)/tenere warm
	@touch $@

test-system: ## install what only tests need from Debian: chromium
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }

check: .venv/.installed src/tenere/serve/static/index.html ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web && npm run --silent check

test: ## every check and test
	@$(MAKE) --no-print-directory -j 2 setup check
	$(BIN)/pytest -n 2 --dist loadfile $(ARGS)

bench: setup ## benchmarks; results land in bench/results/
	$(BIN)/python -m bench.wire
	$(BIN)/python -m bench.tracking_known
	$(BIN)/python -m bench.tracking
	$(BIN)/python -m bench.tracking_speed
	$(BIN)/python -m bench.registration --keep
	$(BIN)/python -m bench.fusion --keep
	$(BIN)/python -m bench.multisensor
	$(BIN)/python -m bench.multisensor_stonesoup
	$(BIN)/python -m bench.williams
	$(BIN)/python -m bench.multiframe
	$(BIN)/python -m bench.coverage
	$(BIN)/python -m bench.propagation_kernels
	$(BIN)/python -m bench.siting --keep
	$(BIN)/python -m bench.rules --keep
	$(BIN)/python -m bench.page_stream --keep
	$(BIN)/python -m bench.page_draw --keep
	$(BIN)/python -m bench.pipeline $(ARGS)

fuzz: setup ## a million damaged inputs through every decoder (about ten minutes); the report lands in bench/results/
	$(BIN)/python -m scripts.fuzz $(ARGS)

docs: setup ## write the generated reference pages
	$(BIN)/python -m scripts.reference

lock: ## renew requirements.lock from pyproject.toml (needs the network)
	$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --custom-compile-command "make lock" -o requirements.lock

clean: ## remove everything that setup made
	rm -rf .venv web/node_modules web/build src/tenere/serve/static src/tenere/geo/data
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
