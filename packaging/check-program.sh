#!/usr/bin/env bash
# check-program.sh PROGRAM: fails if the program says where, by whom or on what kernel it was built, or needs a library.
set -euo pipefail
program=$1
root=$(cd "$(dirname "$0")/.." && pwd)
failed=0

# What the build machine is called; a name that is a common word proves nothing.
words=("$root" "${CARGO_HOME:-$HOME/.cargo}" "$HOME/" "$(uname -r)" /rustup/ /registry/src/ 'Configured on' 'Uname information')
for name in "$(hostname)" "$(id -un)"; do
    [[ ${#name} -lt 6 || $name == runner ]] || words+=("$name")
done
for word in "${words[@]}"; do
    count=$(strings -a -n 4 "$program" | grep -cF -- "$word" || true)
    if ((count > 0)); then
        echo "$program: $count strings with \"$word\", such as"
        strings -a -n 4 "$program" | grep -F -m 3 -- "$word" | cut -c1-160
        failed=1
    fi
done

if [[ $OSTYPE == linux* ]] && readelf -d "$program" | grep -F NEEDED; then
    echo "$program: needs libraries at run time"
    failed=1
fi
exit $failed
