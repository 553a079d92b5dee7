"""The first line in a currency that the account has nothing of, for which the broker tells no rate yet."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.stage import stage

pytestmark = pytest.mark.broker

SCENARIO = """
accounts:
  DU1000001:
    cash: {USD: 90000}
    positions: {MSFT: {quantity: 20, average_cost: 400}}
instruments:
  MSFT: {con_id: 272093, name: MICROSOFT CORP, primary_exchange: NASDAQ, last: 500, spread: 0.02}
  SAP: {con_id: 14204, name: SAP SE, primary_exchange: IBIS, currency: EUR, last: 150, spread: 0.1}
  EUR.USD: {con_id: 12087792, symbol: EUR, security_type: CASH, currency: USD, name: European Monetary Union euro,
            last: 1.10, spread: 0.0001}
"""
PORTFOLIO = """\
apiVersion: folioctl/v1
kind: Portfolio
metadata: {name: growth}
spec:
  targets:
    - {symbol: MSFT, weight: 50%}
    - {symbol: SAP, currency: EUR, weight: 50%}
"""


@pytest.mark.parametrize(("funding", "euros"), [("borrow", "owed"), ("convert", "had")])
def test_it_is_bought_at_the_markets_rate_and_ends_in_sync(tmp_path: Path, funding: str, euros: str) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(SCENARIO)
    with stage(tmp_path / "stage", scenario) as on:
        (on.manifests / "portfolio.yaml").write_text(PORTFOLIO)
        on.edit("account.yaml", "leverage: 1.4", f"leverage: 1\n  currencyFunding: {funding}")

        on.run("apply", "--auto-approve").expect(0)
        on.run("drift", "--detailed-exitcode").expect(0)

        assert abs(on.gateway.positions["SAP"] * 150 * Decimal("1.1") - 50_000) < 500
        assert abs(on.gateway.leverage - 1) < Decimal("0.02")
        balance = Decimal(on.gateway.books["cash"]["EUR"])
        assert balance < -40_000 if euros == "owed" else abs(balance) < 1_000
