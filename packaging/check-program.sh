#!/usr/bin/env bash
# check-program.sh PROGRAM: fails if the program says where, by whom or on what kernel it was built, needs a library, or has
# a table of symbols, which takes a quarter of its size.
set -euo pipefail
program=$1
root=$(cd "$(dirname "$0")/.." && pwd)
failed=0

# What the build machine is called; a name that is a common word proves nothing.
words=("$root" "${CARGO_HOME:-$HOME/.cargo}" "$HOME/" "$(uname -r)" /rustup/ /registry/src/ 'Configured on' 'Uname information')
for name in "$(hostname)" "$(id -un)"; do
    [[ ${#name} -lt 6 || $name == runner ]] || words+=("$name")
done
all=$(strings -a -n 4 "$program")
for word in "${words[@]}"; do
    if found=$(grep -F -- "$word" <<<"$all"); then
        echo "$program: $(wc -l <<<"$found") strings with \"$word\", the first is:"
        head -n 1 <<<"$found" | cut -c1-160
        failed=1
    fi
done

if [[ $OSTYPE == linux* ]] && readelf -d "$program" | grep -F NEEDED; then
    echo "$program: needs libraries at run time"
    failed=1
fi
if [[ $OSTYPE == linux* ]] && readelf -SW "$program" | grep -F .symtab; then
    echo "$program: is not stripped"
    failed=1
fi
exit $failed
