"""Writing the lock file: what was written reads as the same entries, and what somebody wrote stays."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.manifests.contract_lock import LockedContract, entries_of
from reconciler.manifests.lock.writing import LockEdits, rewritten
from tests.examples import examples


def an_entry(symbol: str = "MSFT", con_id: int = 272093, **changes: Any) -> LockedContract:
    said: dict[str, Any] = {
        "conId": con_id,
        "symbol": symbol,
        "currency": "USD",
        "primaryExchange": "NASDAQ",
        "name": "MICROSOFT CORP",
        "timeZone": "US/Eastern",
        "orderTypes": ["LMT", "MKT"],
        "increments": [{"from": 0, "step": Decimal("0.01")}],
    }
    return LockedContract.model_validate(said | changes)


def made(text: str, edits: LockEdits) -> str:
    """The text after the edits, which must not have been refused."""
    found = rewritten(text, entries_of(text) or () if text else (), edits)
    assert found is not None
    return found


def test_a_new_file_has_a_block_for_each_contract_in_their_order() -> None:
    wide = an_entry("ABC", 7, increments=[{"from": 0, "step": Decimal("0.0001")}, {"from": 1, "step": Decimal("0.01")}])

    assert (
        made("", LockEdits(added=(an_entry(), wide)))
        == """\
#
# What the symbols of the manifests are at the broker. `folioctl lock` writes it: commit it, and review its changes.
apiVersion: folioctl/v1
kind: ContractLock
contracts:
  - conId: 7
    symbol: ABC
    secType: STK
    currency: USD
    primaryExchange: NASDAQ
    name: MICROSOFT CORP
    multiplier: 1
    lot: 1
    timeZone: US/Eastern
    orderTypes: [LMT, MKT]
    increments:
      - {from: 0, step: 0.0001}
      - {from: 1, step: 0.01}
  - conId: 272093
    symbol: MSFT
    secType: STK
    currency: USD
    primaryExchange: NASDAQ
    name: MICROSOFT CORP
    multiplier: 1
    lot: 1
    timeZone: US/Eastern
    orderTypes: [LMT, MKT]
    increments:
      - {from: 0, step: 0.01}
"""
    )


@pytest.mark.parametrize("symbol", ["ON", "NO", "Y", "700", "1E3", "TRUE"])
def test_a_symbol_that_yaml_could_take_for_something_else_stands_in_quotes(symbol: str) -> None:
    assert f"symbol: '{symbol}'\n" in made("", LockEdits(added=(an_entry(symbol),)))


COMMENTED = """\
# Ours.
kind: ContractLock
apiVersion: folioctl/v1
contracts: # sorted

# Technology, apart from what follows.

# The big one,
# which we like.
- conId: 272093   # as of 2026
  symbol: "MSFT"
  currency: USD
  # no market orders
  orderTypes: [LMT]
  increments: [{from: 0, step: 0.01}]
  # set in, and so of MSFT

# Of ORCL.
- {conId: 272800, symbol: ORCL, currency: USD, orderTypes: [MKT], increments: [{from: 0, step: 0.01}]} # short
# The end.
"""


def comments_of(text: str) -> set[str]:
    return set(re.findall(r"# .*", text))


def test_nothing_to_do_changes_nothing() -> None:
    assert made(COMMENTED, LockEdits()) == COMMENTED


def test_what_is_added_leaves_the_others_as_they_were_written() -> None:
    text = made(COMMENTED, LockEdits(added=(an_entry("NVDA", 4815747),)))

    assert comments_of(COMMENTED) == comments_of(text)
    assert set(COMMENTED.splitlines()) < set(text.splitlines())
    assert [each.symbol for each in entries_of(text) or ()] == ["MSFT", "NVDA", "ORCL"]
    assert text.index("# set in") < text.index("- conId: 4815747") < text.index("# Of ORCL.")


def test_what_is_replaced_keeps_its_comments() -> None:
    fresh = an_entry("MSFT", 99, orderTypes=["LMT", "MKT"])

    text = made(COMMENTED, LockEdits(replaced={272093: fresh}))

    assert comments_of(COMMENTED) == comments_of(text)
    assert "- conId: 99   # as of 2026\n" in text
    assert "  orderTypes: [LMT, MKT]\n" in text


LONG = """\
apiVersion: folioctl/v1
kind: ContractLock
contracts:
  - conId: 272093  # the id
    symbol: "MSFT"  # its symbol
# at the edge
    currency: USD
    # who says so
    name: Microsoft # a name
    lot: 100  # round
    timeZone: 'US/Eastern'  # theirs
    orderTypes: [  # few
      # the first
      LMT,  # a limit
    ]
    # rows
    increments:  # two
      - {from: 0, step: 0.01}  # low
      # high ones
      - from: 1  # one
        step: 0.05
    # the end
"""


def test_of_an_entry_that_is_replaced_only_the_keys_that_differ_are_written_anew() -> None:
    fresh = an_entry(name="", multiplier=1, primaryExchange="NASDAQ", timeZone="", orderTypes=["LMT", "MKT"])

    text = made(LONG, LockEdits(replaced={272093: fresh}))

    assert (
        text
        == """\
apiVersion: folioctl/v1
kind: ContractLock
contracts:
  - conId: 272093  # the id
    symbol: "MSFT"  # its symbol
# at the edge
    currency: USD
    primaryExchange: NASDAQ
    # who says so
    # a name
    lot: 1  # round
    # theirs
    # the first
    # a limit
    orderTypes: [LMT, MKT]  # few
    # rows
    # low
    # high ones
    # one
    increments:  # two
      - {from: 0, step: 0.01}
    # the end
"""
    )


@pytest.mark.parametrize(
    "body",
    [
        "- {conId: 1, symbol: A, currency: USD, orderTypes: [MKT], increments: [{from: 0, step: 1}]} # why\n",
        "- name: A # why\n  conId: 1\n  symbol: A\n  currency: USD\n  orderTypes: []\n"
        "  increments: [{from: 0, step: 1}]\n",
        "- orderTypes: # why\n  - LMT # or so\n  conId: 1\n  symbol: A\n  currency: USD\n"
        "  increments: [{from: 0, step: 1}]\n",
        "- {conId: 1, # why\n  symbol: A,\n  name: B,\n  currency: USD,\n  orderTypes: [MKT],\n"
        "  increments: [{from: 0, step: 1}]}\n",
        "- {conId: 1, # why\n   symbol: A,\n   name: B,\n   currency: USD,\n   orderTypes: [MKT],\n"
        "   increments: [{from: 0, step: 1}]}\n",
        "- <<: {conId: 1, symbol: A, name: B} # why\n  currency: USD\n  orderTypes: [MKT]\n"
        "  increments: [{from: 0, step: 1}]\n",
        "- conId: 1 # why\n  <<: {symbol: A, name: B}\n  currency: USD\n  orderTypes: [MKT]\n"
        "  increments: [{from: 0, step: 1}]\n",
    ],
    ids=[
        "in braces",
        "its first key goes",
        "comments within its first key",
        "lines",
        "aligned",
        "merged",
        "merged below",
    ],
)
def test_an_entry_that_cannot_be_mended_key_by_key_is_written_anew_below_its_comments(body: str) -> None:
    text = f"apiVersion: folioctl/v1\nkind: ContractLock\ncontracts:\n{body}"
    fresh = an_entry("A", 1, name="")

    changed = made(text, LockEdits(replaced={1: fresh}))

    assert entries_of(changed) == (fresh,)
    assert comments_of(text) == comments_of(changed)
    assert not re.search("^ +#", changed, re.MULTILINE), "set in, it would be the entry's above"


def test_a_blank_line_between_keys_stays() -> None:
    text = LONG.replace("    lot: 100  # round\n", "    lot: 100  # round\n\n")

    assert "    lot: 1  # round\n\n" in made(text, LockEdits(replaced={272093: an_entry(name="Microsoft")}))


def test_of_a_text_in_several_lines_nothing_stays_that_looks_like_a_comment() -> None:
    entry = "conId: 1\n  name: 'a\n\n    # b'\n  symbol: A\n  currency: USD\n  orderTypes: [MKT]\n"
    text = f"apiVersion: folioctl/v1\nkind: ContractLock\ncontracts:\n- {entry}  increments: [{{from: 0, step: 1}}]\n"

    assert "# b" not in made(text, LockEdits(replaced={1: an_entry("A", 1)}))


def test_a_comment_right_above_goes_with_its_entry_and_one_apart_stays() -> None:
    text = made(COMMENTED, LockEdits(removed=frozenset({272093})))

    assert "which we like" not in text
    assert "as of 2026" not in text
    assert {"# Technology, apart from what follows.", "# Of ORCL.", "# The end.", "# short"} <= comments_of(text)


def test_an_empty_list_can_be_filled_and_emptied() -> None:
    empty = made(COMMENTED, LockEdits(removed=frozenset({272093, 272800})))
    assert entries_of(empty) == ()
    assert "contracts: [] # sorted\n" in empty

    full = made(empty, LockEdits(added=(an_entry(),)))
    assert entries_of(full) == (an_entry(),)
    assert comments_of(empty) == comments_of(full)


def test_entries_within_brackets_are_set_out_in_lines() -> None:
    entry = "{conId: 1, symbol: A, currency: USD, orderTypes: [MKT], increments: [{from: 0, step: 1}]}"
    text = f"apiVersion: folioctl/v1\nkind: ContractLock\ncontracts: [{entry}] # why\n"

    changed = made(text, LockEdits(added=(an_entry(),)))

    assert [each.symbol for each in entries_of(changed) or ()] == ["A", "MSFT"]
    assert "# why" in changed


def test_a_comment_that_brackets_would_lose_is_not_lost() -> None:
    entry = "{conId: 1, symbol: A, currency: USD, orderTypes: [MKT], increments: [{from: 0, step: 1}]}"
    second = entry.replace("1, s", "2, s")
    text = "apiVersion: folioctl/v1\nkind: ContractLock\ncontracts: [ # why\n"
    text += f"  {entry}, # one\n  # two\n  {second} # b\n  # end\n ]\n"

    assert rewritten(text, entries_of(text) or (), LockEdits(added=(an_entry(),))) is None


def test_line_ends_stay_as_they_are() -> None:
    text = made(COMMENTED.replace("\n", "\r\n"), LockEdits(added=(an_entry("NVDA", 1),)))

    assert text.count("\n") == text.count("\r\n")


def test_entries_that_lean_on_each_other_are_not_taken_apart() -> None:
    text = COMMENTED.replace("[{from: 0, step: 0.01}]\n", "&cent [{from: 0, step: 0.01}]\n", 1)
    text = text.replace("increments: [{from: 0, step: 0.01}]}", "increments: *cent}")

    assert rewritten(text, entries_of(text) or (), LockEdits(removed=frozenset({272093}))) is None
    assert entries_of(made(text, LockEdits(replaced={272800: an_entry("ORCL", 272800)}))) is not None


# ------------------------------------------------------------------------------------------------------- properties

SYMBOLS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,6}", fullmatch=True)
AMOUNTS = st.decimals(min_value="0.00000001", max_value=10**6, places=8)
ENTRIES = st.builds(
    an_entry,
    SYMBOLS,
    st.integers(1, 2**31 - 1),
    secType=st.sampled_from(["STK", "FUT", "CASH"]),
    currency=st.sampled_from(["USD", "EUR", "CAD"]),
    primaryExchange=st.sampled_from(["", "NYSE", "ARCA"]),
    name=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" "), max_size=12),
    multiplier=AMOUNTS,
    lot=AMOUNTS,
    timeZone=st.sampled_from(["", "US/Eastern", "EST (Eastern Standard Time)"]),
    increments=st.lists(st.fixed_dictionaries({"from": AMOUNTS, "step": AMOUNTS}), min_size=1, max_size=2),
)
MANY = st.lists(ENTRIES, max_size=4, unique_by=lambda each: each.con_id)
REMARKS = st.lists(
    st.sampled_from(["# remark {}\n", "  # set in {}\n", "    # deep {}\n", "\n", "  # beside {}\n"]), max_size=30
)


def remarked(text: str, remarks: list[str]) -> str:
    """The text with remarks between its lines, from the top on."""
    lines = text.splitlines(keepends=True)
    for number, remark in enumerate(remarks):
        place, said = (number * 5 + 1) % len(lines), remark.format(number)
        if "beside" in said and "#" not in lines[place] and lines[place].strip():
            lines[place] = lines[place].removesuffix("\n") + said
        else:
            lines.insert(place, said)
    return "".join(lines)


@examples(30)
@given(before=MANY, after=MANY, remarks=REMARKS)
def test_what_was_written_reads_as_the_same_and_remarks_stay(
    before: list[LockedContract], after: list[LockedContract], remarks: list[str]
) -> None:
    text = remarked(made("", LockEdits(added=tuple(before))), remarks)
    assert entries_of(text) is not None
    ids = {each.con_id for each in before}
    edits = LockEdits(
        added=tuple(each for each in after if each.con_id not in ids),
        replaced={each.con_id: each for each in after if each.con_id in ids},
    )

    changed = made(text, edits)

    assert entries_of(changed) == tuple(edits.of(before))
    assert comments_of(text) <= comments_of(changed)
    assert made(changed, LockEdits()) == changed
    gone = made(changed, LockEdits(removed=frozenset(each.con_id for each in before)))
    assert entries_of(gone) == tuple(edits.of(()))


def test_the_mapping_of_edits_says_whether_there_are_any() -> None:
    nothing: Mapping[int, LockedContract] = {}
    assert not LockEdits(replaced=nothing)
    assert LockEdits(removed=frozenset({1}))
