"""What clients send: the layout of every request by server version, and its bounded reader.

Layouts were cross-decoded between four independent client implementations; numbers in names are message ids of the
TWS API. Rule: every field is read as text and bounded; a short, an overlong or a nonsensical message raises
MalformedRequest and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from reconciler.simgateway.wire.inquiries import INQUIRIES
from reconciler.simgateway.wire.layouts import CONTRACT, compiled

LARGEST_INTEGER = 2**63 - 1
LARGEST_NUMBER = Decimal(10) ** 12
FINEST_NUMBER = -12
"""The exponent of the smallest step that any price or size has; finer ones are refused, as are numbers too large."""

_UNSET_FROM = Decimal(10) ** 300

MOST_REPEATED = 100
"""Legs, algo parameters or conditions in one request."""


class MalformedRequestError(Exception):
    """The message does not have the shape that its id and the server version ask for."""


class FieldReader:
    """Takes the fields of one message in order."""

    def __init__(self, fields: list[str]) -> None:
        self._fields = fields
        self._next = 0

    def take(self) -> str:
        """The next field. Raises MalformedRequestError at the end of the message."""
        if self._next >= len(self._fields):
            raise MalformedRequestError(f"message ends before field {self._next}")
        self._next += 1
        return self._fields[self._next - 1]

    def count(self) -> int:
        """The next field as a number of repetitions, bounded by MOST_REPEATED."""
        text = self.take()
        # The length first: Python itself refuses to read a number of thousands of digits.
        if not text.isdecimal() or len(text) > 4 or int(text) > MOST_REPEATED:
            raise MalformedRequestError(f"{text[:40]!r} is no count")
        return int(text)

    def rest(self) -> list[str]:
        """What is left after the layout: empty for a client that speaks the negotiated version."""
        return self._fields[self._next :]


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded request: its kind (the word of the table), its fields as text, and fields the layout does not know."""

    kind: str
    fields: dict[str, str]
    leftover: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """A field as it came; empty where this version has none."""
        return self.fields.get(name, "")

    def integer(self, name: str) -> int:
        """A whole number; an empty field is 0. Raises MalformedRequestError."""
        value = self.fields.get(name, "") or "0"
        try:
            number = int(value)
        except ValueError:
            raise MalformedRequestError(f"{name}: {value[:40]!r} is no whole number") from None
        if abs(number) > LARGEST_INTEGER:
            raise MalformedRequestError(f"{name}: {value[:40]!r} is too large")
        return number

    def flag(self, name: str) -> bool:
        """A boolean, sent as 1 or 0."""
        return self.fields.get(name, "") in ("1", "true")

    def decimal(self, name: str) -> Decimal | None:
        """A finite number, or None for the empty text and for the unset double. Raises MalformedRequestError."""
        value = self.fields.get(name, "")
        if value in ("", "Infinite", "Infinity"):
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise MalformedRequestError(f"{name}: {value[:40]!r} is no number") from None
        if not number.is_finite():
            raise MalformedRequestError(f"{name}: {value[:40]!r} is not finite")
        if abs(number) >= _UNSET_FROM:
            return None
        number = number.normalize()
        if abs(number) > LARGEST_NUMBER or int(number.as_tuple().exponent) < FINEST_NUMBER:
            raise MalformedRequestError(f"{name}: {value[:40]!r} is out of range")
        return number


_ORDER = (
    f"order_id {CONTRACT} security_id_type security_id "
    "action quantity order_type limit_price aux_price tif oca_group account open_close origin order_ref transmit "
    "parent_id block_order sweep_to_fill display_size trigger_method outside_rth hidden *combo shares_allocation "
    "discretionary_amount good_after_time good_till_date fa_group fa_method fa_percentage fa_profile<177 model_code "
    "short_sale_slot designated_location exempt_code oca_type rule_80a settling_firm all_or_none minimum_quantity "
    "percent_offset electronic_trade_only firm_quote_only nbbo_price_cap auction_strategy starting_price "
    "stock_reference_price delta stock_range_lower stock_range_upper override_percentage_constraints volatility "
    "volatility_type delta_neutral_order_type delta_neutral_aux_price *delta_neutral_order continuous_update "
    "reference_price_type trail_stop_price trailing_percent scale_initial_level_size scale_subsequent_level_size "
    "scale_price_increment *scale scale_table active_start_time active_stop_time hedge_type *hedge "
    "opt_out_smart_routing clearing_account clearing_intent not_held *delta_neutral_contract algo_strategy "
    "*algo_parameters algo_id what_if order_misc_options solicited randomize_size randomize_price *pegged_benchmark "
    "*conditions adjusted_order_type trigger_price limit_price_offset adjusted_stop_price adjusted_stop_limit_price "
    "adjusted_trailing_amount adjustable_trailing_unit external_operator soft_dollar_name soft_dollar_value "
    "cash_quantity mifid_decision_maker mifid_decision_algo mifid_execution_trader mifid_execution_algo "
    "no_auto_price_for_hedge is_oms_container discretionary_up_to_limit_price use_price_management_algo "
    "duration@158 post_to_ats@160 auto_cancel_parent@162 advanced_error_override@166 manual_order_time@169 "
    "*pegged_mid"
)

REQUESTS: dict[int, tuple[str, str]] = {
    1: (
        "market_data",
        f"version request_id {CONTRACT} *market_data_legs *delta_neutral_contract generic_ticks snapshot "
        "regulatory_snapshot options",
    ),
    2: ("cancel_market_data", "version request_id"),
    3: ("place_order", _ORDER),
    4: ("cancel_order", "version order_id manual_cancel_time@169"),
    5: ("open_orders", "version"),
    6: ("account_updates", "version subscribe account"),
    7: (
        "executions",
        "version request_id client_id account time symbol security_type exchange side",
    ),
    8: ("next_id", "version count"),
    9: (
        "contract_details",
        f"version request_id {CONTRACT} include_expired security_id_type security_id issuer_id@176",
    ),
    14: ("log_level", "version level"),
    15: ("auto_open_orders", "version bind"),
    16: ("all_open_orders", "version"),
    17: ("managed_accounts", "version"),
    49: ("current_time", "version"),
    58: ("global_cancel", "version"),
    59: ("market_data_type", "version data_type"),
    61: ("positions", "version"),
    62: ("account_summary", "version request_id group tags"),
    63: ("cancel_account_summary", "version request_id"),
    64: ("cancel_positions", "version"),
    71: ("start_api", "version client_id optional_capabilities"),
    74: ("positions_multi", "version request_id account model_code"),
    75: ("cancel_positions_multi", "version request_id"),
    76: ("account_updates_multi", "version request_id account model_code ledger_and_nlv"),
    77: ("cancel_account_updates_multi", "version request_id"),
    91: ("market_rule", "rule_id"),
    92: ("profit", "request_id account model_code"),
    93: ("cancel_profit", "request_id"),
    94: ("profit_single", "request_id account model_code con_id"),
    95: ("cancel_profit_single", "request_id"),
    99: ("completed_orders", "api_only"),
    **INQUIRIES,
}
"""Message id → kind and layout. Kinds are the words by which the desks register their handlers."""

_CONDITION_FIELDS = {"1": 6, "3": 3, "4": 3, "5": 4, "6": 5, "7": 5}
"""Condition type (price, time, margin, execution, volume, percent change) → fields after the type."""


def _skip(reader: FieldReader, number: int) -> None:
    for _ in range(number):
        reader.take()


def _combo(reader: FieldReader, fields: dict[str, str], _version: int) -> None:
    if fields["security_type"] == "BAG":
        _skip(reader, 8 * reader.count())
        _skip(reader, reader.count())
        _skip(reader, 2 * reader.count())


def _market_data_legs(reader: FieldReader, fields: dict[str, str], _version: int) -> None:
    if fields["security_type"] == "BAG":
        _skip(reader, 4 * reader.count())


def _delta_neutral_order(reader: FieldReader, fields: dict[str, str], _version: int) -> None:
    if fields["delta_neutral_order_type"]:
        _skip(reader, 8)


def _delta_neutral_contract(reader: FieldReader, _fields: dict[str, str], _version: int) -> None:
    if reader.take() == "1":
        _skip(reader, 3)


def _scale(reader: FieldReader, fields: dict[str, str], _version: int) -> None:
    increment = Request("", fields).decimal("scale_price_increment")
    if increment is not None and increment > 0:
        _skip(reader, 7)


def _hedge(reader: FieldReader, fields: dict[str, str], _version: int) -> None:
    if fields["hedge_type"]:
        _skip(reader, 1)


def _algo_parameters(reader: FieldReader, fields: dict[str, str], _version: int) -> None:
    if fields["algo_strategy"]:
        for _ in range(reader.count()):
            tag = reader.take()
            fields[f"algo.{tag}"] = reader.take()


def _pegged_benchmark(reader: FieldReader, fields: dict[str, str], _version: int) -> None:
    if fields["order_type"] in ("PEG BENCH", "PEGBENCH"):
        _skip(reader, 5)


def _conditions(reader: FieldReader, fields: dict[str, str], _version: int) -> None:
    number = reader.count()
    fields["conditions"] = str(number)
    for _ in range(number):
        kind = reader.take()
        if kind not in _CONDITION_FIELDS:
            raise MalformedRequestError(f"{kind[:40]!r} is no condition type")
        _skip(reader, _CONDITION_FIELDS[kind])
    if number:
        _skip(reader, 2)


def _pegged_mid(reader: FieldReader, fields: dict[str, str], version: int) -> None:
    if version < 170:
        return
    if fields["exchange"] == "IBKRATS":
        _skip(reader, 1)
    if fields["order_type"] in ("PEG BEST", "PEGBEST"):
        _skip(reader, 1)
        if reader.take() in ("Infinite", "Infinity"):
            _skip(reader, 2)
    elif fields["order_type"] in ("PEG MID", "PEGMID"):
        _skip(reader, 2)


_PARTS: dict[str, Callable[[FieldReader, dict[str, str], int], None]] = {
    "*combo": _combo,
    "*market_data_legs": _market_data_legs,
    "*delta_neutral_order": _delta_neutral_order,
    "*delta_neutral_contract": _delta_neutral_contract,
    "*scale": _scale,
    "*hedge": _hedge,
    "*algo_parameters": _algo_parameters,
    "*pegged_benchmark": _pegged_benchmark,
    "*conditions": _conditions,
    "*pegged_mid": _pegged_mid,
}


def decode(fields: list[str], version: int) -> Request | None:
    """The request in `fields`, or None for a message id the table does not have. Raises MalformedRequestError."""
    message_id = fields[0] if fields else ""
    if not message_id.isdecimal() or len(message_id) > 6:
        raise MalformedRequestError(f"{message_id[:40]!r} is no message id")
    if int(message_id) not in REQUESTS:
        return None
    kind, layout = REQUESTS[int(message_id)]
    reader = FieldReader(fields)
    reader.take()
    values: dict[str, str] = {}
    for slot in compiled(layout, version):
        if slot.name in _PARTS:
            _PARTS[slot.name](reader, values, version)
        else:
            values[slot.name] = reader.take()
    return Request(kind, values, tuple(reader.rest()))
