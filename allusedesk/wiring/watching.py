"""A desk under watch on a thread of its own: figures, alerts into the record, messages, log."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import Any

from prometheus_client.registry import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from allusedesk import credentials
from allusedesk.answers.brief import BriefKind
from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.events import DeskReconciled, Entry
from allusedesk.domain.inputs import AlertCleared, AlertRaised, MarketSampled
from allusedesk.domain.quotes import Volatility
from allusedesk.engine.clock import WallClock, ticks
from allusedesk.engine.meters import EDGES
from allusedesk.engine.state import DeskState
from allusedesk.journal.faults import JournalFault
from allusedesk.monitoring.alerts import AlertBook, AlertRule
from allusedesk.monitoring.endpoint import Endpoint, EndpointRefused
from allusedesk.monitoring.figures import Figure, figures, rated
from allusedesk.monitoring.heartbeat import Heartbeat, OrderErrors
from allusedesk.monitoring.level_metrics import DeskLevels, LevelMetrics
from allusedesk.monitoring.log_file import open_log, where
from allusedesk.monitoring.metrics import EntryMetrics
from allusedesk.monitoring.notifications import MailNotSent, MailRoute, Outbox, message_of, send
from allusedesk.monitoring.rule_text import parse_alert_rules
from allusedesk.monitoring.work_metrics import Work, WorkMetrics
from allusedesk.resource_files import resource_path
from allusedesk.settings import FiguresChoice, MailChoice, Settings
from allusedesk.wiring.brief_post import BriefPost, Post
from allusedesk.wiring.briefing import NoBrief
from allusedesk.wiring.crash_watch import LOG
from allusedesk.wiring.desk_levels import (
    LimitParts,
    Told,
    WatchedDesk,
    levels_of,
    limits_of,
    signs_of,
    works_of,
)

MAIL_SECRETS = "e-mail"
_ROUND_SECONDS = 1.0
_LIMITS_SECONDS = 5.0
# Figures are read for a screen only while one has asked for them.
_ASKED_SECONDS = 5.0
_END_SECONDS = 2.0
# What cannot be sent is not worth a message about it.
_UNSENT = "mail.failing"
Change = AlertRaised | AlertCleared
Send = Callable[[MailRoute, str | None, tuple[Change, ...], str], None]


class Watch:
    """Watches one desk; `observe` is one of its engine's observers.

    Nothing it does can stop the desk: what it raises goes into the inbox like any fact, and what
    fails in it is told by `trouble`, the log and an alert. `home` is the folder of settings, where
    the log lies. `send_mail` and `post_brief` are the mail's doors, `now` the ticks of real time.
    """

    def __init__(
        self,
        settings: Settings,
        home: Path,
        send_mail: Send | None = None,
        now: Callable[[], float] = ticks,
        post_brief: Post | None = None,
    ) -> None:
        self.registry = CollectorRegistry()
        self.told = Told()
        self.trouble = ""
        self.log: FilteringBoundLogger = open_log(home / LOG, WallClock().now)
        self._send = _sent if send_mail is None else send_mail
        self._now = now
        self._entries = EntryMetrics(self.registry)
        self._errors = OrderErrors()
        self._heartbeat = Heartbeat(self._errors)
        self._rules = shipped_rules()
        self._book = AlertBook(self._rules)
        self._outbox = Outbox()
        self._briefs = BriefPost(post_brief)
        self._desk: WatchedDesk | None = None
        self._limits: LimitParts = ()
        self._volatility: Volatility | None = None
        self._limits_at = self._asked_at = self._figures_at = float("-inf")
        self._figures: tuple[Figure, ...] = ()
        self._mail, self._served = settings.mail, settings.figures
        self._endpoint: Endpoint | None = None
        self._is_ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._sending: threading.Thread | None = None

    def observe(self, _state: DeskState, entry: Entry) -> None:
        """Hear one entry, on the engine's thread."""
        self._entries.observe(entry)
        self._errors.observe(entry)
        if isinstance(entry.event, DeskReconciled):
            self.told.differences_open = entry.event.differences
        elif isinstance(entry.event, MarketSampled) and entry.event.snapshot.volatility is not None:
            self._volatility = entry.event.snapshot.volatility

    def look_after(self, desk: WatchedDesk) -> None:
        """Take a desk under watch; alerts of before a restart go on standing."""
        self._desk = desk
        standing = desk.engine.state.alerts.values()
        self._book = AlertBook(self._rules, (one.alert for one in standing))
        WorkMetrics(self.registry, EDGES, self._works)
        LevelMetrics(self.registry, self._levels)
        self._serve(self._served)
        self.log.info(
            "desk began",
            journal=desk.journal.name,
            entries=desk.engine.state.sequence,
            resumed=desk.engine.state.now is not None,
        )

    def begin(self) -> None:
        """Look once a second from now on, on a thread of its own."""
        self._thread = threading.Thread(target=self._go_round, name="watch", daemon=True)
        self._thread.start()

    def end(self, fault: BaseException | None = None) -> None:
        """Look no more; the endpoint closes. `fault` is what ended the desk, if anything did."""
        self._is_ending.set()
        for thread in (self._thread, self._sending):
            if thread is not None and thread is not threading.current_thread():
                thread.join(_END_SECONDS)
        self._serve(FiguresChoice())
        if fault is None:
            self.log.info("desk ended")
        else:
            self.log.error("desk ended", **where(fault))

    def heed(self, settings: Settings) -> None:
        """Send and serve as is chosen now."""
        self._mail = settings.mail
        if settings.figures != self._served:
            self._served = settings.figures
            self._serve(self._served)

    def note_fault(self, fault: BaseException) -> None:
        """Log what a part of the window raised, by its kind and place; from any thread."""
        self.log.error("window fault", **where(fault))

    def figures(self) -> tuple[Figure, ...]:
        """Every series as it was a second ago at most; empty on the first call."""
        self._asked_at = self._now()
        return self._figures

    def look(self) -> tuple[Change, ...]:
        """Take one reading and hold it against the rules; what changed goes into the record."""
        at, desk = self._now(), self._desk
        if desk is None or desk.engine.state.rulebook is None:
            return ()
        if at - self._limits_at >= _LIMITS_SECONDS:
            self._limits, self._limits_at = limits_of(desk.engine.state, self._volatility), at
        signs = signs_of(desk, self.told, self._limits, at)
        if signs is None:
            return ()
        changes = self._book.look(self._heartbeat.readings(signs), at)
        for change in changes:
            desk.engine.inbox.admit(change)
            self._note(change)
        self._outbox.add(tuple(one for one in changes if not _is_about_mail(one)), at)
        self._post(at)
        if at - self._asked_at <= _ASKED_SECONDS:
            self._figures = rated(figures(self.registry), self._figures, at - self._figures_at)
            self._figures_at = at
        return changes

    def _go_round(self) -> None:
        while not self._is_ending.wait(_ROUND_SECONDS):
            try:
                self.look()
            except Exception as fault:
                # What only watches is isolated, by the rule of the house.
                self.trouble = f"A look at the desk's health failed ({type(fault).__name__})."
                self.log.exception("watch failed", **where(fault))

    def _note(self, change: Change) -> None:
        if isinstance(change, AlertCleared):
            self.log.info("alert cleared", alert=change.alert)
            return
        alert = change.alert
        told = self.log.error if alert.severity is Severity.CRITICAL else self.log.warning
        told("alert raised", alert=alert.id, severity=alert.severity.value, value=alert.value)

    def _post(self, at: float) -> None:
        """Send what is due, on a thread of its own, one message at a time."""
        if not self._mail.is_on or (self._sending is not None and self._sending.is_alive()):
            return
        changes = self._outbox.take(at)
        if changes:
            mail, desk = self._mail, "" if self._desk is None else self._desk.name
            self._sending = threading.Thread(
                target=self._try_to_send, args=(mail, changes, desk), name="mail", daemon=True
            )
            self._sending.start()
            return
        due = None if self._desk is None else self._briefs.due(self._desk, self._mail, at)
        if due is not None:
            self._sending = threading.Thread(
                target=self._try_to_brief, args=(self._mail, *due), name="mail", daemon=True
            )
            self._sending.start()

    def _try_to_brief(self, mail: MailChoice, kind: BriefKind, day: date) -> None:
        desk = self._desk
        if desk is None:
            return
        try:
            password = credentials.read_secret(MAIL_SECRETS, mail.user) if mail.user else None
            self._briefs.post(desk, kind, day, route_of(mail), password)
        except (JournalFault, NoBrief) as fault:
            self.trouble = str(fault)
            self.log.warning("brief failed", **where(fault))
        except MailNotSent as fault:
            self._tell_unsent(fault)
        else:
            self._tell_sent(1)

    def _tell_unsent(self, fault: MailNotSent) -> None:
        self.told.mails_failed += 1
        self.told.mails_failed_in_a_row += 1
        self.trouble = str(fault)
        self.log.warning("mail failed", count=self.told.mails_failed_in_a_row)

    def _tell_sent(self, count: int) -> None:
        self.told.mails_sent += 1
        self.told.mails_failed_in_a_row = 0
        self.log.info("mail sent", count=count)

    def _try_to_send(self, mail: MailChoice, changes: tuple[Change, ...], desk: str) -> None:
        try:
            password = credentials.read_secret(MAIL_SECRETS, mail.user) if mail.user else None
            self._send(route_of(mail), password, changes, desk)
        except MailNotSent as fault:
            self._tell_unsent(fault)
            self._outbox.put_back(changes)
            return
        self._tell_sent(len(changes))

    def _serve(self, chosen: FiguresChoice) -> None:
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None
        if not chosen.is_served:
            return
        try:
            self._endpoint = Endpoint(self.registry, chosen.port)
        except EndpointRefused as refusal:
            self.trouble = str(refusal)
            self.log.warning("endpoint refused", **where(refusal))

    def _works(self) -> tuple[Work, ...]:
        desk = self._desk
        return () if desk is None else works_of(desk.engine.meters, desk.market)

    def _levels(self) -> DeskLevels | None:
        desk = self._desk
        return None if desk is None else levels_of(desk, self.told, self._limits, self._now())


async def under_watch(watch: Watch, desk: WatchedDesk, work: Coroutine[Any, Any, None]) -> None:
    """Do a desk's work to its end with its pulse beating and the watch going round."""
    beating = asyncio.create_task(desk.engine.meters.beat(desk.clock.now))
    watch.begin()
    fault: BaseException | None = None
    try:
        await work
    except BaseException as raised:
        fault = raised
        raise
    finally:
        beating.cancel()
        watch.end(fault)


def shipped_rules() -> tuple[AlertRule, ...]:
    """The alert rules that ship with the desk."""
    return parse_alert_rules(resource_path("alerts", "rules.toml").read_text(encoding="utf-8"))


def route_of(mail: MailChoice) -> MailRoute:
    """Where messages go by these settings."""
    to = tuple(one.strip() for one in mail.to.split(",") if one.strip())
    return MailRoute(mail.host, mail.port, mail.sender, to, mail.user, mail.tls_at_once)


def try_mail(mail: MailChoice, password: str | None) -> str:
    """Send one message by these settings and say in a sentence what became of it.

    Without a password the one that is kept is used. Waits for the server.
    """
    trial = Alert("mail.trial", "", Severity.WARNING, 0.0, 0.0, "This is a trial: all is well.")
    if password is None and mail.user:
        password = credentials.read_secret(MAIL_SECRETS, mail.user)
    try:
        _sent(route_of(mail), password, (AlertRaised(trial),), "trial")
    except MailNotSent as fault:
        return str(fault)
    return f"{mail.host} took the message: look whether it has come to {mail.to}."


def _sent(route: MailRoute, password: str | None, changes: tuple[Change, ...], desk: str) -> None:
    send(route, password, message_of(route, changes, desk))


def _is_about_mail(change: Change) -> bool:
    rule = change.alert.rule if isinstance(change, AlertRaised) else change.alert
    return rule == _UNSENT
