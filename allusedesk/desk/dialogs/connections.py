"""Lines to a broker and to a market: tried with the vendor itself before anything is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from allusedesk.credentials import where_kept
from allusedesk.desk.context import DeskContext
from allusedesk.desk.room import Roomy
from allusedesk.settings import BROKERS, FEEDS, PORT_MAX, BrokerChoice, FeedChoice
from allusedesk.wiring.connecting import (
    Keys,
    Trial,
    forget_keys,
    keep_keys,
    needs_keys,
    try_lines,
)
from allusedesk.wiring.requests import TITLES

if TYPE_CHECKING:
    from allusedesk.desk.operations import Operation

_CLIENT_MAX = 9_999
_SECONDS = 10.0
_STEPS = 1_000
_SOURCES = {
    "": "the vendor's free quotes",
    "opra": "the paid real-time quotes (sip, opra)",
}


class ConnectionsDialog(QDialog):
    """Chooses broker and feed. Only what was tried and answered well can be kept.

    Practice is the default. Keys go to the system's keyring and are never shown again; everything
    else goes into the settings.
    """

    _came = Signal(float, str)

    def __init__(self, context: DeskContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.context = context
        self._came.connect(self._tell)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Connections")
        self.setAccessibleName("Connections to a broker and a market")
        self._trial: Operation | None = None
        self._good: Trial | None = None
        self._is_left = False
        broker, feed = context.preferences.settings.broker, context.preferences.settings.feed
        self.broker = self._choice("Broker", BROKERS, broker.name)
        self.paper = QCheckBox("Practice account (paper): no real money")
        self.paper.setAccessibleName("Practice account")
        self.paper.setChecked(broker.paper)
        self.host, self.port = self._host("Broker's host", broker.host), self._port(broker.port)
        self.port.setAccessibleName("Broker's port")
        self.client = self._number("Broker's client number", broker.client_id)
        self.account = self._text("Account", broker.account, "only where a login has several")
        self.feed = self._choice("Quotes from", FEEDS, feed.name)
        self.source = QComboBox()
        self.source.setAccessibleName("Which quotes")
        for name, title in _SOURCES.items():
            self.source.addItem(title, name)
        self.source.setCurrentIndex(max(0, self.source.findData(feed.source)))
        self.feed_host = self._host("Feed's host", feed.host)
        self.feed_port = self._port(feed.port)
        self.feed_port.setAccessibleName("Feed's port")
        self.feed_client = self._number("Feed's client number", feed.client_id)
        self.key = self._text("Key", "", "empty: the one that is kept")
        self.secret = self._text("Secret", "", "empty: the one that is kept")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.found = QListWidget()
        self.found.setAccessibleName("What was found")
        self.found.setWordWrap(True)
        self.said = QLabel("Test it first: nothing is kept that did not answer.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What happened")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the test")
        self.progress.setRange(0, _STEPS)
        self.test = self._button("Test", self._test)
        self.cancel = self._button("Stop the test", self._cancel)
        self.drop = self._button("Forget the keys", self._drop_keys)
        self.keep = self._button("Keep", self._keep)
        self.leave = self._button("Leave as it was", self.reject)
        self.cancel.setEnabled(False)
        self.keep.setEnabled(False)
        self._lay_out()
        self._connect()
        self._offer()

    def wanted(self) -> Trial:
        """What the fields say; keys that were not typed are those that are kept."""
        keys = None
        if self.key.text() or self.secret.text():
            keys = Keys(self.key.text().strip(), self.secret.text().strip())
        return Trial(
            BrokerChoice(
                self.broker.currentData(),
                self.paper.isChecked(),
                self.host.text().strip(),
                self.port.value(),
                self.client.value(),
                self.account.text().strip(),
            ),
            FeedChoice(
                self.feed.currentData(),
                self.feed_host.text().strip(),
                self.feed_port.value(),
                self.feed_client.value(),
                self.source.currentData(),
            ),
            keys,
        )

    def _test(self) -> None:
        wanted = self.wanted()
        self.found.clear()
        self.progress.setValue(0)
        self.said.setText(f"Connecting; each step gives up after {_SECONDS:.0f} seconds…")
        self.test.setEnabled(False)
        self.cancel.setEnabled(True)
        self._trial = self.context.operations.begin(
            "The test",
            partial(_tried, wanted, self._came.emit),
            partial(self._show, wanted),
            self._refuse,
        )

    def _tell(self, fraction: float, sentence: str) -> None:
        if self._trial is None:
            return
        self.progress.setValue(int(fraction * _STEPS))
        self.said.setText(sentence)

    def _cancel(self) -> None:
        """Forget the test; what still comes of it is dropped."""
        if self._trial is not None:
            self._trial.stop()
        self._over("The test was stopped; nothing was kept.")

    def _show(self, wanted: Trial, found: tuple[str, ...]) -> None:
        if self._trial is None:
            return
        self._over("")
        self.found.addItems(list(found))
        if self.wanted() != wanted:
            self.said.setText("Something was changed meanwhile: test it again.")
            return
        self._good = wanted
        self.progress.setValue(_STEPS)
        self.keep.setEnabled(True)
        self.said.setText("Everything answered: it can be kept.")

    def _refuse(self, sentence: str) -> None:
        if self._trial is not None:
            self._over(sentence)

    def _over(self, sentence: str) -> None:
        self._trial = None
        self.test.setEnabled(True)
        self.cancel.setEnabled(False)
        self.progress.setValue(0)
        self.said.setText(sentence)

    def _keep(self) -> None:
        good = self._good
        if good is None:
            return
        told = ""
        if good.keys is not None and not keep_keys(good.keys, is_paper=good.is_practice):
            told = " The keys are held in memory until the desk is closed: there is no keyring."
        self.context.preferences.change(broker=good.broker, feed=good.feed)
        self.context.notices.say(
            f"Connections are kept; Desk, Open a desk… opens one on them.{told}"
        )
        self.accept()

    def _drop_keys(self) -> None:
        """Forget what is kept of the account chosen; a desk that runs is told nothing."""
        is_paper = self.wanted().is_practice
        self._forget()
        self.key.clear()
        self.secret.clear()
        self.drop.setEnabled(False)
        self.context.operations.begin(
            "Forgetting the keys",
            lambda _: forget_keys(is_paper=is_paper),
            lambda _: self._dropped(
                f"The keys of the {'practice' if is_paper else 'real'} account are forgotten here. "
                "Alpaca takes them until you revoke them there; a desk that runs has them still."
            ),
            self._dropped,
        )

    def _dropped(self, sentence: str) -> None:
        if self._is_left:
            self.context.notices.say(sentence)
            return
        self.said.setText(sentence)
        self.drop.setEnabled(True)

    def _forget(self, *_: object) -> None:
        """Whatever was tested is not what stands here any more."""
        self._good = None
        self.keep.setEnabled(False)

    def _offer(self) -> None:
        """Show what the chosen vendors need, and nothing else."""
        broker, feed = self.broker.currentData(), self.feed.currentData()
        is_real = broker != "simulated"
        for field in (self.paper, self.host, self.port):
            self._form.setRowVisible(field, is_real)
        is_gateway = broker == "interactive_brokers"
        for field in (self.client, self.account):
            self._form.setRowVisible(field, is_gateway)
        is_live = feed != "recorded"
        for field in (self.feed_host, self.feed_port):
            self._form.setRowVisible(field, is_live)
        self._form.setRowVisible(self.feed_client, feed == "interactive_brokers")
        self._form.setRowVisible(self.source, feed == "alpaca")
        wants_keys = needs_keys(broker) or needs_keys(feed)
        for field in (self.key, self.secret):
            self._form.setRowVisible(field, wants_keys)
        self.where.setVisible(wants_keys)
        self.drop.setVisible(wants_keys)

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        for field in (
            self.broker,
            self.paper,
            self.host,
            self.port,
            self.client,
            self.account,
            self.feed,
            self.source,
            self.feed_host,
            self.feed_port,
            self.feed_client,
            self.key,
            self.secret,
        ):
            name = "" if isinstance(field, QCheckBox) else field.accessibleName()
            self._form.addRow(name, field)
        self.where = QLabel(where_kept())
        self.where.setTextFormat(Qt.TextFormat.PlainText)
        self.where.setWordWrap(True)
        self.drop.setToolTip("Takes the key and the secret of this account out of the keyring")
        fields = QWidget()
        fields.setLayout(self._form)
        foot = QHBoxLayout()
        for button in (self.cancel, self.test, self.drop):
            foot.addWidget(button)
        foot.addStretch(1)
        for button in (self.leave, self.keep):
            foot.addWidget(button)
        rows = QVBoxLayout(self)
        rows.addWidget(Roomy(fields), 3)
        rows.addWidget(self.where)
        rows.addWidget(self.progress)
        rows.addWidget(self.said)
        rows.addWidget(self.found, 1)
        rows.addLayout(foot)
        self.resize(self.fontMetrics().averageCharWidth() * 90, self.fontMetrics().height() * 36)

    def _connect(self) -> None:
        for field in (self.host, self.account, self.feed_host, self.key, self.secret):
            field.textChanged.connect(self._forget)
        for number in (self.port, self.client, self.feed_port, self.feed_client):
            number.valueChanged.connect(self._forget)
        for choice in (self.broker, self.feed, self.source):
            choice.currentIndexChanged.connect(self._forget)
        self.paper.toggled.connect(self._forget)
        self.broker.currentIndexChanged.connect(self._offer)
        self.feed.currentIndexChanged.connect(self._offer)
        self.finished.connect(self._leave)

    def _leave(self) -> None:
        self._is_left = True
        if self._trial is not None:
            self._trial.stop()
            self._trial = None

    def _choice(self, name: str, offered: tuple[str, ...], chosen: str) -> QComboBox:
        field = QComboBox()
        field.setAccessibleName(name)
        for one in offered:
            field.addItem(TITLES[one], one)
        field.setCurrentIndex(offered.index(chosen))
        return field

    def _host(self, name: str, host: str) -> QLineEdit:
        return self._text(name, host, "empty: the vendor's own")

    def _port(self, port: int) -> QSpinBox:
        field = QSpinBox()
        field.setRange(0, PORT_MAX)
        field.setValue(port)
        field.setSpecialValueText("the vendor's own")
        return field

    def _number(self, name: str, value: int) -> QSpinBox:
        field = QSpinBox()
        field.setRange(0, _CLIENT_MAX)
        field.setValue(value)
        field.setAccessibleName(name)
        return field

    def _text(self, name: str, text: str, hint: str) -> QLineEdit:
        field = QLineEdit(text)
        field.setAccessibleName(name)
        field.setPlaceholderText(hint)
        return field

    def _button(self, title: str, press: Callable[[], None]) -> QPushButton:
        button = QPushButton(title)
        button.setAutoDefault(False)
        button.setAccessibleName(title)
        button.clicked.connect(lambda _=False: press())
        return button


def _tried(
    wanted: Trial, tell: Callable[[float, str], None], operation: Operation
) -> tuple[str, ...]:
    def came(fraction: float, sentence: str) -> None:
        if not operation.is_stopped:
            tell(fraction, sentence)

    return try_lines(wanted, _SECONDS, came)
