"""An account at a fake broker with everything that the engine works with: the engine's tests begin here."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from reconciler import planfile
from reconciler.adapters.journal.memory import InMemoryJournal
from reconciler.adapters.retry import DEFAULT_BOUNDS, TenacityRetry
from reconciler.domain.desired import AccountSpec
from reconciler.domain.ids import ConId
from reconciler.domain.money import Currency
from reconciler.domain.plan import Plan
from reconciler.domain.run import RunResult
from reconciler.engine.apply import apply
from reconciler.engine.authorize import Authorized, Refusal, authorize
from reconciler.engine.propose import propose, sketch
from reconciler.engine.reconcile import Approval, Reconciliation, apply_fresh
from reconciler.engine.session import Session, StopSignal
from reconciler.ports import Clock
from tests.builders import ACCOUNT_ID, a_portfolio, a_revision, an_account_spec
from tests.fakes.broker import SENDING_CLIENT, FakeBroker, FakeVenue, stock
from tests.fakes.clock import SteppedClock
from tests.fakes.locks import InMemoryAccountLock
from tests.fakes.recorder import ListRecorder, ListSink


def by_a_person(_plan: Plan) -> Approval:
    """A yes to whatever is asked."""
    return Approval.PERSON


PRICES = {"MSFT": 500, "AAPL": 200, "NVDA": 100}
CON_IDS = {symbol: ConId(100 + n) for n, symbol in enumerate(PRICES)}


def a_venue(
    holdings: Mapping[str, int] | None = None,
    *,
    cash: int = 100_000,
    clock: Clock | None = None,
    **changes: Any,
) -> FakeVenue:
    """100,000 USD less what is held costs nothing more: cash is what is given."""
    return FakeVenue(
        clock=clock or SteppedClock(step=timedelta(milliseconds=1)),
        contracts={CON_IDS[symbol]: stock(CON_IDS[symbol], symbol) for symbol in PRICES},
        prices={CON_IDS[symbol]: Decimal(price) for symbol, price in PRICES.items()},
        cash={Currency("USD"): Decimal(cash)},
        holdings={CON_IDS[symbol]: Decimal(quantity) for symbol, quantity in (holdings or {}).items()},
        **changes,
    )


def an_account(weights: Mapping[str, str] | None = None, **changes: Any) -> AccountSpec:
    """At leverage 1.2, with 60 % MSFT and 40 % AAPL unless said otherwise."""
    chosen = {"MSFT": "0.6", "AAPL": "0.4"} if weights is None else dict(weights)
    return an_account_spec(portfolio=a_portfolio(chosen), **{"leverage": "1.2", **changes})


@dataclass
class House:
    """The venue and the journal outlive a session, so that one may be killed and the next recover."""

    venue: FakeVenue
    account: AccountSpec = field(default_factory=an_account)
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    recorder: ListRecorder = field(default_factory=ListRecorder)
    sink: ListSink = field(default_factory=ListSink)
    lock: InMemoryAccountLock = field(default_factory=lambda: InMemoryAccountLock({}, owner="t", clock=SteppedClock()))

    @property
    def held(self) -> dict[str, Decimal]:
        """What the venue says is held of each symbol."""
        return {symbol: self.venue.holdings.get(con_id, Decimal(0)) for symbol, con_id in CON_IDS.items()}

    async def session(self, client_id: int = SENDING_CLIENT) -> Session:
        """A connected session. The one before it, if any, is over: a client id serves one."""
        self.venue.sessions.clear()
        broker = FakeBroker(self.venue, client_id=client_id)
        await broker.connect()
        return Session(
            account=self.account,
            account_id=ACCOUNT_ID,
            revision=a_revision(),
            broker=broker,
            journal=self.journal,
            lock=self.lock,
            clock=self.venue.clock,
            retry=TenacityRetry(DEFAULT_BOUNDS, sleep=asyncio.sleep, chance=random.Random(1)),  # noqa: S311 - jitter, no secret
            sink=self.sink,
            recorder=self.recorder,
            stop=StopSignal(),
        )

    async def plan_and_apply(self, session: Session | None = None) -> RunResult:
        """One bare apply: plan, authorize, apply."""
        session = session or await self.session()
        plan = await propose(session)
        permission = authorize(session, plan, await sketch(session))
        assert isinstance(permission, Authorized), permission
        return await apply(session, permission, plan_document=planfile.write(plan, tool="test"))

    async def apply_fresh(
        self, session: Session | None = None, approve: Callable[[Plan], Approval] = by_a_person
    ) -> Reconciliation:
        """The whole of what `apply` does."""
        return await apply_fresh(session or await self.session(), tool="test", approve=approve)

    async def refusal(self, plan: Plan | None = None) -> Refusal:
        """What authorize says no with."""
        session = await self.session()
        permission = authorize(session, plan or await propose(session), await sketch(session))
        assert isinstance(permission, Refusal)
        return permission

    def with_policy(self, **changes: Any) -> "House":
        """The same house under another policy."""
        return replace(self, account=replace(self.account, policy=replace(self.account.policy, **changes)))
