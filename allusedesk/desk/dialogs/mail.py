"""Where alerts go by e-mail, tried before it is kept, and whether figures are served."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.context import DeskContext
from allusedesk.desk.operations import Operation
from allusedesk.settings import PORT_MAX, FiguresChoice, MailChoice


class MailDialog(QDialog):
    """The settings of `mail` and `figures` as fields; the password goes into the keyring alone."""

    def __init__(self, context: DeskContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Alerts by e-mail and figures")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._is_closed = False
        mail = context.preferences.settings.mail
        figures = context.preferences.settings.figures
        self.is_on = QCheckBox("Send alerts by e-mail")
        self.is_on.setChecked(mail.is_on)
        self.briefs = QCheckBox("Send the briefs of morning and evening too")
        self.briefs.setChecked(mail.briefs)
        self.host, self.from_address = QLineEdit(mail.host), QLineEdit(mail.sender)
        self.to, self.user = QLineEdit(mail.to), QLineEdit(mail.user)
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText("as it is kept")
        self.port, self.figures_port = _port(mail.port), _port(figures.port)
        self.at_once = QCheckBox("TLS from the first byte (port 465); else STARTTLS (port 587)")
        self.at_once.setChecked(mail.tls_at_once)
        self.is_served = QCheckBox("Serve figures to a collector on this machine (127.0.0.1)")
        self.is_served.setChecked(figures.is_served)
        self.said = QLabel(
            "Messages go over TLS or not at all. The password is kept in the system's keyring."
        )
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What became of the trial")
        self._lay_out()

    def choice(self) -> MailChoice:
        """What the fields say."""
        return MailChoice(
            is_on=self.is_on.isChecked(),
            host=self.host.text().strip(),
            port=self.port.value(),
            sender=self.from_address.text().strip(),
            to=self.to.text().strip(),
            user=self.user.text().strip(),
            tls_at_once=self.at_once.isChecked(),
            briefs=self.briefs.isChecked(),
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        for name, field in (
            ("E-mail", self.is_on),
            ("Briefs", self.briefs),
            ("Mail server", self.host),
            ("Port", self.port),
            ("Encryption", self.at_once),
            ("From", self.from_address),
            ("To (commas between several)", self.to),
            ("User, if it asks for one", self.user),
            ("Password", self.password),
            ("Figures", self.is_served),
            ("Their port", self.figures_port),
        ):
            field.setAccessibleName(name)
            field.setToolTip(name)
            form.addRow(name, field)
        self.trial = QPushButton("Send a message to try")
        self.keep = QPushButton("Keep")
        self.leave = QPushButton("Leave as they were")
        foot = QHBoxLayout()
        for button, press in (
            (self.trial, self._try),
            (self.leave, self.reject),
            (self.keep, self._keep),
        ):
            button.setAutoDefault(False)
            button.setAccessibleName(button.text())
            button.setToolTip(button.text())
            button.clicked.connect(press)
            foot.addWidget(button)
        foot.insertStretch(1, 1)
        rows = QVBoxLayout(self)
        rows.addLayout(form)
        rows.addWidget(self.said)
        rows.addStretch(1)
        rows.addLayout(foot)

    def _missing(self, mail: MailChoice) -> str:
        if mail.host and mail.sender and mail.to:
            return ""
        return "Give the mail server, a sender and at least one address first."

    def _try(self) -> None:
        from allusedesk.wiring.watching import try_mail

        mail, password = self.choice(), self.password.text() or None
        missing = self._missing(mail)
        if missing:
            self.said.setText(missing)
            return
        self.said.setText(f"Sending to {mail.to} through {mail.host}…")
        self.trial.setEnabled(False)

        def work(_operation: Operation) -> str:
            return try_mail(mail, password)

        self._context.operations.begin("Trying the mail server", work, self._tell)

    def done(self, result: int) -> None:
        self._is_closed = True
        super().done(result)

    def _tell(self, said: str) -> None:
        if self._is_closed:
            return
        self.said.setText(said)
        self.trial.setEnabled(True)

    def _keep(self) -> None:
        from allusedesk import credentials
        from allusedesk.wiring.watching import MAIL_SECRETS

        mail = self.choice()
        missing = self._missing(mail) if mail.is_on else ""
        if missing:
            self.said.setText(missing)
            return
        password = self.password.text()
        if password:
            # The keyring may wait for somebody to unlock it.
            self._context.operations.begin(
                "Keeping the password",
                lambda _: credentials.keep_secret(MAIL_SECRETS, mail.user, password),
                partial(_tell_where, self._context),
            )
        figures = FiguresChoice(self.is_served.isChecked(), self.figures_port.value())
        self._context.preferences.change(mail=mail, figures=figures)
        self.accept()


def _tell_where(context: DeskContext, is_kept: object) -> None:
    if not is_kept:
        context.notices.warn(
            "The system has no keyring that keeps the password of the mail server: it holds until "
            "the desk is closed."
        )


def _port(value: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(1, PORT_MAX)
    field.setValue(value)
    return field
