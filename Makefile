# Every command that a person needs. `make` alone prints them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

SWIFT_FILES := Sources Tests Package.swift
FORMAT := --configuration .swift-format --parallel --recursive
STEP := scripts/step
RELEASE := .build/custos
# Checks that a module imports only what Package.swift names.
BUILD := swift build --explicit-target-dependency-import-check error
# Only this build knows the target that libFuzzer is linked to. Of several -sanitize= the compiler obeys the last alone.
FUZZ_BUILD := CUSTOS_FUZZ=1 swift build --configuration release --scratch-path .build/fuzz --product fuzz \
	--sanitize fuzzer -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing
export CUSTOS_BINARY := $(abspath $(RELEASE))

.PHONY: help
help: ## Prints this list
	@echo 'make TARGET:'
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 22 | sed 's/^/  /'

# --- Using it

.PHONY: run
run: ## Prints one complete pass over this machine, then keeps watching it (installs the libraries it needs)
	@scripts/install-deps build
	@$(STEP) build $(BUILD) --product custos
	@scripts/watch .build/debug/custos .build/run 'this machine'

.PHONY: demo
demo: ## The same with a captured host in this machine's place: make demo HOST=debian-12; without HOST, lists them
	@scripts/demo --known '$(HOST)'
	@scripts/install-deps build
	@$(STEP) build $(BUILD) --product custos
	@scripts/demo .build/debug/custos '$(HOST)'

.PHONY: capture
capture: ## Copies what Custos reads of this machine, scrubbed, to Tests/Fixtures/hosts/NAME: make capture NAME=linux-6.17
	@scripts/install-deps build
	@$(STEP) build $(BUILD) --product custos
	@.build/debug/custos dev capture "Tests/Fixtures/hosts/$${NAME:?which name, as in NAME=linux-6.17}"

.PHONY: build
build: ## Builds everything, tests included (debug)
	@scripts/install-deps build
	@$(STEP) build $(BUILD) --build-tests

.PHONY: release
release: ## Builds .build/custos as it is shipped: static Swift, small, stripped
	@scripts/install-deps build
	@$(STEP) release scripts/build-release

ARCHIVES := .build/archives

$(ARCHIVES)/built: scripts/build-libraries
	@rm -rf $(ARCHIVES)
	@$(STEP) libraries scripts/build-libraries $(ARCHIVES)
	@touch $@

.PHONY: shipped
shipped: ## Builds .build/custos as the image has it: libcurl, OpenSSL, SQLite and libyaml inside as well
	@scripts/install-deps build image
	@$(MAKE) $(ARCHIVES)/built
	@CUSTOS_ARCHIVES=$(abspath $(ARCHIVES)) $(STEP) release scripts/build-release

# --- Changing it

.PHONY: test
test: unit e2e ## Runs all tests (installs what they need); FILTER=Scheduler runs the Swift tests with that name

.PHONY: unit
unit: ## Runs the Swift tests only; FILTER= as above
	@scripts/install-deps build test
	@$(STEP) build $(BUILD) --build-tests
	@$(STEP) unit-tests scripts/unit-tests $(if $(FILTER),'$(FILTER)')

# A filter names Swift tests: with one, the black-box tests are left out.
.PHONY: e2e
e2e: $(if $(FILTER),,release) ## Runs the black-box tests: a private Docker Engine, kill -9, bad input; ONLY=pattern picks some
ifeq ($(FILTER),)
	@scripts/install-deps test kubectl
	@$(STEP) black-box-tests scripts/as-root python3 Tests/EndToEnd/run.py $(if $(ONLY),-k '$(ONLY)')
endif

.PHONY: fuzz
fuzz: ## Gives each parser FUZZ_RUNS=1000000 inputs that libFuzzer makes of seeds; ONLY=MemInfo picks one
	@scripts/install-deps build
	@$(STEP) fuzz-build env $(FUZZ_BUILD)
	@$(STEP) fuzz scripts/fuzz $(or $(FUZZ_RUNS),1000000) $(ONLY)

.PHONY: fmt
fmt: ## Formats the Swift sources
	@swift format format --in-place $(FORMAT) $(SWIFT_FILES)

.PHONY: lint
lint: ## Checks the format of Swift, shell and Python sources
	@$(STEP) swift-format swift format lint --strict $(FORMAT) $(SWIFT_FILES)
	@$(STEP) scripts scripts/lint-scripts

.PHONY: docs
docs: ## Writes docs/reference from the declarations and docs/checks
	@$(STEP) build $(BUILD) --product custos
	@.build/debug/custos docs --prose docs/checks docs/reference

.PHONY: docs-fresh
docs-fresh: docs ## Fails when docs/reference is not what `make docs` writes
	@test -z "$$(git status --porcelain -- docs/reference)" || { git status --short -- docs/reference; exit 1; }

.PHONY: golden
golden: ## Rewrites the golden files; read the difference afterwards
	@scripts/install-deps build test
	@UPDATE_GOLDEN=1 swift test $(if $(FILTER),--filter '$(FILTER)')

# --- Proving it

.PHONY: bench
bench: release ## Prints every figure with its target: reaction, sweeps, idle cost, start, outbox, size (an hour and a half)
	@scripts/install-deps test bench peers
	@python3 Benchmarks/size.py
	@$(MAKE) shipped
	@scripts/as-root python3 Benchmarks/all.py

.PHONY: bench-table
bench-table: ## Writes docs/benchmarks.md from what was measured last with the present binary
	@python3 Benchmarks/table.py

.PHONY: show-reaction
show-reaction: shipped ## Container death to webhook: median and p99 over 200 deaths
	@scripts/install-deps test
	@scripts/as-root python3 Benchmarks/reaction.py

.PHONY: show-sweeps
show-sweeps: shipped ## Punctuality of sweeps and of a good webhook, with and without a dead webhook beside it
	@scripts/install-deps test
	@scripts/as-root python3 Benchmarks/sweeps.py

.PHONY: show-idle
show-idle: shipped ## CPU, memory, threads, wake-ups and engine requests with 1, 50, 200 and 500 containers
	@scripts/install-deps test
	@scripts/as-root python3 Benchmarks/idle.py

.PHONY: show-storm
show-storm: shipped ## 500 containers started, killed and removed as fast as the engine can: deaths lost, reaction, memory after
	@scripts/install-deps test
	@scripts/as-root python3 Benchmarks/storm.py

.PHONY: show-polling
show-polling: shipped ## What watching costs the engine: Custos beside a poller that asks /stats of each container
	@scripts/install-deps test
	@scripts/as-root python3 Benchmarks/polling.py

.PHONY: show-start
show-start: shipped ## Start to the first complete sweep
	@scripts/install-deps test
	@scripts/as-root python3 Benchmarks/start.py

.PHONY: show-cost
show-cost: shipped ## Instructions, allocations and system calls of one sweep of each check
	@scripts/install-deps test bench
	@scripts/as-root python3 Benchmarks/sweepcost.py

.PHONY: show-host-cost
show-host-cost: shipped ## One pass of all host and kernel checks by processes and sockets, beside node_exporter, ss and ps
	@scripts/install-deps test bench peers
	@scripts/as-root python3 Benchmarks/hostcost.py

.PHONY: show-outbox
show-outbox: shipped ## Events a second to a fast webhook, from a backlog and live; CPU and syncs
	@scripts/install-deps test bench
	@scripts/as-root python3 Benchmarks/outbox.py

.PHONY: show-memory
show-memory: shipped ## Anonymous memory over time while much happens
	@scripts/install-deps test
	@scripts/as-root python3 Benchmarks/memory.py

.PHONY: show-peers
show-peers: shipped ## Custos beside Debian's node_exporter and monit: CPU and system calls of a pass, memory
	@scripts/install-deps test bench peers
	@scripts/as-root python3 Benchmarks/peers.py

.PHONY: soak
soak: shipped ## Runs beside a busy engine for MINUTES=120: memory, descriptors, threads, journal, false alerts, losses
	@scripts/install-deps test
	@scripts/as-root env MINUTES=$(or $(MINUTES),120) python3 Benchmarks/soak.py

.PHONY: show-kill
show-kill: shipped ## 1,000 events, 50 kills with SIGKILL and a receiver that goes up and down: nothing lost
	@scripts/install-deps test
	@scripts/as-root env KILL_EVENTS=1000 KILL_KILLS=50 python3 Tests/EndToEnd/run.py test_kill

.PHONY: show-size
show-size: shipped ## Size of the binary, and of the image if there is one
	@python3 Benchmarks/size.py

.PHONY: show-host
show-host: shipped ## The host's truth from inside an unprivileged container, beside the container's own values
	@scripts/install-deps test
	@scripts/as-root env SHOW=1 python3 Tests/EndToEnd/run.py test_host_truth test_host_measures

.PHONY: budget
budget: release ## Checks against Benchmarks/budgets.json what a busy machine cannot change: size, linkage, cost of a sweep in counts
	@scripts/install-deps test bench
	@$(STEP) budget scripts/as-root python3 Benchmarks/all.py size sweepcost

# --- Shipping it

.PHONY: changelog
changelog: ## Folds the fragments of changes/ into CHANGELOG.md, under the version of Sources/Basics/Version.swift
	@scripts/changelog

.PHONY: image
image: ## Builds the image custos:dev with the engine of this machine, and .build/custos.spdx.json, what is inside
	@$(STEP) image scripts/build-image

.PHONY: image-audit
image-audit: image ## Lists the image's files, owners, licences and sizes; fails on a setuid bit or a missed budget
	@scripts/image-audit custos:dev .build/custos.spdx.json

.PHONY: ci
ci: ## All that a change must pass; .ci/run calls it
	@$(STEP) --reset
	@$(STEP) install scripts/install-deps build test bench
	@$(MAKE) lint
	@$(MAKE) unit
	@$(MAKE) fuzz FUZZ_RUNS=10000 FUZZ_SEED=1
	@$(MAKE) docs-fresh
	@$(MAKE) budget
	@$(MAKE) e2e
	@$(STEP) --total

.PHONY: clean
clean: ## Removes what was built
	@rm -rf .build
