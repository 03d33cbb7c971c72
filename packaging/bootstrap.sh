#!/bin/sh
# Makes .venv at the root of the checkout, with every locked library and the command
# `allusedesk`. A second run sees its stamp and ends at once.
#
# ALLUSE_PYTHON=python3.12   takes this interpreter instead of looking for one
# ALLUSE_VENV=.venv-3.12     makes the environment there
# ALLUSE_NO_APT=1            prints what the system lacks and installs nothing there
# ALLUSE_SCREEN=virtual      brings an X server without a monitor and a hand for it, for tests
#
# Ends with 3 without a usable Python, 4 without a system package, 5 if Qt will not load and
# 6 if the libraries cannot be fetched.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"
venv=${ALLUSE_VENV:-.venv}
case $venv in /*) ;; *) venv=$root/$venv ;; esac
lock=requirements-dev.lock
stamp_file=$venv/allusedesk.stamp

say() { printf '%s\n' "$*" >&2; }

# What Qt loads at run time even without a screen, and the fonts of last resort.
packages_qt="libglib2.0-0 libegl1 libgl1 libx11-6 libdbus-1-3 libfontconfig1 libfreetype6
libxkbcommon0 libgssapi-krb5-2 fonts-dejavu-core"
libraries_qt="libglib-2.0.so.0 libEGL.so.1 libGL.so.1 libX11.so.6 libdbus-1.so.3
libfontconfig.so.1 libfreetype.so.6 libxkbcommon.so.0 libgssapi_krb5.so.2"

# What Qt needs besides for a real window; asked for only where there is a screen.
packages_screen="libx11-xcb1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0
libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-render0 libxcb-shape0 libxcb-shm0
libxcb-sync1 libxcb-xfixes0 libxcb-xkb1"
packages_virtual="xvfb xauth xdotool"

# A name that is only a shim exists and fails, so each candidate is run. ensurepip is what
# Debian keeps back until python3-venv is installed.
is_usable_python() {
    "$1" -c '
import sys, venv, ensurepip, ssl, sqlite3
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${ALLUSE_PYTHON:-python3.11 python3.12 python3.13 python3 python}; do
        if is_usable_python "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

venv_version() {
    "$venv/bin/python" -c '
import sys
print("%d.%d.%d" % sys.version_info[:3])
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

stamp_wanted() {
    printf '%s %s %s\n' "$(cat "$lock" packaging/bootstrap.sh | cksum)" "$1" "$root"
}

is_installed() {
    for name in "$1" "$1t64"; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)
        [ "$status" = installed ] && return 0
    done
    return 1
}

missing_packages() {
    for package in $packages_qt; do
        is_installed "$package" || printf '%s ' "$package"
    done
    if [ -z "${ALLUSE_PYTHON:-}" ] && ! find_python >/dev/null; then
        printf 'python3 python3-venv'
    fi
}

# Installs what it can; whoever has neither root nor sudo gets the line to type.
install_packages() {
    missing=$1
    line="apt-get install -y --no-install-recommends $missing"
    if [ "${ALLUSE_NO_APT:-}" = 1 ]; then
        say "The system lacks some packages; this line installs them:"
        say "    sudo $line"
        return 1
    elif [ "$(id -u)" = 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo"
    else
        say "The system lacks some packages and only root may install them; type this line:"
        say "    sudo $line"
        return 1
    fi
    say "Installing system packages: $missing"
    # The list of packages is refreshed only if the first try fails: most machines need not wait.
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive $line >/dev/null 2>&1 && return 0
    # shellcheck disable=SC2086
    $as_root apt-get update >/dev/null 2>&1 || true
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive $line >/dev/null && return 0
    say "apt-get could not install them; this is the line it was given:"
    say "    $line"
    return 1
}

# Succeeds if the loader finds every library, from whatever package it came.
has_libraries() {
    # shellcheck disable=SC2086
    "$1" -c '
import ctypes, sys
for name in sys.argv[1:]:
    ctypes.CDLL(name)' $libraries_qt >/dev/null 2>&1
}

prepare_system() {
    [ "$(uname -s)" = Linux ] || return 0
    if command -v dpkg-query >/dev/null; then
        missing=$(missing_packages)
        [ -z "$missing" ] || install_packages "$missing" || lacking=yes
    fi
}

# Nothing ends for want of these: without them the desk says so, and tests are skipped.
prepare_screen() {
    wanted=
    [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || wanted=$packages_screen
    [ "${ALLUSE_SCREEN:-}" != virtual ] || wanted="$packages_screen $packages_virtual"
    [ -n "$wanted" ] && [ "$(uname -s)" = Linux ] && command -v dpkg-query >/dev/null || return 0
    missing=
    for package in $wanted; do
        is_installed "$package" || missing="$missing$package "
    done
    [ -z "$missing" ] || install_packages "$missing" || true
}

make_environment() {
    if venv_version >/dev/null; then
        say "Setting up $venv, which exists already."
    else
        say "Setting up $venv with $("$python" --version)."
        "$python" -m venv --clear "$venv"
    fi
    count=$(grep -c '==' "$lock")
    say "Fetching up to $count locked packages, about 350 MB; this takes a minute or two."
    for try in 1 2 3; do
        if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            --no-warn-script-location --require-hashes --only-binary :all: -r "$lock"; then
            return 0
        fi
        say "Try $try of 3 to fetch the packages failed."
    done
    say "The packages of $lock could not be fetched; see the message above, check the network"
    say "and run the same command again."
    exit 6
}

# A path file and a launcher in place of an editable install, which would need a build backend.
link_package() {
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$root" >"$site/allusedesk.pth"
    # Started through sh, for the path of an interpreter may be too long for the first line.
    cat >"$venv/bin/allusedesk" <<LAUNCHER
#!/bin/sh
'''exec' "$venv/bin/python" "\$0" "\$@"
' '''
import sys

from allusedesk.__main__ import main

sys.exit(main())
LAUNCHER
    chmod 755 "$venv/bin/allusedesk"
}

check_qt() {
    if ! message=$(QT_QPA_PLATFORM=offscreen "$venv/bin/python" -c \
        'from PySide6 import QtWidgets' 2>&1); then
        say "$message"
        say "Qt is installed but will not load, most likely for want of a system library; the"
        say "message above names it. On Debian this line installs all of them:"
        say "    sudo apt-get install -y --no-install-recommends" $packages_qt
        exit 5
    fi
}

prepare_screen

if version=$(venv_version) && [ -x "$venv/bin/allusedesk" ] && [ -f "$stamp_file" ] &&
    [ "$(cat "$stamp_file")" = "$(stamp_wanted "$version")" ]; then
    exit 0
fi

lacking=no
prepare_system
python=$(find_python) || python=
if [ "$lacking" = yes ] && { [ -z "$python" ] || ! has_libraries "$python"; }; then
    say "Nothing was set up, for the desk cannot run without them: type that line, then run the"
    say "same command again."
    exit 4
fi
if [ -z "$python" ]; then
    say "No usable Python was found: the desk needs Python 3.11, 3.12 or 3.13 with venv, ssl and"
    say "sqlite3. Install one, or name it with ALLUSE_PYTHON=/path/to/python."
    exit 3
fi
make_environment
link_package
check_qt
stamp_wanted "$(venv_version)" >"$stamp_file"
say "Ready: $venv/bin/allusedesk"
