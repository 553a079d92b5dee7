"""From the request that places an order to its terms."""

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.orders.terms import Algo, Terms, oca_type
from reconciler.simgateway.wire.echo import echo
from reconciler.simgateway.wire.fields import Request


def terms_of(broker: Broker, request: Request) -> Terms:
    """What the client asks for. The account may be left out where the login has a usual one."""
    return Terms(
        account=request.text("account") or broker.login.usual_account,
        action=request.text("action"),
        quantity=request.decimal("quantity"),
        order_type=request.text("order_type"),
        limit_price=request.decimal("limit_price"),
        aux_price=request.decimal("aux_price"),
        tif=request.text("tif"),
        order_ref=request.text("order_ref"),
        exchange=request.text("exchange"),
        transmit=request.flag("transmit"),
        outside_rth=request.flag("outside_rth"),
        oca_group=request.text("oca_group"),
        oca_type=oca_type(request.whole("oca_type")),
        parent_id=request.integer("parent_id"),
        auto_cancel_parent=request.flag("auto_cancel_parent"),
        good_after_time=request.text("good_after_time"),
        good_till_date=request.text("good_till_date"),
        algo=_algo(request),
        trail_stop=request.decimal("trail_stop_price"),
        trailing_percent=request.decimal("trailing_percent"),
        limit_offset=request.decimal("limit_price_offset"),
        percent_offset=request.decimal("percent_offset"),
        cash_quantity=request.decimal("cash_quantity") or None,
        echo=echo(request),
    )


def _algo(request: Request) -> Algo | None:
    flat = request.groups.get("algo_parameters", ())
    strategy = request.text("algo_strategy")
    return Algo(strategy, tuple(zip(flat[::2], flat[1::2], strict=True))) if strategy else None
