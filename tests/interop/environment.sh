#!/bin/sh
# Makes a Python virtual environment with pip in it, without root:
#
#     tests/interop/environment.sh FOLDER
#
# PYTHON names another interpreter than python3.
set -eu

folder=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
    echo "$python is missing or older than 3.10; name a newer one: make PYTHON=/path/to/python3" >&2
    exit 1
}

rm -rf "$folder"
if "$python" -c 'import ensurepip' 2>/dev/null; then
    exec "$python" -m venv "$folder"
fi

# Debian's python3 leaves ensurepip to another package; then any pip of the system can put a pip
# into the environment (--target is also allowed where the system's packages are locked).
"$python" -m pip --version >/dev/null 2>&1 || {
    echo "$python has neither ensurepip nor pip; on Debian they are in python3-venv and python3-pip" >&2
    exit 1
}
"$python" -m venv --without-pip "$folder"
packages=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$python" -m pip install --quiet --target "$packages" pip
