"""Resolves what manifests name to the broker's contracts, all in flight together.

None or several matches are Unknown, and say so: an order on the wrong listing is a loss. A contract pinned by its id
must still be what the manifest calls it, because a corporate action may have given the id another meaning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.connection import Connection, NotInTime
from reconciler.adapters.ib.library import Library
from reconciler.adapters.ib.messages import ContractRow, Message
from reconciler.adapters.ib.requests import Request
from reconciler.domain.contract import FUTURE, STOCK, Contract, Listing, PriceIncrement
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown, Unread

Answer = TypeVar("Answer")


class ContractAnswers:
    """What the contract requests of one read have been answered so far, by request id."""

    def __init__(self, request_ids: Sequence[int]) -> None:
        self._rows: dict[int, list[ContractRow]] = {request_id: [] for request_id in request_ids}
        self._errors: dict[int, messages.ErrorMessage] = {}
        self._open = set(request_ids)

    def take(self, message: Message) -> bool:
        """Take one message; True when every request has its END or its error."""
        match message:
            case ContractRow(request_id=request_id) if request_id in self._open:
                self._rows[request_id].append(message)
            case messages.ContractEnd(request_id=request_id):
                self._open.discard(request_id)
            case messages.ErrorMessage(request_id=request_id) if request_id in self._open:
                self._errors[request_id] = message
                self._open.discard(request_id)
            case _:
                pass
        return not self._open

    def match(self, request_id: int, spec: InstrumentSpec) -> ContractRow | Unknown:
        """The one contract that fits the spec."""
        if request_id in self._errors:
            error = self._errors[request_id]
            return Unknown(f"the broker knows no contract for {_called(spec)}: {error.code} {error.text}")
        if request_id in self._open:
            return Unread(f"the contract of {_called(spec)} did not come to its END")
        rows = self._rows[request_id]
        fitting = {row.con_id: row for row in rows if spec.fits(_listing(row))}
        if len(fitting) == 1:
            return next(iter(fitting.values()))
        if fitting:
            listings = ", ".join(sorted(row.primary_exchange or row.local_symbol for row in fitting.values()))
            wanted = "expiry or conId" if spec.sec_type == FUTURE else "primaryExchange or conId"
            return Unknown(f"{_called(spec)} is ambiguous, it is listed as {listings}: give {wanted}")
        others = ", ".join(sorted(f"{row.symbol} {row.sec_type} {row.currency}" for row in rows))
        return Unknown(f"the broker knows no contract for {_called(spec)}" + (f", only {others}" if others else ""))

    def listed(self, request_id: int, spec: InstrumentSpec) -> tuple[Listing, ...] | Unknown:
        """Everything that came for the spec; none where the broker says that there is none."""
        error = self._errors.get(request_id)
        if error is not None and error.code != requests.NO_DEFINITION:
            return Unknown(f"the broker refused to look for {_called(spec)}: {error.code} {error.text}")
        if request_id in self._open:
            return Unknown(f"the contracts of {_called(spec)} did not come to their END")
        found = {row.con_id: _listing(row) for row in self._rows[request_id]}
        return tuple(found[con_id] for con_id in sorted(found))


def _called(spec: InstrumentSpec) -> str:
    month = f" {spec.expiry}" if spec.expiry else ""
    pinned = f" (conId {spec.con_id})" if spec.con_id is not None else ""
    return f"{spec.symbol} {spec.sec_type}{month} in {spec.currency}{pinned}"


class ContractReader:
    """Reads contracts and their market rules; each is asked for once in a session of the gateway.

    What a contract is does not change within a session: what cannot be known later is never made of what was missing.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._session = connection.session
        self._known: dict[InstrumentSpec, ContractRow] = {}
        self._rules: dict[int, tuple[PriceIncrement, ...]] = {}

    async def read(self, specs: Sequence[InstrumentSpec]) -> Mapping[InstrumentName, Contract | Unknown]:
        """The contract of each spec. Raises BrokerUnavailable when the connection is lost."""
        self._forget_other_sessions()
        missing = [spec for spec in specs if spec not in self._known]
        rows = await self._ask(missing, ContractAnswers.match)
        self._known |= {spec: row for spec in missing if isinstance(row := rows[spec.name], ContractRow)}
        return {spec.name: _contract(spec, self._known.get(spec) or rows[spec.name]) for spec in specs}

    async def listings(self, specs: Sequence[InstrumentSpec]) -> Mapping[InstrumentName, tuple[Listing, ...] | Unknown]:
        """Everything that the broker has for each spec. Raises BrokerUnavailable when the connection is lost."""
        return await self._ask(specs, ContractAnswers.listed)

    async def with_increments(self, contracts: Sequence[Contract]) -> Mapping[ConId, Contract]:
        """The contracts with their price increments. Raises BrokerUnavailable when the connection is lost."""
        rows = await self._rows_of([each for each in contracts if isinstance(each.price_increments, Unknown)])
        await self._learn_rules({rule for each in contracts if (rule := _rule(each, rows)) is not None})
        return {each.con_id: replace(each, price_increments=self._increments(each, rows)) for each in contracts}

    def _forget_other_sessions(self) -> None:
        if self._connection.session != self._session:
            self._session, self._known, self._rules = self._connection.session, {}, {}

    async def _rows_of(self, contracts: Sequence[Contract]) -> dict[ConId, ContractRow]:
        """What this session was told of contracts; those that another one resolved are asked for by their ids."""
        self._forget_other_sessions()
        known = {row.con_id for row in self._known.values()}
        await self.read([_spec_of(each) for each in contracts if each.con_id not in known])
        return {row.con_id: row for row in self._known.values()}

    async def _ask(
        self, specs: Sequence[InstrumentSpec], told: Callable[[ContractAnswers, int, InstrumentSpec], Answer | Unknown]
    ) -> dict[InstrumentName, Answer | Unknown]:
        """One message for each spec; `told` makes of the answers what is to be known of a spec."""
        asked = {self._connection.request_id(): spec for spec in specs}
        if not asked:
            return {}
        answers = ContractAnswers(list(asked))
        library = self._connection.library
        lookups = [_request(library, request_id, spec) for request_id, spec in asked.items()]
        problem = await self._connection.converse(lookups, answers.take, ids=asked)
        if problem is not None and not isinstance(problem, NotInTime):
            return {spec.name: problem for spec in specs}
        return {spec.name: told(answers, request_id, spec) for request_id, spec in asked.items()}

    async def _learn_rules(self, named: set[int]) -> None:
        wanted = named - self._rules.keys()

        def take(message: Message) -> bool:
            if isinstance(message, messages.MarketRule) and message.increments:
                self._rules[message.rule_id] = message.increments
                wanted.discard(message.rule_id)
            return not wanted

        if wanted:
            # A rule that does not come makes the prices of its contracts Unknown, one by one, in _increments.
            await self._connection.converse([requests.market_rule(rule) for rule in sorted(wanted)], take)

    def _increments(
        self, contract: Contract, rows: Mapping[ConId, ContractRow]
    ) -> tuple[PriceIncrement, ...] | Unknown:
        if not isinstance(contract.price_increments, Unknown):
            return contract.price_increments
        rule, row = _rule(contract, rows), rows.get(contract.con_id)
        if rule is not None:
            return self._rules.get(rule) or Unknown(f"market rule {rule} of {contract.symbol} did not come")
        if row is None or row.min_tick is None:
            return Unknown(f"the broker sent neither a market rule nor a tick size for {contract.symbol}")
        return (PriceIncrement(Decimal(0), row.min_tick),)


def _rule(contract: Contract, rows: Mapping[ConId, ContractRow]) -> int | None:
    """The market rule that has to be read before the contract's increments are known."""
    row = rows.get(contract.con_id)
    is_open = row is not None and isinstance(contract.price_increments, Unknown)
    return row.market_rules.get(contract.exchange) if is_open and row else None


def _spec_of(contract: Contract) -> InstrumentSpec:
    return InstrumentSpec(
        name=InstrumentName(f"{contract.symbol} {contract.con_id}"),
        symbol=contract.symbol,
        sec_type=contract.sec_type,
        exchange=contract.exchange,
        currency=contract.currency,
        con_id=contract.con_id,
    )


def _contract(spec: InstrumentSpec, row: ContractRow | Unknown) -> Contract | Unknown:
    if isinstance(row, Unknown):
        return row
    if row.price_magnifier > 1:
        return Unknown(f"{_called(spec)} is quoted in 1/{row.price_magnifier} of {row.currency}")
    return Contract(
        con_id=row.con_id,
        symbol=row.symbol,
        sec_type=row.sec_type,
        currency=Currency(row.currency),
        exchange=spec.exchange or row.exchange,
        primary_exchange=row.primary_exchange,
        local_symbol=row.local_symbol,
        trading_class=row.trading_class,
        long_name=row.long_name,
        multiplier=row.multiplier,
        lot_size=lot_size(row),
        price_increments=Unknown(f"the price increments of {_called(spec)} were not read"),
        order_types=row.order_types,
        liquid_hours=row.liquid_hours,
        expiry=row.expiry,
        time_zone=row.time_zone,
    )


def _listing(row: ContractRow) -> Listing:
    return Listing(
        con_id=row.con_id,
        symbol=row.symbol,
        sec_type=row.sec_type,
        currency=Currency(row.currency),
        primary_exchange=row.primary_exchange,
        expiry=row.expiry,
        name=row.long_name,
    )


def lot_size(row: ContractRow) -> Decimal:
    """The step of a quantity. Stocks may come with a step below one, but orders for fractions are refused (10243)."""
    step = max(row.size_increment or Decimal(0), row.min_size or Decimal(0))
    return max(step, Decimal(1)) if row.sec_type == STOCK else step or Decimal(1)


def _request(library: Library, request_id: int, spec: InstrumentSpec) -> Request:
    if spec.con_id is not None:
        contract = library.contract(conId=spec.con_id, exchange=spec.exchange)
    else:
        contract = library.contract(
            symbol=spec.symbol,
            secType=spec.sec_type,
            exchange=spec.exchange,
            currency=spec.currency,
            primaryExchange=spec.primary_exchange or "",
            lastTradeDateOrContractMonth=spec.expiry or "",
        )
    return requests.contract_details(request_id, contract)
