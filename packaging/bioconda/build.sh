#!/usr/bin/env bash
set -euxo pipefail

# The HDF5 of the environment, not the one that h5lift would compile.
export HDF5_DIR="$PREFIX"
export RUSTFLAGS="${RUSTFLAGS:-} -C link-arg=-Wl,-rpath,$PREFIX/lib"

cargo install --locked --no-track --no-default-features --path . --root "$PREFIX"
packaging/manual.sh "$PREFIX/bin/h5lift" "$PREFIX/share"
