"""The gateway: whether it answers and lets us in, whose account it serves, its version, and its clock."""

from dataclasses import dataclass
from datetime import timedelta

from reconciler.domain.counting import counted
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import BrokerError, BrokerUnavailable, ClientIdInUse, Refused
from reconciler.domain.examination import Check, Finding, failed, passed, warned
from reconciler.domain.unknown import Unknown
from reconciler.engine.examine.premises import Premises
from reconciler.ports import Broker, GatewayReading

_ZONES_SINCE = 174
"""From this server version on, times come with their zone."""
_SLIGHT = timedelta(seconds=2)
"""The gateway tells whole seconds, and an answer is under way for a while."""
_MOST = timedelta(seconds=30)
"""From here on the age of a quote, an override's end and the broker's midnight are not what they seem."""


@dataclass(frozen=True)
class Told:
    """What the gateway said, and how far its clock is ahead of ours."""

    reading: GatewayReading | Unknown
    ahead: timedelta | Unknown
    doubt: timedelta = timedelta(0)
    """How long the answer took: so much of the difference may be its way."""


async def reachable(premises: Premises) -> tuple[Finding, ...]:
    """Whether something answers at the address."""
    gateway = premises.account.gateway
    where = f"{gateway.host}:{gateway.port}"
    premises.tell(f"the gateway at {where}")
    why = await premises.dial()
    if why is None:
        return (passed(Check.GATEWAY, f"{where} answers"),)
    advice = "start TWS or IB Gateway there, enable its API, and see that host and port of the Gateway manifest are its"
    return (failed(Check.GATEWAY, f"nothing answers at {where}: {why}", advice),)


def refused(error: BrokerError | Refused) -> tuple[Finding, ...]:
    """Why there is no session."""
    if isinstance(error, ClientIdInUse):
        advice = "end another program that is connected there; commands that read take the ids after spec.clientId"
    elif isinstance(error, BrokerUnavailable):
        advice = "look at the gateway's window: it may wait for its login, for a second factor, or for a dialog"
    else:
        advice = "the login and the manifest are about different accounts, or the installation lacks something"
    return (failed(Check.LOGIN, str(error), advice),)


async def read(premises: Premises, broker: Broker) -> Told:
    """Ask the gateway about itself, and look at the clock before and after."""
    before = premises.clock.now()
    reading = await premises.asked(broker, broker.read_gateway)
    after = premises.clock.now()
    if isinstance(reading, Unknown):
        return Told(reading, reading)
    if isinstance(reading.time, Unknown):
        return Told(reading, reading.time)
    return Told(reading, reading.time - (before + (after - before) / 2), after - before)


def served(account: AccountSpec, told: Told) -> tuple[Finding, ...]:
    """The login worked, and the account is among those that it serves."""
    if isinstance(told.reading, Unknown):
        return (
            failed(Check.LOGIN, f"the connection did not hold: {told.reading.why}", "try again, and see the gateway"),
        )
    others = told.reading.accounts - 1
    beside = f", beside {counted(others, 'other')}" if others else ""
    return (passed(Check.LOGIN, f"the login serves the account{beside}; it is a {account.environment} account"),)


def version(told: Told) -> tuple[Finding, ...]:
    """What the gateway and the broker library agreed on."""
    if isinstance(told.reading, Unknown):
        return (failed(Check.SERVER_VERSION, told.reading.why, "try again"),)
    number = told.reading.server_version
    if number >= _ZONES_SINCE:
        return (passed(Check.SERVER_VERSION, f"server version {number}"),)
    found = f"server version {number} tells times without their zone"
    return (warned(Check.SERVER_VERSION, found, "run the gateway in this machine's time zone, or update it"),)


def clock(told: Told) -> tuple[Finding, ...]:
    """How far the two clocks are apart."""
    if isinstance(told.ahead, Unknown):
        advice = "see that this machine and the gateway's keep time by NTP"
        return (warned(Check.CLOCK, f"the gateway's time is not known: {told.ahead.why}", advice),)
    apart = max(abs(told.ahead) - told.doubt, timedelta(0))
    if apart <= _SLIGHT:
        return (passed(Check.CLOCK, "the gateway's clock and this machine's agree"),)
    which = "ahead of" if told.ahead > timedelta(0) else "behind"
    found = f"the gateway's clock is {_words(apart)} {which} this machine's"
    advice = "let both machines keep time by NTP: ages of prices and the hours of markets hang on it"
    return ((failed if apart > _MOST else warned)(Check.CLOCK, found, advice),)


def _words(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:,.0f} h"
