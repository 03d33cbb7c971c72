"""Orders and contracts as Alpaca writes them in JSON."""

from __future__ import annotations

from typing import Any

from tests.doors.servers.alpaca_wire import WireOrder, multiplier, option_parts


def order_json(order: WireOrder) -> dict[str, Any]:
    """An order as the vendor writes it."""
    stamp = f"{order.created_at:%Y-%m-%dT%H:%M:%S.%f}Z"
    moments = {name: f"{at:%Y-%m-%dT%H:%M:%S.%f}Z" for name, at in order.moments.items()}
    names = ("filled_at", "expired_at", "canceled_at", "failed_at", "replaced_at")
    is_option = multiplier(order.symbol) == 100
    return {
        "id": order.id,
        "client_order_id": order.client_order_id,
        "created_at": stamp,
        "updated_at": stamp,
        "submitted_at": stamp,
        **{name: moments.get(name) for name in names},
        "replaced_by": order.replaced_by,
        "replaces": order.replaces,
        "asset_id": "904837e3-3b76-47ec-b432-046db621571b" if order.symbol else "",
        "symbol": order.symbol,
        "asset_class": ("us_option" if is_option else "us_equity") if order.symbol else "",
        "notional": None,
        "qty": str(order.qty),
        "filled_qty": str(order.filled),
        "filled_avg_price": str(order.cost / order.filled) if order.filled else None,
        "order_class": order.order_class,
        "order_type": order.type,
        "type": order.type,
        "side": order.side,
        "position_intent": order.intent,
        "time_in_force": order.time_in_force,
        "limit_price": None if order.limit is None else str(order.limit),
        "stop_price": None,
        "status": order.status,
        "extended_hours": False,
        "legs": [order_json(leg) for leg in order.legs] or None,
        "trail_percent": None,
        "trail_price": None,
        "hwm": None,
    }


def contract_json(symbol: str) -> dict[str, Any]:
    """An option contract as the vendor writes it."""
    root, right, strike = option_parts(symbol)
    day = symbol[len(root) :][:6]
    return {
        "id": "6e58f870-fe73-4583-81e4-b9a37892c36f",
        "symbol": symbol,
        "name": symbol,
        "status": "active",
        "tradable": True,
        "expiration_date": f"20{day[:2]}-{day[2:4]}-{day[4:]}",
        "root_symbol": root,
        "underlying_symbol": root,
        "underlying_asset_id": "904837e3-3b76-47ec-b432-046db621571b",
        "type": "call" if right == "C" else "put",
        "style": "american",
        "strike_price": str(strike),
        "size": "100",
    }
