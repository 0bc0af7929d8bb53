#!/usr/bin/env bash
# tarball.sh PROGRAM TARGET FOLDER: writes FOLDER/h5lift-VERSION-TARGET.tar.gz and its SHA-256 sum.
#
# The same program gives the same bytes: names are sorted, owners and times are fixed, gzip writes no name.
set -euo pipefail
program=$1 target=$2 folder=$3
root=$(cd "$(dirname "$0")/.." && pwd)
version=$("$program" --version | cut -d' ' -f2)
name=h5lift-$version-$target
staging=$folder/$name

rm -rf "$staging"
mkdir -p "$staging"
install -m 755 "$program" "$staging/h5lift"
install -m 644 "$root"/{README.md,CHANGELOG.md,SECURITY.md,LICENSE-MIT,LICENSE-APACHE,THIRD-PARTY-NOTICES.txt} "$staging"
install -m 644 "$root/target/h5lift.cdx.json" "$staging"
"$root/packaging/manual.sh" "$program" "$staging/share"

epoch=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
# GNU tar, which is called gtar on macOS.
tar=$(command -v gtar || echo tar)
"$tar" --sort=name --format=gnu --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w \
    -C "$folder" -cf - "$name" | gzip -9n >"$folder/$name.tar.gz"
rm -rf "$staging"
cd "$folder"
if command -v sha256sum >/dev/null; then
    sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
else
    shasum -a 256 "$name.tar.gz" >"$name.tar.gz.sha256"
fi
cat "$name.tar.gz.sha256"
