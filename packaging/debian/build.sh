#!/bin/sh
# Packs dist/allusedesk as a package for Debian and its kin; `make deb` calls it.
#
# ALLUSE_VERSION=0.1.1~test   calls it by that version, to try an upgrade
#
# Nothing of it runs while it is installed or removed: there are no maintainer scripts, so nobody's
# journals, settings or layouts are ever touched, and no network is asked for.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
cd "$root"
frozen=dist/allusedesk
tree=build/debian
texts=packaging/debian
version=${ALLUSE_VERSION:-$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)}
architecture=$(dpkg --print-architecture)
package=dist/allusedesk_${version}_${architecture}.deb
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}
# How many processes press it would be seen in the bytes.
DPKG_DEB_THREADS_MAX=1
export SOURCE_DATE_EPOCH DPKG_DEB_THREADS_MAX

[ -x "$frozen/allusedesk" ] || { echo "$frozen is missing: make dist first." >&2; exit 3; }
umask 022

# What Qt needs to draw at all, then for a window under X, then under Wayland, then the libraries
# of the machine that packaging/pyinstaller/bundled.py leaves to it.
depends="libc6 (>= 2.34), libstdc++6 (>= 12), libgcc-s1, procps,
 libglib2.0-0 | libglib2.0-0t64, libegl1, libgl1, libx11-6, libdbus-1-3, libfontconfig1,
 libfreetype6, libxkbcommon0, libgssapi-krb5-2, fonts-dejavu-core,
 libx11-xcb1, libxkbcommon-x11-0, libxcb-cursor0, libxcb-icccm4, libxcb-image0, libxcb-keysyms1,
 libxcb-randr0, libxcb-render-util0, libxcb-render0, libxcb-shape0, libxcb-shm0, libxcb-sync1,
 libxcb-xfixes0, libxcb-xkb1, libxcb1, libxau6, libxext6, libxrender1,
 libwayland-client0, libwayland-cursor0, libwayland-egl1"

rm -rf "$tree"
mkdir -p "$tree/DEBIAN" "$tree/opt" "$tree/usr/bin" "$tree/usr/share/applications" \
    "$tree/usr/share/metainfo" "$tree/usr/share/doc/allusedesk"
cp -a "$frozen" "$tree/opt/allusedesk"
ln -s ../../opt/allusedesk/allusedesk "$tree/usr/bin/allusedesk"

for size in 16 24 32 48 64 128 256 512; do
    place=$tree/usr/share/icons/hicolor/${size}x${size}/apps
    mkdir -p "$place"
    cp "resources/icons/allusedesk-$size.png" "$place/allusedesk.png"
done
mkdir -p "$tree/usr/share/icons/hicolor/scalable/apps"
cp resources/icons/allusedesk.svg "$tree/usr/share/icons/hicolor/scalable/apps/"
cp "$texts/allusedesk.desktop" "$tree/usr/share/applications/"
cp "$texts/copyright" "$tree/usr/share/doc/allusedesk/"
gzip -9nc CHANGELOG.md >"$tree/usr/share/doc/allusedesk/changelog.gz"
day=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
sed "s/@VERSION@/$version/; s/@DATE@/$day/" "$texts/org.allusedesk.Desk.metainfo.xml.in" \
    >"$tree/usr/share/metainfo/org.allusedesk.Desk.metainfo.xml"

# Everybody may read it and nobody but root may change it.
find "$tree" -type d -exec chmod 755 {} +
find "$tree" -type f -exec chmod 644 {} +
chmod 755 "$tree/opt/allusedesk/allusedesk"

# As dpkg-gencontrol counts: what a folder itself takes differs from one file system to the next.
kilobytes=$(find "$tree" -path "$tree/DEBIAN" -prune -o -printf '%y %s\n' |
    awk '{ sum += $1 == "f" || $1 == "l" ? int(($2 + 1023) / 1024) : 1 } END { print sum }')
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@KILOBYTES@/$kilobytes/
    s/@DEPENDS@/$(printf '%s' "$depends" | tr -d '\n')/" "$texts/control.in" >"$tree/DEBIAN/control"
(cd "$tree" && find opt usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

rm -f "$package"
dpkg-deb --root-owner-group -Zzstd -z12 --build "$tree" "$package" >/dev/null
rm -rf "$tree"
megabytes=$(du -sm --apparent-size "$package" | cut -f1)
echo "Ready: $package, $megabytes MB, $kilobytes kB installed." >&2
