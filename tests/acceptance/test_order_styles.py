"""Order styles at the gateway: what the policy asks for is what arrives, and it fills."""

import pytest

from tests.acceptance.stage import Stage, assert_small_is_traded_once

pytestmark = pytest.mark.broker

PLACE_ORDER = "3"
"""Its message id."""


@pytest.mark.parametrize(
    ("style", "order_type", "algo"), [("midprice", "MIDPRICE", ""), ("adaptive", "LMT", "Adaptive")]
)
def test_an_order_goes_as_the_policy_says(small: Stage, style: str, order_type: str, algo: str) -> None:
    small.edit("execution-policy.yaml", "orderStyle: market", f"orderStyle: {style}")

    small.run("apply", "--auto-approve").expect(0)

    assert {order["order_type"] for order in small.gateway.orders} == {order_type}
    sent = [each["fields"] for each in small.gateway.ask("frames", last=1000)["frames"] if each["direction"] == "in"]
    placed = [fields for fields in sent if fields[0] == PLACE_ORDER and "folioctl-what-if" not in "".join(fields)]
    assert {algo in fields for fields in placed} == {True}
    assert_small_is_traded_once(small.gateway)
