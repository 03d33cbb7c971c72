"""What the frozen desk is made of: which libraries go in, and what of them stays out.

The spec asks this module, the notices of the package are gathered by it, and the tests read it.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]

# A trader's desk reaches its brokers. Dask's workers need the desk installed beside them, so a
# cluster is for the wheel.
EXTRAS = ("ibkr", "alpaca")

# Tools of a library's own command line, and windows and pages the desk does not draw.
NEVER_IMPORTED = (
    "tkinter",
    "pip",
    "setuptools",
    "pydoc_data",
    "lib2to3",
    "idlelib",
    "ensurepip",
    "sparsediffpy",
    "PIL._avif",
    "PIL._webp",
    "PIL._imagingcms",
    "PIL._imagingft",
    "PIL._imagingtk",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtSql",
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtUiTools",
    "pyqtgraph.opengl",
    "pyqtgraph.examples",
    "pyqtgraph.jupyter",
)

# What PyInstaller's hooks bring for programs unlike this one; beginnings of paths in the folder.
_FOLDERS_LEFT_OUT = (
    # Qt: other tongues, screens without a window system, other toolkits' dialogs, databases.
    "PySide6/Qt/translations/",
    "PySide6/Qt/qml/",
    "PySide6/Qt/plugins/platforms/libqeglfs",
    "PySide6/Qt/plugins/platforms/libqlinuxfb",
    "PySide6/Qt/plugins/platforms/libqminimal",
    "PySide6/Qt/plugins/platforms/libqvkkhrdisplay",
    "PySide6/Qt/plugins/platforms/libqvnc",
    "PySide6/Qt/plugins/platformthemes/libqgtk3",
    "PySide6/Qt/plugins/egldeviceintegrations/",
    "PySide6/Qt/plugins/generic/",
    "PySide6/Qt/plugins/imageformats/libqicns",
    "PySide6/Qt/plugins/imageformats/libqpdf",
    "PySide6/Qt/plugins/imageformats/libqtga",
    "PySide6/Qt/plugins/imageformats/libqtiff",
    "PySide6/Qt/plugins/imageformats/libqwbmp",
    "PySide6/Qt/plugins/imageformats/libqwebp",
    "PySide6/Qt/plugins/networkinformation/",
    "PySide6/Qt/plugins/qmltooling/",
    "PySide6/Qt/plugins/sqldrivers/",
    # Charts for web pages, which skfolio could draw and the desk never asks it to.
    "plotly/labextension/",
    "plotly/package_data/datasets/",
    "plotly/package_data/plotly.min.js",
    # Prices and flowers for lessons.
    "skfolio/datasets/",
    "sklearn/datasets/",
)
_QT_LEFT_OUT = re.compile(r"libQt6(Qml|Quick|EglF[Ss]|VirtualKeyboard|Sql)")

# Libraries of the machine: a window talks to its own screen, driver and key ring, and what the
# distribution mends is mended here too. Debian's package depends on those that bring them.
_FROM_THE_MACHINE = re.compile(
    r"(libX11|libX11-xcb|libXau|libXdmcp|libXext|libXrender|libxcb|libxcb-[a-z-]+|libxkbcommon"
    r"|libxkbcommon-x11|libwayland-[a-z]+|libEGL|libGL|libGLX|libGLdispatch|libOpenGL"
    r"|libglib-2\.0|libgio-2\.0|libgobject-2\.0|libgmodule-2\.0|libgthread-2\.0|libdbus-1"
    r"|libfontconfig|libfreetype|libgssapi_krb5|libkrb5|libk5crypto|libkrb5support|libcom_err"
    r"|libkeyutils|libsystemd|libgcrypt|libgpg-error|libcap|libmount|libblkid|libselinux|libpcre2-8"
    r"|libbsd|libmd|libbrotlicommon|libbrotlidec|libpng16|libgraphite2|libharfbuzz|libgcc_s"
    r"|libstdc\+\+|liblz4|libzstd"
    r"|libgtk-3|libgdk-3|libgdk_pixbuf-2\.0|libatk-1\.0|libcairo|libcairo-gobject|libdatrie"
    r"|libfribidi|libjpeg|libpango-1\.0|libpangocairo-1\.0|libpangoft2-1\.0|libpixman-1|libthai)"
    r"\.so(\.\d+)*"
)

# How a library was installed on this machine: by what, from where, and with which scripts, whose
# hashes hold the path of this checkout. Nothing asks for it, and it would differ on every machine.
_OF_THIS_MACHINE = re.compile(r".*\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json)")

# Symbols for a debugger are a third of these; the others are hardly smaller without them.
STRIPPED = ("libpython3*", "_cvxcore.*", "qdldl.*", "_rust.abi3.so", "_QuantLib.abi3.so")


def declared() -> list[str]:
    """The requirements the frozen desk starts from: those of the desk and of its brokers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in EXTRAS for line in extras[extra])]


def bundled() -> frozenset[str]:
    """Names of the distributions that go in: what is declared, and whatever that asks for."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in declared()]
    while waiting:
        asked = waiting.pop()
        name = normal(asked.name)
        if name in found or (asked.marker and not asked.marker.evaluate({"extra": ""})):
            continue
        try:
            lines = requires(asked.name) or []
        except PackageNotFoundError:
            continue
        found.add(name)
        waiting += [Requirement(line) for line in lines]
    return frozenset(found - set(NEVER_IMPORTED))


def strangers() -> list[str]:
    """Modules in this environment that belong to tools and extras, so that none slips in."""
    inside = bundled()
    return sorted(
        module
        for module, owners in packages_distributions().items()
        if not {normal(owner) for owner in owners} & inside
        and module not in ("allusedesk", "_distutils_hack")
    )


def is_left_out(where: str) -> bool:
    """True for a file, by its path in the folder, that the desk does without."""
    path = where.replace("\\", "/")
    name = path.rpartition("/")[2]
    return (
        path.startswith(_FOLDERS_LEFT_OUT)
        or "/tests/" in path
        or _OF_THIS_MACHINE.fullmatch(path) is not None
        or _QT_LEFT_OUT.match(name) is not None
        or _FROM_THE_MACHINE.fullmatch(name) is not None
    )


def normal(name: str) -> str:
    """A distribution's name as the locks write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    # The one thing freeze.sh asks: which files lose their symbols, as patterns of names.
    print("\n".join(STRIPPED))
