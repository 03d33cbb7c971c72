#!/bin/sh
# Freezes the desk into dist/allusedesk: one folder that needs no Python. `make dist` calls it.
#
# ALLUSE_VENV=.venv-3.12   freezes with that environment
#
# Ends with 3 where Python was built without a shared library, which PyInstaller needs, and with
# 4 where binutils are missing.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
cd "$root"
python=${ALLUSE_VENV:-.venv}/bin/python
folder=dist/allusedesk

say() { printf '%s\n' "$*" >&2; }

shared=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("Py_ENABLE_SHARED") or 0)')
if [ "$(uname -s)" = Linux ] && [ "$shared" != 1 ]; then
    say "This Python was built without a shared library, so nothing can be frozen with it. Debian's"
    say "python3 with libpython3-dev has one, and so has pyenv's if it is installed with"
    say "PYTHON_CONFIGURE_OPTS=--enable-shared."
    exit 3
fi
command -v strip >/dev/null && command -v objdump >/dev/null || {
    say "binutils are missing; on Debian this line installs them:"
    say "    sudo apt-get install -y binutils"
    exit 4
}

# The same commit gives the same bytes: its date is the date of every file, Python's order of sets
# is held still, and rights do not follow whoever freezes it.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}
PYTHONHASHSEED=0
export SOURCE_DATE_EPOCH PYTHONHASHSEED
umask 022

say "Freezing the desk into $folder; this takes two to four minutes."
mkdir -p build
"$python" -m PyInstaller --noconfirm --clean --log-level ERROR \
    --workpath build/pyinstaller --distpath dist packaging/pyinstaller/allusedesk.spec

"$python" packaging/pyinstaller/bundled.py | while read -r name; do
    find "$folder/_internal" -type f -name "$name" -exec strip --strip-unneeded {} +
done
"$python" packaging/pyinstaller/licences.py "$folder/licences"
find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
rm -rf build/pyinstaller
say "Ready: $folder/allusedesk, $(du -sm --apparent-size "$folder" | cut -f1) MB."
