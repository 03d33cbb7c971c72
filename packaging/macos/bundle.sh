#!/bin/sh
# Signs the bundle, has it notarised where asked, and makes a disk image of it. UNTESTED.
#
# ALLUSE_IDENTITY="Developer ID Application: NAME (TEAM)"   signs with it, not for this machine
# ALLUSE_NOTARY=PROFILE   sends it to Apple with the credentials of that notarytool profile
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
cd "$root"
bundle="dist/ALL-USE Desk.app"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
image=dist/allusedesk-$version-macos.dmg
identity=${ALLUSE_IDENTITY:--}

[ -d "$bundle" ] || { echo "$bundle is missing: packaging/macos/README.md says how." >&2; exit 3; }
# Apple's time is part of a signature that leaves this machine, and unknown to one that does not.
stamp=--timestamp
[ "$identity" != - ] || stamp=--timestamp=none

# From within outwards: the libraries first, the bundle around them last.
find "$bundle/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -exec \
    codesign --force --options runtime "$stamp" --sign "$identity" {} +
codesign --force --options runtime "$stamp" --entitlements packaging/macos/entitlements.plist \
    --sign "$identity" "$bundle"
codesign --verify --deep --strict "$bundle"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$bundle" "$stage/"
ln -s /Applications "$stage/Applications"
rm -f "$image"
hdiutil create -quiet -volname "ALL-USE Desk" -srcfolder "$stage" -format ULFO "$image"
[ "$identity" = - ] || codesign --force "$stamp" --sign "$identity" "$image"

if [ -n "${ALLUSE_NOTARY:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$ALLUSE_NOTARY" --wait
    xcrun stapler staple "$image"
fi
echo "Ready: $image" >&2
