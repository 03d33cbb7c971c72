"""Dates in plain English, relative to the journal's own last day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from allusedesk.answers.slots import Span, iso_week

_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3}
_ORDINALS["4th"] = 4
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WEEKDAY = r"(?P<weekday>mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thurs?(?:day)?|fri(?:day)?)"
_UNIT = r"(?P<unit>day|session|week|month|quarter|year)"
_BACK = r"(?:last|previous|prior|past|prev|trailing)"
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "nine": 9, "ten": 10}
_COUNTS |= {"twelve": 12, "a": 1}
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})"
_LETTERS = {"d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}

_WHOLE = date(1900, 1, 1)
_OLDEST, _NEWEST = 1900, 2200

Found = re.Match[str]


class Calendar:
    """Reads spans out of a text, as somebody would mean them on `today`.

    `before` is the span of the question before, for "the week before".
    """

    def __init__(self, today: date, before: Span | None = None) -> None:
        self.today = today
        self.before = before

    def read(self, text: str) -> tuple[Span | None, str]:
        """The span a text names, and the text with `daterange` where it stood."""
        for pattern, reader in _PATTERNS:
            for found in pattern.finditer(text):
                span = self._made(reader, found)
                if span is not None:
                    start, end = found.span()
                    return span, f"{text[:start]} daterange {text[end:]}"
        return None, text

    def _made(self, reader: Callable[[Calendar, Found], Span | None], found: Found) -> Span | None:
        try:
            return reader(self, found)
        except (ValueError, OverflowError):
            # Such as 31 June, or ten thousand weeks ago: no day that was ever meant.
            return None

    def iso_day(self, found: Found) -> Span:
        return _one(date.fromisoformat(found["iso"]))

    def iso_week(self, found: Found) -> Span:
        year = int(found["year"]) if found["year"] else self.today.isocalendar().year
        if not found["year"] and int(found["week"]) > self.today.isocalendar().week:
            year -= 1
        monday = date.fromisocalendar(year, int(found["week"]), 1)
        return _week(monday)

    def between(self, found: Found) -> Span | None:
        first, _ = self.read(f"in {found['from']}")
        last, _ = self.read(f"in {found['to']}")
        if first is None or last is None:
            return None
        if first.first > last.last:
            # "from november to february" crosses a new year.
            first = Span(_years(first.first, -1), _years(first.last, -1), first.words)
        if first.first > last.last:
            return None
        return Span(first.first, last.last, f"{first.words} to {last.words}")

    def since(self, found: Found) -> Span | None:
        first, _ = self.read(f"in {found['from']}")
        if first is None or first.first > self.today:
            return None
        return Span(first.first, self.today, f"since {_day_words(first.first)}")

    def day_of_month(self, found: Found) -> Span:
        month = _month_of(found["month"])
        if found["year"]:
            return _one(date(int(found["year"]), month, int(found["day"])))
        day = date(self.today.year, month, int(found["day"]))
        return _one(day if day <= self.today else _years(day, -1))

    def month(self, found: Found) -> Span:
        month = _month_of(found["month"])
        year = found.groupdict().get("year")
        first = date(int(year) if year else self.today.year, month, 1)
        if not year and first > self.today:
            first = _years(first, -1)
        return _months(first, 1, f"{_MONTHS[month - 1].capitalize()} {first.year}")

    def quarter(self, found: Found) -> Span:
        number = found["quarter"] or str(_ORDINALS[found["nth"]])
        first = date(int(found["year"] or self.today.year), 3 * int(number) - 2, 1)
        if not found["year"] and first > self.today:
            first = _years(first, -1)
        return _months(first, 3, f"Q{number} {first.year}")

    def year(self, found: Found) -> Span:
        year = int(found["year"])
        return Span(date(year, 1, 1), date(year, 12, 31), str(year))

    def short_year(self, found: Found) -> Span:
        year = 2000 + int(found["short"])
        return Span(date(year, 1, 1), date(year, 12, 31), str(year))

    def to_date(self, found: Found) -> Span:
        """From the beginning of the week, month, quarter or year that `today` is in."""
        named = found.groupdict()
        span = self._unit(named.get("unit") or _LETTERS[named.get("letter") or "y"], 0)
        return Span(span.first, self.today, f"{span.words} so far")

    def twelve_months(self, _found: Found) -> Span:
        return Span(self._unit("month", -11).first, self.today, "the last 12 months")

    def weekday(self, found: Found) -> Span:
        wanted = _place(found["weekday"], _DAYS)
        back = (self.today.weekday() - wanted) % 7
        if back == 0 and found["back"]:
            back = 7
        return _one(self.today - timedelta(days=back))

    def ago(self, found: Found) -> Span:
        return self._unit(found["unit"], -_count(found["count"]))

    def last_so_many(self, found: Found) -> Span:
        count = _count(found["count"])
        unit = found.groupdict().get("unit") or _LETTERS[found["letter"]]
        first = self._unit(unit, 1 - count).first
        return Span(first, self.today, f"the last {count} {unit}{'' if count == 1 else 's'}")

    def this(self, found: Found) -> Span:
        span = self._unit(found["unit"], 0)
        return Span(span.first, self.today, span.words) if found["unit"] != "week" else span

    def last(self, found: Found) -> Span:
        return self._unit(found["unit"], -1)

    def relative(self, found: Found) -> Span | None:
        """The week before the one that was asked about, or the week after it."""
        unit, is_back = found["unit"], found["way"] in {"before", "earlier", "previous", "prior"}
        step = -1 if is_back else 1
        asked = self.before or Span(self.today, self.today, "")
        then = Calendar(asked.first if is_back else min(asked.last, self.today))
        return then._unit(unit, step)

    def named(self, found: Found) -> Span:
        word = found[0]
        if "yesterday" in word:
            back = 3 if self.today.weekday() == 0 else 1
            return _one(self.today - timedelta(days=back))
        return _one(self.today)

    def whole(self, _found: Found) -> Span:
        return Span(_WHOLE, self.today, "the whole record")

    def _unit(self, unit: str, step: int) -> Span:
        today = self.today
        if unit in {"day", "session"}:
            day = today
            for _ in range(min(abs(step), 2_000)):
                day += timedelta(days=1 if step > 0 else -1)
                while day.weekday() > 4:
                    day += timedelta(days=1 if step > 0 else -1)
            return _one(day)
        if unit == "week":
            return _week(today - timedelta(days=today.weekday()) + timedelta(weeks=step))
        if unit == "year":
            year = today.year + step
            return Span(date(year, 1, 1), date(year, 12, 31), str(year))
        size = 1 if unit == "month" else 3
        place = (today.year * 12 + today.month - 1) // size + step
        first = date(place * size // 12, place * size % 12 + 1, 1)
        if unit == "month":
            return _months(first, 1, f"{_MONTHS[first.month - 1].capitalize()} {first.year}")
        return _months(first, 3, f"Q{(first.month + 2) // 3} {first.year}")


def is_whole(span: Span) -> bool:
    """True for a span that was said to be everything."""
    return span.first == _WHOLE


def _one(day: date) -> Span:
    if not _OLDEST < day.year < _NEWEST:
        raise ValueError(day)
    return Span(day, day, _day_words(day))


def _day_words(day: date) -> str:
    return f"{_DAYS[day.weekday()][:3].capitalize()} {day.isoformat()}"


def _week(monday: date) -> Span:
    return Span(monday, monday + timedelta(days=6), f"week {iso_week(monday)}")


def _months(first: date, count: int, words: str) -> Span:
    place = first.year * 12 + first.month - 1 + count
    return Span(first, date(place // 12, place % 12 + 1, 1) - timedelta(days=1), words)


def _years(day: date, count: int) -> date:
    # 28 February stands for a 29th that the other year has not.
    moved = day.day if (day.month, day.day) != (2, 29) else 28
    return date(day.year + count, day.month, moved)


def _month_of(word: str) -> int:
    return _place(word, _MONTHS) + 1


def _place(word: str, names: list[str]) -> int:
    return next(place for place, name in enumerate(names) if name.startswith(word[:3]))


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _COUNTS[word]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.$%-])(?:{text})(?![\w%])")


_ENDS = r"[a-z0-9][a-z0-9 .-]{1,24}?"
_PREPOSITION = r"(?:(?:in|on|of|for|during|over|at|the|from) )*"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[Calendar, Found], Span | None]], ...] = (
    (
        _pattern(
            rf"(?:between|from) (?P<from>{_ENDS}) (?:and|to|until|till|through) "
            rf"(?P<to>{_ENDS})(?= *$|[?.,!])"
        ),
        Calendar.between,
    ),
    (_pattern(rf"since (?P<from>{_ENDS})(?= *$|[?.,!])"), Calendar.since),
    (
        _pattern(
            rf"{_PREPOSITION}(?:week )?(?P<year>(?:19|20)\d\d)[ -]?w(?:eek)? ?(?P<week>[0-5]?\d)"
        ),
        Calendar.iso_week,
    ),
    (_pattern(rf"{_PREPOSITION}(?P<iso>(?:19|20)\d\d-\d\d-\d\d)"), Calendar.iso_day),
    (
        _pattern(
            rf"{_PREPOSITION}(?:week|wk|w) ?(?P<week>[0-5]?\d)(?: of)?(?: (?P<year>(?:19|20)\d\d))?"
        ),
        Calendar.iso_week,
    ),
    (
        _pattern(rf"{_PREPOSITION}week of (?P<iso>(?:19|20)\d\d-\d\d-\d\d)"),
        lambda self, found: _week_of(self.iso_day(found)),
    ),
    (
        _pattern(rf"{_PREPOSITION}week of (?:the )?{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?"),
        lambda self, found: _week_of(self.day_of_month(found)),
    ),
    (
        _pattern(rf"{_PREPOSITION}week of {_MONTH} {_DAY}(?:,? {_YEAR})?"),
        lambda self, found: _week_of(self.day_of_month(found)),
    ),
    (
        _pattern(rf"{_PREPOSITION}(?:{_BACK} )?{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?"),
        Calendar.day_of_month,
    ),
    (
        _pattern(rf"{_PREPOSITION}(?:{_BACK} )?{_MONTH} {_DAY}(?:,? {_YEAR})?(?! ?%)"),
        Calendar.day_of_month,
    ),
    (_pattern(rf"{_PREPOSITION}{_MONTH} (?:of )?{_YEAR}"), Calendar.month),
    (
        _pattern(rf"(?:(?:in|during|for|over|of|{_BACK}|since|and|about) )+(?:the )?{_MONTH}"),
        Calendar.month,
    ),
    (
        _pattern(
            rf"{_PREPOSITION}(?P<month>jan(?:uary)?|feb(?:ruary)?|april?|june|july|aug(?:ust)?"
            r"|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
        ),
        Calendar.month,
    ),
    (
        _pattern(
            rf"{_PREPOSITION}(?:q(?P<quarter>[1-4])|(?P<nth>first|second|third|fourth|1st|2nd|3rd"
            rf"|4th) quarter)(?:(?: of)? {_YEAR})?"
        ),
        Calendar.quarter,
    ),
    (
        _pattern(
            rf"{_PREPOSITION}(?:the )?{_UNIT} (?P<way>before|earlier|after|prior|later)(?: that)?"
        ),
        Calendar.relative,
    ),
    (_pattern(rf"{_PREPOSITION}(?:and )?(?P<way>next) {_UNIT}"), Calendar.relative),
    (_pattern(rf"{_COUNT} {_UNIT}s? (?:ago|back|earlier)"), Calendar.ago),
    (_pattern(rf"{_PREPOSITION}{_BACK} {_COUNT} {_UNIT}s?"), Calendar.last_so_many),
    (
        _pattern(rf"{_PREPOSITION}{_BACK} (?P<count>\d{{1,3}}) ?(?P<letter>[dwmqy])"),
        Calendar.last_so_many,
    ),
    (_pattern(rf"{_PREPOSITION}(?:ttm|ltm)"), Calendar.twelve_months),
    (_pattern(rf"{_PREPOSITION}(?:the )?{_UNIT}(?:[ -]to[ -]date| so far)"), Calendar.to_date),
    (
        _pattern(rf"{_PREPOSITION}(?:so far )?this {_UNIT}(?: so far|[ -]to[ -]date)"),
        Calendar.to_date,
    ),
    (_pattern(rf"{_PREPOSITION}{_YEAR} ?(?:ytd|so far|to date)"), Calendar.year),
    (_pattern(rf"{_PREPOSITION}ytd {_YEAR}"), Calendar.year),
    (_pattern(rf"{_PREPOSITION}(?P<letter>[wmqy])(?:td|2d)"), Calendar.to_date),
    (_pattern(rf"{_PREPOSITION}(?:this|current|the current) {_UNIT}"), Calendar.this),
    (_pattern(rf"{_PREPOSITION}{_BACK} {_UNIT}(?:'?s)?"), Calendar.last),
    (_pattern(rf"{_PREPOSITION}(?P<back>{_BACK} )?{_WEEKDAY}"), Calendar.weekday),
    (
        _pattern(rf"{_PREPOSITION}(?:yesterday|today|tonight|this morning)(?:'s)?"),
        Calendar.named,
    ),
    (_pattern(rf"{_PREPOSITION}(?:fy ?)?{_YEAR}"), Calendar.year),
    (_pattern(rf"{_PREPOSITION}(?:fy ?|')(?P<short>\d\d)"), Calendar.short_year),
    (
        _pattern(
            r"(?:(?:in|for|of|over|during) )+(?:the )?(?:whole |full )?year"
            r"|(?:all|the whole|the full) year"
        ),
        Calendar.to_date,
    ),
    (
        _pattern(
            r"(?:ever|so far|all ?time|overall|of all|in total|since (?:the )?"
            r"(?:start|beginning|inception|opening)|(?:on|in) (?:the )?(?:whole )?record"
            r"|whole record|to date)"
        ),
        Calendar.whole,
    ),
)


def _week_of(span: Span) -> Span:
    return _week(span.first - timedelta(days=span.first.weekday()))
