#!/usr/bin/env bash
# deb.sh PROGRAM TARGET FOLDER: writes FOLDER/h5lift_VERSION-1_ARCHITECTURE.deb.
#
# With dpkg-deb and not with cargo-deb, which takes minutes to compile: the program is static, so no dependencies have to be found.
# MAINTAINER="Name <address>" and HOMEPAGE are for who publishes. The same program gives the same bytes.
set -euo pipefail
program=$1 target=$2 folder=$3
root=$(cd "$(dirname "$0")/.." && pwd)
version=$("$program" --version | cut -d' ' -f2)
maintainer=${MAINTAINER:-h5lift developers <h5lift@users.noreply.github.com>}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
case $target in
    x86_64-*) architecture=amd64 ;;
    aarch64-*) architecture=arm64 ;;
    *) echo "$target: no architecture of Debian" >&2 && exit 1 ;;
esac

umask 022
mkdir -p "$folder"
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
chmod 755 "$staging"
doc=$staging/usr/share/doc/h5lift
mkdir -p "$staging/DEBIAN" "$staging/usr/bin" "$doc" "$staging/usr/share/lintian/overrides"

install -m 755 "$program" "$staging/usr/bin/h5lift"
"$root/packaging/manual.sh" "$program" "$staging/usr/share"
gzip -9n "$staging"/usr/share/man/man1/*.1

gzip -9nc "$root/CHANGELOG.md" >"$doc/changelog.gz"
gzip -9nc "$root/THIRD-PARTY-NOTICES.txt" >"$doc/THIRD-PARTY-NOTICES.txt.gz"
gzip -9nc "$root/target/h5lift.cdx.json" >"$doc/h5lift.cdx.json.gz"
gzip -9n >"$doc/changelog.Debian.gz" <<END
h5lift ($version-1) unstable; urgency=medium

  * h5lift $version. The changes are in changelog.gz.

 -- $maintainer  $(date -Ru -d "@$SOURCE_DATE_EPOCH")
END
cat >"$doc/copyright" <<END
h5lift is available under the licence below or, at your option, under the Apache License 2.0, which is in
/usr/share/common-licenses/Apache-2.0 on Debian systems. The program contains other software; THIRD-PARTY-NOTICES.txt.gz
in this folder has its licences.

$(cat "$root/LICENSE-MIT")
END
cat >"$staging/usr/share/lintian/overrides/h5lift" <<'END'
# One static program for all releases of Debian and its relatives. The zlib inside is zlib-ng, which inflates a quarter faster.
h5lift: shared-library-lacks-prerequisites [usr/bin/h5lift]
h5lift: embedded-library zlib [usr/bin/h5lift]
END

cat >"$staging/DEBIAN/control" <<END
Package: h5lift
Version: $version-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$staging/usr" | cut -f1)
Section: science
Priority: optional
${HOMEPAGE:+Homepage: $HOMEPAGE
}Description: lift names out of HDF5 attributes into datasets
 h5lift rewrites HDF5 files whose gene and sample names are attributes of a
 matrix, which cannot hold more than 64 KB, so that the names are datasets.
 It works on single files and on archives of millions, proves that each new
 file holds everything the old one held, and then puts it in place. It also
 converts text matrices (TSV, CSV, GCT and others) to the same layout.
END
(cd "$staging" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group -Zxz --build "$staging" "$folder/h5lift_$version-1_$architecture.deb"
