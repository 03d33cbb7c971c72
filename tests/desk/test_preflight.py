"""A pair of Qt and Python that aborts is refused, and this one does not lose references."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel

from allusedesk.desk.preflight import QtRefused, check_qt, refuse_pair


@pytest.mark.parametrize("python", [(3, 11), (3, 10)])
def test_qt_6_12_is_refused_before_python_3_12(python: tuple[int, int]) -> None:
    with pytest.raises(QtRefused, match=r"install PySide6-Essentials 6\.11\.3"):
        refuse_pair("6.12.0", python)


@pytest.mark.parametrize(
    ("qt", "python"), [("6.11.3", (3, 11)), ("6.12.0", (3, 12)), ("6.12.0", (3, 13))]
)
def test_other_pairs_pass(qt: str, python: tuple[int, int]) -> None:
    refuse_pair(qt, python)


def test_the_installed_pair_passes() -> None:
    check_qt()


class _Bell(QObject):
    rang = Signal()


def test_no_reference_to_none_or_true_is_lost(qapp: QApplication) -> None:
    """Each call of a void method lost one reference to None in 6.12.0, each emit one to True."""
    if sys.version_info >= (3, 12):
        pytest.skip("Python 3.12 and later have an immortal None and True.")
    bell, label = _Bell(), QLabel("a label")
    label.show()
    for _ in range(50):
        bell.rang.emit()
        qapp.processEvents()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(500):
        bell.rang.emit()
        label.setVisible(True)
        label.repaint()
        qapp.processEvents()
    assert sys.getrefcount(None) - before[0] > -50
    assert sys.getrefcount(True) - before[1] > -50
    label.close()
