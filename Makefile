# Everything a developer runs, each also what CI runs. `make help` lists the targets.
CARGO  ?= cargo
CC     ?= cc
OUT    := $(or $(CARGO_TARGET_DIR),target)/debug

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(MAKEFILE_LIST)

build: ## both libraries, optimised, in target/release
	$(CARGO) build --release --lib

demo: ## a C program that lists jobs, against the local emulator
	$(CARGO) build --lib
	$(CARGO) build -p batch-auth-emulator
	ln -sf libbatch_auth.so $(OUT)/libbatch_auth.so.0
	$(CC) -std=c99 -Wall -Wextra -Iinclude examples/list_jobs.c -L$(OUT) -lbatch_auth -Wl,-rpath,$(abspath $(OUT)) -o $(OUT)/list_jobs
	$(OUT)/batch-auth-emulator --jobs 40 --run sh examples/demo.sh $(OUT)/list_jobs

test: setup ## all tests: Rust, C, C++, valgrind, official clients, dependency rules
	$(CARGO) test --workspace --no-fail-fast
	$(CARGO) test --test valgrind
	tests/emulator/fidelity/run target/fidelity-venv
	$(MAKE) deny

setup: ## what the tests need beyond Rust and a C compiler
	tests/setup

deny: ## licences, sources and duplicates among the dependencies
	tests/deny

lint: ## formatting, clippy, documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items

fmt: ## formats the sources
	$(CARGO) fmt --all

header: ## makes include/batch_auth.h out of src/ffi
	UPDATE_HEADER=1 $(CARGO) test -q --test house the_header_is_current

bench: ## figures against peers, in one run: see benches/README.md
	benches/run

.PHONY: help build demo test setup deny lint fmt header bench
