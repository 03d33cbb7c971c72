"""Alpaca's trading API over the book: accounts, orders, activities, and the stream of updates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.doors.servers.alpaca_book import Book
from tests.doors.servers.alpaca_json import contract_json, order_json
from tests.doors.servers.alpaca_server import AlpacaServer, Answer, Call, refusal
from tests.doors.servers.alpaca_stream import UpdateStream
from tests.doors.servers.alpaca_wire import Refused, WireOrder, multiplier, option_parts

_NEW_YORK = ZoneInfo("America/New_York")
_PAGE = 100


class TradingApi:
    """Serves one account's `/v2` and its `/stream`; `stream` lets a test spoil updates."""

    def __init__(self, server: AlpacaServer, now: Callable[[], datetime]) -> None:
        self.book = Book(now)
        self.stream = UpdateStream(server)
        self.closes_at = now() + timedelta(hours=4)
        self.opens_at = now() + timedelta(hours=21, minutes=30)
        self._now = now
        self.book.subscribe(self._on_event)
        self.tells_legs = False
        self.nests_legs = True
        for method, pattern, route in (
            ("GET", "/v2/account", self._account),
            ("GET", "/v2/clock", self._clock),
            ("GET", "/v2/calendar", self._calendar),
            ("GET", "/v2/positions", self._positions),
            ("GET", "/v2/assets/{symbol}", self._asset),
            ("GET", "/v2/options/contracts", self._contracts),
            ("GET", "/v2/account/activities", self._activities),
            ("GET", "/v2/account/activities/{kind}", self._activities),
            ("GET", "/v2/orders", self._orders),
            ("POST", "/v2/orders", self._place),
            ("GET", "/v2/orders:by_client_order_id", self._by_name),
            ("GET", "/v2/orders/{id}", self._by_id),
            ("PATCH", "/v2/orders/{id}", self._replace),
            ("DELETE", "/v2/orders/{id}", self._cancel),
        ):
            server.serve(method, pattern, route)

    def _on_event(self, event: str, order: WireOrder, more: dict[str, Any]) -> None:
        self.stream.tell({"event": event, "order": self._shown(order), **more})
        if self.tells_legs and event in ("fill", "partial_fill"):
            for leg in order.legs:
                told = {"price": str(leg.cost / leg.filled), "qty": more["qty"]}
                self.stream.tell({"event": event, "order": order_json(leg), **more, **told})

    def _shown(self, order: WireOrder) -> dict[str, Any]:
        """An order where nobody asked for its legs within it."""
        row = order_json(order)
        return row if self.nests_legs else row | {"legs": None}

    def _account(self, _call: Call) -> Answer:
        book = self.book
        cash = str(book.cash)
        return Answer(
            200,
            {
                "id": book.account_id,
                "account_number": book.account_number,
                "status": "ACTIVE",
                "currency": "USD",
                "cash": cash,
                "buying_power": cash,
                "options_buying_power": cash,
                "portfolio_value": cash,
                "equity": cash,
                "multiplier": "1",
                "trading_blocked": False,
                "transfers_blocked": False,
                "account_blocked": False,
                "trade_suspended_by_user": False,
                "shorting_enabled": False,
                "options_approved_level": book.options_level,
                "options_trading_level": book.options_level,
                "created_at": "2013-01-02T15:00:00Z",
                **book.account,
            },
        )

    def _clock(self, _call: Call) -> Answer:
        at = self._now().astimezone(_NEW_YORK)
        return Answer(
            200,
            {
                "timestamp": at.isoformat(),
                "is_open": self.book.is_market_open,
                "next_open": self.opens_at.astimezone(_NEW_YORK).isoformat(),
                "next_close": self.closes_at.astimezone(_NEW_YORK).isoformat(),
            },
        )

    def _calendar(self, call: Call) -> Answer:
        day = datetime.fromisoformat(call.query.get("start") or self._now().isoformat()).date()
        last = datetime.fromisoformat(call.query.get("end") or self._now().isoformat()).date()
        days = [day + timedelta(days=n) for n in range((last - day).days + 1)]
        rows = [
            {"date": each.isoformat(), "open": "09:30", "close": "16:00"}
            for each in days
            if each.weekday() < 5
        ]
        return Answer(200, rows)

    def _positions(self, _call: Call) -> Answer:
        with self.book.lock:
            return Answer(200, [self._position(symbol) for symbol in sorted(self.book.positions)])

    def _position(self, symbol: str) -> dict[str, Any]:
        signed, average = self.book.positions[symbol]
        size = multiplier(symbol)
        shown = self.book.quotes.get(symbol)
        price = shown.mid if shown is not None else average
        return {
            "asset_id": "904837e3-3b76-47ec-b432-046db621571b",
            "symbol": symbol,
            "exchange": "NASDAQ" if size == 1 else "",
            "asset_class": "us_equity" if size == 1 else "us_option",
            "avg_entry_price": str(average),
            "qty": str(signed),
            "qty_available": str(signed),
            "side": "long" if signed > 0 else "short",
            "market_value": str(price * signed * size),
            "cost_basis": str(average * signed * size),
            "current_price": str(price),
        }

    def _asset(self, call: Call) -> Answer:
        symbol = call.found["symbol"]
        return Answer(
            200,
            {
                "id": "904837e3-3b76-47ec-b432-046db621571b",
                "class": "us_equity" if multiplier(symbol) == 1 else "us_option",
                "exchange": "NASDAQ",
                "symbol": symbol,
                "name": symbol,
                "status": "active",
                "tradable": True,
                "marginable": True,
                "shortable": False,
                "easy_to_borrow": False,
                "fractionable": False,
            },
        )

    def _contracts(self, call: Call) -> Answer:
        roots = call.query.get("underlying_symbols", "").split(",")
        known = {s for s in (*self.book.quotes, *self.book.positions) if multiplier(s) == 100}
        rows = [contract_json(s) for s in sorted(known) if option_parts(s)[0] in roots]
        return Answer(200, {"option_contracts": rows, "next_page_token": None})

    def _activities(self, call: Call) -> Answer:
        kinds = call.found.get("kind") or call.query.get("activity_types", "")
        after = _instant(call.query.get("after", "1970-01-01"))
        with self.book.lock:
            rows = [
                row
                for row in self.book.activities
                if (not kinds or row["activity_type"] in kinds.split(",")) and row["_at"] > after
            ]
        if call.query.get("direction", "desc") == "desc":
            rows.reverse()
        token = call.query.get("page_token")
        if token:
            ids = [row["id"] for row in rows]
            rows = rows[ids.index(token) + 1 :]
        page = rows[: int(call.query.get("page_size") or _PAGE)]
        return Answer(200, [{k: v for k, v in row.items() if k != "_at"} for row in page])

    def _orders(self, call: Call) -> Answer:
        status = call.query.get("status", "open")
        after = _instant(call.query.get("after", "1970-01-01"))
        until = _instant(call.query.get("until", "2200-01-01"))
        with self.book.lock:
            found = [
                order
                for order in self.book.orders.values()
                if (status == "all" or order.is_open == (status == "open"))
                and after < order.created_at < until
            ]
            if call.query.get("direction", "desc") == "desc":
                found.reverse()
            found = found[: int(call.query.get("limit") or 50)]
            return Answer(200, [order_json(order) for order in found])

    def _by_name(self, call: Call) -> Answer:
        answer = self._found(call.query.get("client_order_id", ""))
        if answer.status == 200 and not self.nests_legs:
            answer.body["legs"] = None
        return answer

    def _by_id(self, call: Call) -> Answer:
        return self._found(call.found["id"])

    def _found(self, name: str) -> Answer:
        with self.book.lock:
            order = self.book.find(name)
            if order is None:
                return refusal(404, 40410000, f"order not found for {name}")
            return Answer(200, order_json(order))

    def _place(self, call: Call) -> Answer:
        try:
            order = self._written(call.body)
            answer = Answer(200, self._shown(order))
            self.book.place(order)
        except Refused as no:
            return refusal(no.status, no.code, no.message)
        return answer

    def _written(self, body: dict[str, Any]) -> WireOrder:
        legs = body.get("legs") or []
        told = {
            "qty": int(Decimal(str(body["qty"]))),
            "type": body["type"],
            "limit": _decimal(body.get("limit_price")),
            "time_in_force": body["time_in_force"],
            "order_class": body.get("order_class") or "simple",
        }
        name = body.get("client_order_id") or ""
        symbol, side = body.get("symbol") or "", body.get("side") or ""
        order = self.book.new_order(client_order_id=name, symbol=symbol, side=side, **told)
        order.client_order_id = name or order.id
        order.intent = body.get("position_intent") or ""
        for leg in legs:
            intent = leg.get("position_intent") or ""
            side = leg.get("side") or intent.partition("_")[0]
            part = self.book.new_order(client_order_id="", symbol=leg["symbol"], side=side, **told)
            part.client_order_id, part.limit, part.type = part.id, None, ""
            part.intent = intent
            order.legs.append(part)
        if order.order_class == "mleg" and not 2 <= len(legs) <= 4:
            raise Refused(422, 42210000, "mleg orders must have 2 to 4 legs")
        is_option = any(multiplier(part.symbol) == 100 for part in order.parts)
        if is_option and order.time_in_force != "day":
            raise Refused(422, 42210000, "invalid time_in_force for options")
        return order

    def _replace(self, call: Call) -> Answer:
        with self.book.lock:
            order = self.book.find(call.found["id"])
            if order is None:
                return refusal(404, 40410000, "order not found")
            body = {
                "qty": call.body.get("qty", order.qty),
                "type": order.type,
                "limit_price": call.body.get("limit_price", order.limit),
                "time_in_force": order.time_in_force,
                "order_class": order.order_class,
                "symbol": order.symbol,
                "side": order.side,
                "position_intent": order.intent,
                "client_order_id": call.body.get("client_order_id"),
                "legs": [
                    {"symbol": leg.symbol, "side": leg.side, "position_intent": leg.intent}
                    for leg in order.legs
                ],
            }
            try:
                after = self._written(body)
                answer = self._shown(after) | {"replaces": order.id}
                self.book.replace(order, after)
            except Refused as no:
                return refusal(no.status, no.code, no.message)
            return Answer(200, answer)

    def _cancel(self, call: Call) -> Answer:
        with self.book.lock:
            order = self.book.find(call.found["id"])
            if order is None:
                return refusal(404, 40410000, "order not found")
            try:
                self.book.cancel(order)
            except Refused as no:
                return refusal(no.status, no.code, no.message)
            return Answer(204)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
