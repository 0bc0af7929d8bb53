#!/usr/bin/env bash
# Runs a command, such as `cargo build --target TRIPLE`, so that what it builds is static and says nothing about this machine:
# the C library is linked in, and paths of the sources become relative. Two builds in two folders are equal byte for byte.
#
# Flags for the target do not reach build scripts and macros, which cannot be static, if cargo is given a --target.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cargo_home=${CARGO_HOME:-$HOME/.cargo}

# The registry's folder has a name of its own on each kind of registry.
cargo fetch --quiet --locked --manifest-path "$root/Cargo.toml"
from=("$root" "$cargo_home")
to=(h5lift cargo)
for registry in "$cargo_home"/registry/src/*; do
    from+=("$registry")
    to+=(crates)
done

rust=()
# macOS has no static C library.
[[ $OSTYPE == darwin* ]] || rust+=(-C target-feature=+crt-static)
c=
# The last prefix that fits wins.
for i in "${!from[@]}"; do
    rust+=("--remap-path-prefix=${from[i]}=/${to[i]}")
    c+=" -ffile-prefix-map=${from[i]}=/${to[i]}"
done

separator=$'\x1f'
CARGO_ENCODED_RUSTFLAGS=$(IFS=$separator; printf '%s' "${rust[*]}")
export CARGO_ENCODED_RUSTFLAGS
export CFLAGS="${CFLAGS:-}$c" CXXFLAGS="${CXXFLAGS:-}$c"
export CMAKE_TOOLCHAIN_FILE="$root/packaging/hdf5.cmake"
export TZ=UTC LC_ALL=C SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}"
exec "$@"
