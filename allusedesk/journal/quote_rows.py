"""Quotes as rows of an entry's text: they come by the hundred, so they carry no field names."""

from __future__ import annotations

from json import JSONDecoder

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.quotes import Greeks, Quote
from allusedesk.journal.scalars import (
    read_flag,
    read_float,
    read_instant,
    read_instrument,
    read_price,
    read_whole,
    write_instrument,
)

_DECODER = JSONDecoder()


def read_quote(row: object) -> Quote:
    """The quote of a row; raises ValueError or TypeError where it is none."""
    if type(row) is not list:
        message = f"{row!r} is no row of a quote"
        raise TypeError(message)
    symbol, bid, ask, last, quoted_at, modelled, greeks, interest, volume, of_day = row
    return Quote(
        read_instrument(symbol),
        None if bid is None else read_price(bid),
        None if ask is None else read_price(ask),
        None if last is None else read_price(last),
        read_instant(quoted_at),
        read_flag(modelled),
        None if greeks is None else _read_greeks(greeks),
        None if interest is None else read_whole(interest),
        None if volume is None else read_float(volume),
        read_flag(of_day),
    )


def _read_greeks(row: object) -> Greeks:
    if type(row) is not list:
        message = f"{row!r} is no row of greeks"
        raise TypeError(message)
    delta, gamma, theta, vega, volatility = row
    return Greeks(
        read_float(delta),
        read_float(gamma),
        read_float(theta),
        read_float(vega),
        read_float(volatility),
    )


def quote_in_sample(body: str, instrument: Instrument) -> Quote | None:
    """Of a `MarketSampled`: the quote of one instrument, the rest of the entry left unread.

    A row begins with its instrument, which no other list of an entry does.
    """
    place = body.find(f'["{write_instrument(instrument)}",')
    return None if place < 0 else read_quote(_DECODER.raw_decode(body, place)[0])


def rate_in_sample(body: str) -> float:
    """Of a `MarketSampled`: the short rate a year, which stands behind all quotes; 0 if absent."""
    place = body.rfind('"rate":')
    return 0.0 if place < 0 else float(_DECODER.raw_decode(body, place + len('"rate":'))[0])


def sample_in_brief(body: str) -> tuple[str, int, int]:
    """Of a `MarketSampled`: the alarm, how many quotes, how many of them modelled.

    Samples are most of a journal's bytes, so they are counted as text: within a row an instant
    is followed by the mark of a modelled quote, and nowhere else can an unescaped quotation mark
    follow a Z and precede a bare true or false.
    """
    alarm, _ = _DECODER.raw_decode(body, len('{"alarm":'))
    modelled = body.count('Z",true,')
    return alarm, modelled + body.count('Z",false,'), modelled
