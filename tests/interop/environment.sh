#!/bin/sh
# Makes a Python virtual environment with pip in it, without root:
#
#     tests/interop/environment.sh FOLDER
#
# PYTHON names another interpreter than python3, PIP_ZIPAPP another place to fetch pip from.
set -eu

folder=$1
python=${PYTHON:-python3}
zipapp=${PIP_ZIPAPP:-https://bootstrap.pypa.io/pip/pip.pyz}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
    echo "$python is missing or older than 3.10; name a newer one: make PYTHON=/path/to/python3" >&2
    exit 1
}

rm -rf "$folder"
if "$python" -c 'import ensurepip' 2>/dev/null; then
    exec "$python" -m venv "$folder"
fi

# Debian's python3 leaves ensurepip to another package. Any pip of the system can put a pip
# into the environment (--target is also allowed where the system's packages are locked);
# where there is none, pip is fetched from the people who make it.
"$python" -m venv --without-pip "$folder"
packages=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
if "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m pip install --quiet --target "$packages" pip
else
    "$python" -c 'import sys, urllib.request as web; web.urlretrieve(*sys.argv[1:])' "$zipapp" "$folder/pip.pyz"
    "$python" "$folder/pip.pyz" install --quiet --target "$packages" pip
fi
