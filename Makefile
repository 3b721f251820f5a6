# Stratum. `make run` and `make test` set up what they need and say what they install.
#
# Tools that belong to this project alone go to .tools/ and target/, never into your home folder; `make tidy` removes
# .tools/. A stage of `make test` is a target `stage-NAME`, and each can be run by itself (`make stage-python`).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
STAGES ?= rust docs wasm lint python node browser uniffi console

# One target folder, whatever the environment says: the recipes name files in it.
export CARGO_TARGET_DIR := $(CURDIR)/target
export PATH := $(CURDIR)/.tools/cargo/bin:$(PATH)

REPORTS := target/reports
XTASK := target/xtask/debug/xtask
CHECK := $(XTASK) check
LIBRARIES := stratum-core stratum-cdp stratum-autopilot
NEXTEST_VERSION := 0.9.143

WASM_PACKAGER := target/xtask/debug/wasm-package
WASM_NPM_STAMP := .tools/wasm-npm-$(firstword $(shell cksum < bindings/wasm/package-lock.json)).stamp

VENV := .tools/venv
REQUIREMENTS := bindings/python/requirements-dev.txt
VENV_STAMP := .tools/venv-$(firstword $(shell cksum < $(REQUIREMENTS))).stamp

NODE_PACKAGE := bindings/node
NODE_STAMP := .tools/node-$(firstword $(shell cksum < $(NODE_PACKAGE)/package-lock.json)).stamp

.PHONY: help run test lint bench bench-uniffi coverage fuzz deny generate tidy

help:
	@echo 'make run        the server with its console and a demo tenant, on a private PostgreSQL'
	@echo 'make pictures   the screenshots of the console in docs/console'
	@echo 'make console    the page that the server shows at / (needs Node.js 20 or newer)'
	@echo 'make test       every test of every language; the last line is `N passed, N failed`'
	@echo 'make lint       formatting, clippy, generated files, licences of the dependencies'
	@echo 'make generate   write the JSON Schema and the typed stubs from the table of operations'
	@echo 'make bench      the benchmarks of the README'
	@echo 'make coverage   line coverage of the three libraries'
	@echo 'make fuzz       each fuzz target for a minute (FUZZ_SECONDS=60)'
	@echo 'make tidy       remove the tools that this Makefile installed'

# --- run ---------------------------------------------------------------------------------------------------------

# A machine without npm gets the server all the same; its page then says what is missing.
run: need-cargo need-postgres
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory console; \
	else echo 'npm is missing, so the server comes without its console (Debian: apt install npm)'; fi
	cargo build --locked --profile serve --package stratum-server --bin stratum
	exec target/serve/stratum serve --demo

# --- test --------------------------------------------------------------------------------------------------------

test: need-cargo $(XTASK)
	@MAKE='$(MAKE)' $(XTASK) test $(STAGES)

.PHONY: stage-rust stage-docs stage-wasm stage-lint stage-python stage-node stage-browser stage-uniffi

# The bindings are tested in their own language, the benches by running them.
RUST_TESTS := --locked --workspace --exclude stratum-python --exclude stratum-node --exclude stratum-wasm --exclude stratum-uniffi --exclude stratum-benches

stage-rust: need-postgres need-nextest
	@mkdir -p $(REPORTS)/rust
	@rm -f target/nextest/ci/junit.xml
	@if cargo nextest --version > /dev/null 2>&1; then \
	  status=0; cargo nextest run --profile ci --no-tests=pass $(RUST_TESTS) || status=$$?; \
	  cp target/nextest/ci/junit.xml $(REPORTS)/rust/nextest.xml && exit $$status; \
	else \
	  echo 'cargo-nextest is not to be had: plain cargo test instead'; \
	  cargo test --no-fail-fast $(RUST_TESTS) --lib --bins --tests | tee $(REPORTS)/rust/cargo-test.txt; \
	fi

stage-docs:
	@mkdir -p $(REPORTS)/docs
	cargo test --doc --no-fail-fast $(RUST_TESTS) | tee $(REPORTS)/docs/doctests.txt

stage-wasm: $(LIBRARIES:%=wasm-%)

wasm-%: need-wasm $(XTASK)
	@$(CHECK) wasm $* -- cargo check --quiet --locked --target wasm32-unknown-unknown --package $*

stage-lint: lint-rustfmt lint-clippy lint-clippy-decide lint-clippy-packager lint-links lint-fuzz lint-generated lint-deny

.PHONY: lint-rustfmt lint-clippy lint-clippy-decide lint-clippy-packager lint-links lint-fuzz lint-generated lint-deny

lint-rustfmt: $(XTASK)
	@$(CHECK) lint rustfmt -- cargo fmt --all --check

lint-clippy: $(XTASK)
	@$(CHECK) lint clippy -- cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings

# What the small package for browsers is made of: without the customer, which the workspace's run has.
lint-clippy-decide: $(XTASK)
	@$(CHECK) lint clippy-decide -- cargo clippy --quiet --locked --no-default-features --package stratum-ffi --package stratum-wasm --all-targets -- --deny warnings

# Behind a feature, so the workspace's run does not see it.
lint-clippy-packager: $(XTASK)
	@$(CHECK) lint clippy-packager -- cargo clippy --quiet --locked --target-dir target/xtask --package xtask --no-default-features --features wasm --bin wasm-package -- --deny warnings

# Every link of the documentation leads somewhere.
DOCUMENTED := $(LIBRARIES) stratum-ffi stratum-server
lint-links: $(XTASK)
	@$(CHECK) lint links -- env RUSTDOCFLAGS='--deny warnings' cargo doc --quiet --locked --no-deps $(DOCUMENTED:%=--package %)

# Not a member of the workspace, so nothing else would see that a target no longer compiles.
lint-fuzz: $(XTASK)
	@$(CHECK) lint fuzz -- cargo check --quiet --locked --manifest-path fuzz/Cargo.toml --no-default-features

lint-generated: $(XTASK)
	@$(CHECK) lint generated -- cargo xtask generate --check

lint-deny: $(XTASK)
	@if cargo deny --version > /dev/null 2>&1; then $(CHECK) lint deny -- $(MAKE) --no-print-directory deny; \
	else echo 'cargo-deny is not installed: `cargo install cargo-deny --locked` adds the check of licences and bans'; fi

# The package for browsers. Nothing is made again where nothing has changed, so whoever needs it names this target.
.PHONY: wasm-package
wasm-package: need-cargo need-wasm need-node $(WASM_PACKAGER) $(WASM_NPM_STAMP)
	@$(WASM_PACKAGER) bindings/wasm/node_modules
	@node bindings/wasm/test/size.mjs

stage-browser: browser-tests browser-types

.PHONY: browser-tests browser-types

# The package in Node and in headless Chromium: every vector, exact.
browser-tests: wasm-package need-chromium
	@mkdir -p $(REPORTS)/browser
	cd bindings/wasm && node --test --test-reporter=junit \
	  --test-reporter-destination=$(CURDIR)/$(REPORTS)/browser/tests.xml --test-reporter=dot --test-reporter-destination=stdout test/*.test.mjs

# The declarations are checked with the project of a user, as those of Node are.
browser-types: wasm-package $(NODE_STAMP) $(XTASK)
	@$(CHECK) browser tsc -- $(NODE_PACKAGE)/node_modules/.bin/tsc --project bindings/wasm/example

stage-python: python-oracles python-tests python-types python-stubs

.PHONY: python-build python-oracles python-tests python-types python-stubs

# The expected values of the vectors are what the independent scripts write; these need no package.
ORACLES := audit_chain calibration canonical_vectors operations
python-oracles: $(ORACLES:%=oracle-%)

oracle-%: $(XTASK)
	@$(CHECK) python oracle-$* -- $(PYTHON) tests/oracle/$*.py --check

# maturin sets variables that make pyo3 and all above it compile again, so it has a target folder of its own.
python-build: $(VENV_STAMP)
	cd bindings/python && VIRTUAL_ENV=$(CURDIR)/$(VENV) CARGO_TARGET_DIR=$(CURDIR)/target/python \
	  $(CURDIR)/$(VENV)/bin/maturin develop --quiet --locked

python-tests: python-build
	@mkdir -p $(REPORTS)/python
	cd bindings/python && $(CURDIR)/$(VENV)/bin/python -m pytest --quiet --junitxml=$(CURDIR)/$(REPORTS)/python/pytest.xml tests

python-types: python-build $(XTASK)
	@cd bindings/python && $(CURDIR)/$(CHECK) python mypy -- $(CURDIR)/$(VENV)/bin/mypy --strict py tests

python-stubs: python-build $(XTASK)
	@cd bindings/python && $(CURDIR)/$(CHECK) python stubtest -- $(CURDIR)/$(VENV)/bin/stubtest stratum --allowlist stubtest-allowlist.txt

stage-node: node-tests node-types

.PHONY: node-build node-tests node-types

node-build: need-node need-cargo
	node $(NODE_PACKAGE)/build.mjs

node-tests: node-build
	@mkdir -p $(REPORTS)/node
	cd $(NODE_PACKAGE) && node --test --test-reporter=junit \
	  --test-reporter-destination=$(CURDIR)/$(REPORTS)/node/tests.xml --test-reporter=dot --test-reporter-destination=stdout test/*.test.mjs

# The declarations are checked with the project of a user, by the compiler that a user runs.
node-types: $(NODE_STAMP) $(XTASK)
	@$(CHECK) node tsc -- $(NODE_PACKAGE)/node_modules/.bin/tsc --project $(NODE_PACKAGE)/example

# --- the console -------------------------------------------------------------------------------------------------

CONSOLE := stratum-server/console
CONSOLE_PACKAGES := $(CONSOLE)/node_modules/.package-lock.json
CONSOLE_PAGE := $(CONSOLE)/dist/index.html
# As the rust stage builds it, so that nothing is built twice.
DEBUG_SERVER := target/debug/stratum

.PHONY: console generate-console pictures console-figures stage-console console-server console-generated console-types console-unit console-e2e

# The package for browsers comes first: it makes itself again where something has changed, and the page decides with it.
console: wasm-package $(CONSOLE_PACKAGES)
	@$(MAKE) --no-print-directory $(CONSOLE_PAGE)

$(CONSOLE_PACKAGES): $(CONSOLE)/package.json $(CONSOLE)/package-lock.json | need-node
	@echo 'installing the packages of the console into $(CONSOLE)/node_modules'
	@cd $(CONSOLE) && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(CONSOLE_PAGE): $(CONSOLE_PACKAGES) $(CONSOLE)/index.html $(CONSOLE)/vite.config.ts $(shell find $(CONSOLE)/src $(CONSOLE)/public -type f) $(wildcard bindings/wasm/pkg/*)
	cd $(CONSOLE) && npx vite build

console-server: need-cargo need-postgres
	cargo build $(RUST_TESTS) --bin stratum

# The types of the API, from the server's own description.
generate-console: console-server $(CONSOLE_PACKAGES)
	$(DEBUG_SERVER) openapi | node $(CONSOLE)/generate.mjs

stage-console: console-server console-generated console-types console-unit console-e2e

console-generated: console-server $(CONSOLE_PACKAGES) $(XTASK)
	@$(CHECK) console generated -- bash -c '$(DEBUG_SERVER) openapi | node $(CONSOLE)/generate.mjs --check'

console-types: $(CONSOLE_PACKAGES) $(XTASK)
	@cd $(CONSOLE) && $(CURDIR)/$(CHECK) console types -- npx tsc --noEmit

console-unit: $(CONSOLE_PACKAGES)
	@mkdir -p $(REPORTS)/console
	cd $(CONSOLE) && npx vitest run --reporter=default --reporter=junit --outputFile.junit=$(CURDIR)/$(REPORTS)/console/unit.xml

console-e2e: console console-server need-chromium
	@mkdir -p $(REPORTS)/console
	cd $(CONSOLE) && STRATUM_BIN=$(CURDIR)/$(DEBUG_SERVER) \
	  PLAYWRIGHT_JUNIT_OUTPUT_FILE=$(CURDIR)/$(REPORTS)/console/e2e.xml npx playwright test --project=tests

# The screenshots of the README.
pictures: console console-server need-chromium
	cd $(CONSOLE) && STRATUM_BIN=$(CURDIR)/$(DEBUG_SERVER) npx playwright test --project=pictures

# Kotlin and Swift by uniffi. Its Python is only a means to run the same border on every machine.
stage-uniffi: uniffi-generated uniffi-header uniffi-records uniffi-python uniffi-kotlin

.PHONY: uniffi-build uniffi-generated uniffi-header uniffi-records uniffi-python uniffi-kotlin

UNIFFI := --locked --package stratum-uniffi --features cli

uniffi-build:
	cargo build --quiet $(UNIFFI)

uniffi-generated: uniffi-build $(XTASK)
	@$(CHECK) uniffi generated -- bindings/uniffi/generate --check

uniffi-records: uniffi-build
	@mkdir -p $(REPORTS)/uniffi
	@cargo test $(UNIFFI) --test records | tee $(REPORTS)/uniffi/records.txt

uniffi-python: uniffi-generated $(VENV_STAMP)
	@mkdir -p $(REPORTS)/uniffi
	$(VENV)/bin/python -m pytest --quiet --junitxml=$(REPORTS)/uniffi/python.xml bindings/uniffi/tests/python

# No registry has a Swift compiler, so all that can be said of the Swift package is that its C header is one.
uniffi-header: uniffi-generated $(XTASK)
	@$(CHECK) uniffi header -- cc -fsyntax-only -x c -D_Nullable= -D_Nonnull= bindings/uniffi/swift/Headers/StratumFFI.h

# How often the leak test makes each of its four calls: 250000 are a million in all, and take a minute.
LEAK_CALLS ?= 25000
KOTLIN_TOOLS := bindings/uniffi/tests/kotlin/package-lock.json
KOTLIN_STAMP := .tools/kotlin-$(firstword $(shell cksum < $(KOTLIN_TOOLS))).stamp

uniffi-kotlin: uniffi-generated $(KOTLIN_STAMP)
	@mkdir -p $(REPORTS)/uniffi
	@jna=$$(.ci/need-java); \
	if [ -n "$$jna" ] && [ -d .tools/kotlin/node_modules/kotlin-compiler ]; then \
	  bindings/uniffi/tests/kotlin/run "$$jna" tests $(REPORTS)/uniffi/kotlin.xml $(LEAK_CALLS); \
	else \
	  echo '!! THE KOTLIN TESTS WERE SKIPPED: they need Java, JNA (Debian: apt install default-jre-headless libjna-java) and npm'; \
	  echo '<testsuite><testcase classname="kotlin" name="every case"><skipped/></testcase></testsuite>' > $(REPORTS)/uniffi/kotlin.xml; \
	fi

# How long a slider move takes until it is painted. Nothing else should run meanwhile.
console-figures: console console-server need-chromium
	cd $(CONSOLE) && STRATUM_BIN=$(CURDIR)/$(DEBUG_SERVER) npx playwright test --project=figures

# --- the rest ----------------------------------------------------------------------------------------------------

lint: need-cargo stage-lint

generate: need-cargo
	cargo xtask generate
	cargo build --quiet $(UNIFFI)
	bindings/uniffi/generate

bench: need-cargo need-node $(VENV_STAMP)
	cargo bench --locked --package stratum-benches
	cd bindings/python && VIRTUAL_ENV=$(CURDIR)/$(VENV) CARGO_TARGET_DIR=$(CURDIR)/target/python \
	  $(CURDIR)/$(VENV)/bin/maturin develop --quiet --locked --release
	$(VENV)/bin/python benches/python_batch.py
	$(VENV)/bin/python benches/cdp_frames.py
	node $(NODE_PACKAGE)/build.mjs --release
	node benches/node.mjs

# What a call costs in Kotlin and in uniffi's Python, and how large the native library is.
# Beside other packages, on the same input; they are installed to be run and nothing else.
PEERS ?= ../shared/peer-bench
PEERS_ARGS ?=
PEERS_VENV := .tools/peers

.PHONY: bench-peers
bench-peers: need-cargo $(PEERS_VENV)/done
	cargo build --locked --release --package stratum-benches --bin peers
	cd bindings/python && VIRTUAL_ENV=$(CURDIR)/$(PEERS_VENV) CARGO_TARGET_DIR=$(CURDIR)/target/python \
	  $(CURDIR)/$(PEERS_VENV)/bin/maturin develop --quiet --locked --release
	$(PEERS_VENV)/bin/python benches/peers/run.py --peers $(PEERS) $(PEERS_ARGS)

$(PEERS_VENV)/done: benches/peers/requirements.txt
	@echo 'installing the peers into $(PEERS_VENV)'
	$(PYTHON) -m venv $(PEERS_VENV)
	grep -v ChannelAttribution benches/peers/requirements.txt >$(PEERS_VENV)/requirements.txt
	$(PEERS_VENV)/bin/pip install --quiet maturin --requirement $(PEERS_VENV)/requirements.txt
	@$(PEERS_VENV)/bin/pip install --quiet --requirement benches/peers/requirements.txt || echo 'ChannelAttribution did not install: the rest is measured without it'
	touch $@

bench-uniffi: need-cargo $(KOTLIN_STAMP)
	cargo build --quiet --locked --release --package stratum-uniffi
	@ls -l target/release/libstratum_uniffi.*
	STRATUM_LIBRARY=target/release bindings/uniffi/tests/kotlin/run "$$(.ci/need-java)" costs
	STRATUM_LIBRARY=target/release $(PYTHON) bindings/uniffi/tests/python/costs.py

.PHONY: bench-wasm
bench-wasm: wasm-package need-chromium
	node benches/wasm.mjs

coverage: need-cargo need-nextest
	@cargo llvm-cov --version > /dev/null 2>&1 || { echo 'coverage needs: cargo install cargo-llvm-cov --locked && rustup component add llvm-tools'; exit 1; }
	cargo llvm-cov nextest --locked $(LIBRARIES:%=--package %) --fail-under-lines 90

# The advisories need a database from the network; bans, licences and sources need nothing but the lock file.
deny: need-cargo
	@cargo deny --version > /dev/null 2>&1 || { echo 'this needs: cargo install cargo-deny --locked'; exit 1; }
	cargo deny --all-features check bans licenses sources

FUZZ_SECONDS ?= 60
fuzz: need-cargo
	@cargo +nightly fuzz --version > /dev/null 2>&1 || { echo 'this needs: rustup toolchain install nightly && cargo install cargo-fuzz --locked'; exit 1; }
	@for target in $$(cargo +nightly fuzz list); do \
	  echo "== $$target"; mkdir -p "fuzz/corpus/$$target"; \
	  [ ! -f "fuzz/corpora/$$target.tar.xz" ] || tar xJf "fuzz/corpora/$$target.tar.xz" -C fuzz/corpus; CARGO_TARGET_DIR=$(CURDIR)/fuzz/target \
	  cargo +nightly fuzz run "$$target" "fuzz/corpus/$$target" "fuzz/seeds/$$target" -- -max_total_time=$(FUZZ_SECONDS); done

tidy:
	rm -rf .tools $(NODE_PACKAGE)/node_modules bindings/wasm/node_modules

# --- what is needed ----------------------------------------------------------------------------------------------

.PHONY: need-cargo need-postgres need-nextest need-wasm need-python need-node need-chromium

need-cargo:
	@command -v cargo > /dev/null || { echo 'Rust is missing: install rustup (https://rustup.rs), then again'; exit 1; }

need-postgres:
	@.ci/need-postgres

# Without it the rust stage falls back to `cargo test`, so a failed installation is not a failure.
need-nextest:
	@cargo nextest --version > /dev/null 2>&1 || { \
	  echo 'installing cargo-nextest $(NEXTEST_VERSION) into .tools/cargo (some minutes, once)'; \
	  CARGO_TARGET_DIR=$(CURDIR)/target/tools cargo install cargo-nextest --quiet --locked --version $(NEXTEST_VERSION) --root .tools/cargo || true; }

need-wasm:
	@rustup target list --installed | grep -qx wasm32-unknown-unknown || { \
	  echo 'adding the Rust target wasm32-unknown-unknown'; rustup target add wasm32-unknown-unknown; }

need-python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2> /dev/null || { \
	  echo 'Python 3.10 or newer with venv is missing (Debian: apt install python3-venv); or name one: make test PYTHON=python3.12'; exit 1; }

need-node:
	@.ci/need-node

$(NODE_STAMP): | need-node
	@echo 'installing the npm packages of $(NODE_PACKAGE)/package-lock.json into $(NODE_PACKAGE)/node_modules'
	@rm -rf $(NODE_PACKAGE)/node_modules .tools/node-*.stamp
	@cd $(NODE_PACKAGE) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@mkdir -p .tools && touch $@

# Without it the cases that need a browser are skipped, and say so.
need-chromium:
	@command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    echo 'no Chromium found: installing the Debian package `chromium` (about 300 MB)'; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium; } > /dev/null \
	      || echo 'the installation did not work'; \
	  fi; command -v chromium > /dev/null || echo 'NO CHROMIUM: the tests in a browser are skipped (Debian: apt install chromium)'; }

$(VENV_STAMP): | need-python
	@echo 'installing the Python tools of $(REQUIREMENTS) into $(VENV)'
	@rm -rf $(VENV) .tools/venv-*.stamp
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $(REQUIREMENTS)
	@touch $@

# Without npm the stamp is set all the same: the Kotlin tests then say that they were skipped.
$(KOTLIN_STAMP):
	@rm -rf .tools/kotlin .tools/kotlin-*.stamp && mkdir -p .tools/kotlin
	@.ci/need-node || true
	@if command -v npm > /dev/null; then \
	  echo 'installing the Kotlin compiler of $(KOTLIN_TOOLS) into .tools/kotlin (90 MB)'; \
	  cp bindings/uniffi/tests/kotlin/package.json $(KOTLIN_TOOLS) .tools/kotlin/; \
	  npm ci --prefix .tools/kotlin --ignore-scripts --no-audit --no-fund --loglevel=error; \
	fi
	@touch $@

$(XTASK): xtask/Cargo.toml Cargo.lock $(shell find xtask/src -name '*.rs')
	@cargo build --quiet --locked --package xtask --no-default-features --target-dir target/xtask
	@touch $@

# The tool of wasm-bindgen takes a minute to compile, so it is a program of its own, which few stages need.
$(WASM_PACKAGER): xtask/Cargo.toml Cargo.lock $(shell find xtask/src/wasm_package -name '*.rs')
	@cargo build --quiet --locked --package xtask --no-default-features --features wasm --bin wasm-package --target-dir target/xtask
	@touch $@

$(WASM_NPM_STAMP): | need-node
	@echo 'installing the npm packages of bindings/wasm/package.json into bindings/wasm/node_modules'
	@rm -f .tools/wasm-npm-*.stamp
	@cd bindings/wasm && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@mkdir -p .tools && touch $@
