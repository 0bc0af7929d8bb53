#!/usr/bin/env bash
# manual.sh PROGRAM FOLDER: writes manual pages and completions where Unix looks for them below FOLDER (such as /usr/share).
set -euo pipefail
program=$1 folder=$2
mkdir -p "$folder"/{man/man1,bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
"$program" man --out "$folder/man/man1"
"$program" completions bash >"$folder/bash-completion/completions/h5lift"
"$program" completions zsh >"$folder/zsh/vendor-completions/_h5lift"
"$program" completions fish >"$folder/fish/vendor_completions.d/h5lift.fish"
