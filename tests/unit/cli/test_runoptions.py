"""One-run options: what each means, which commands take them, and what is said about values that cannot be."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from cli.app import main
from cli.invocation import Invocation
from cli.runoptions import RunFlags, run_options
from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import Limit, Override
from reconciler.domain.options import NO_OPTIONS, GivenTarget, RunOptions
from reconciler.domain.policy import OrderStyle
from tests.commandlines import commands, parse

REPOSITORY = Path(__file__).parents[3]
WORDS: dict[str, list[str]] = {
    "target": ["--target", "GLD"],
    "exclude": ["--exclude", "GLD"],
    "force": ["--force"],
    "override": ["--override", "maxTurnover=agreed"],
    "portfolio": ["--portfolio", "given.csv"],
    "leverage": ["--leverage", "1.2"],
    "margin_cushion": ["--margin-cushion", "0.3"],
    "max_parallel": ["--max-parallel", "2"],
    "max_runtime": ["--max-runtime", "600"],
    "batch_execution": ["--sequential"],
    "smart_orders": ["--market-orders"],
}
"""One way to give each of them."""


def asked(**flags: Any) -> RunOptions:
    return run_options(RunFlags(**flags), Invocation())


class TestWhatTheyMean:
    def test_none_is_none(self) -> None:
        assert asked() == NO_OPTIONS
        assert RunFlags().typed == []

    @pytest.mark.parametrize(
        ("flags", "expected"),
        [
            ({"leverage": Decimal("1.2")}, RunOptions(leverage=Decimal("1.2"))),
            ({"margin_cushion": Decimal("0.3")}, RunOptions(margin_cushion=Decimal("0.3"))),
            ({"max_parallel": 3}, RunOptions(max_parallel=3)),
            ({"max_runtime": 900}, RunOptions(max_runtime=timedelta(minutes=15))),
            ({"force": True}, RunOptions(is_forced=True)),
            ({"target": ["B", "A", "B"]}, RunOptions(targets=(InstrumentName("B"), InstrumentName("A")))),
            ({"exclude": ["A", "A"]}, RunOptions(excluded=(InstrumentName("A"),))),
            ({"smart_orders": True}, RunOptions(order_style=OrderStyle.SMART)),
            ({"smart_orders": False}, RunOptions(order_style=OrderStyle.MARKET)),
            ({"batch_execution": False}, RunOptions(max_parallel=1)),
            ({"batch_execution": False, "max_parallel": 1}, RunOptions(max_parallel=1)),
            ({"batch_execution": True}, RunOptions(max_parallel=0)),
            ({"batch_execution": True, "max_parallel": 4}, RunOptions(max_parallel=4)),
        ],
    )
    def test_each_is_one_thing(self, flags: dict[str, Any], expected: RunOptions) -> None:
        assert asked(**flags) == expected
        assert RunFlags(**flags).typed

    def test_a_cushion_of_nothing_was_given_too(self) -> None:
        assert asked(margin_cushion=Decimal(0)) == RunOptions(margin_cushion=Decimal(0))
        assert RunFlags(margin_cushion=Decimal(0)).typed == ["--margin-cushion", "0"]

    def test_they_can_be_typed_again(self) -> None:
        flags = RunFlags(
            target=["GLD", "NVDA"],
            force=True,
            override=["maxTurnover=first build"],
            leverage=Decimal("1.3"),
            batch_execution=False,
            smart_orders=True,
        )

        assert flags.typed == [
            *("--target", "GLD", "--target", "NVDA", "--force", "--override", "maxTurnover=first build"),
            *("--leverage", "1.3", "--sequential", "--smart-orders"),
        ]

    def test_an_override_names_its_limit_its_reason_and_the_person(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_ACTOR", "alice")

        (override,) = asked(override=["maxTurnover = cost = benefit, see #12 "]).overrides

        assert override == Override(Limit.MAX_TURNOVER, "cost = benefit, see #12", "alice", expires=None)

    def test_a_portfolio_is_read_from_its_file(self, tmp_path: Path) -> None:
        file = tmp_path / "given.csv"
        file.write_text("symbol,weight,sector\nGLD,0.1,\n")

        assert asked(portfolio=file).portfolio == (GivenTarget("GLD", Decimal("0.1"), None),)

    def test_one_after_the_other_is_not_several_at_once(self) -> None:
        with pytest.raises(typer.BadParameter, match="--sequential is one order at a time"):
            asked(batch_execution=False, max_parallel=2)


class TestNumbersBeyondReason:
    """Mistyped, and no leverage, cushion or time that anybody could mean."""

    @pytest.mark.parametrize(
        ("option", "number"),
        [
            ("--leverage", "1e99999"),
            ("--leverage", "1_4"),
            ("--leverage", "14"),
            ("--margin-cushion", "1e400"),
            ("--margin-cushion", "20"),
        ],
    )
    def test_of_a_fraction(self, option: str, number: str) -> None:
        with pytest.raises(typer.BadParameter, match=number):
            parse(["plan", option, number])

    def test_of_seconds(self) -> None:
        with pytest.raises(typer.BadParameter, match=r"86400"):
            parse(["plan", "--max-runtime", f"{10**17}"])

    @pytest.mark.parametrize("text", ["140%", "1.40", "1.4"])
    def test_however_it_is_written_it_is_one_number(self, text: str) -> None:
        context = commands()["plan"].make_context("plan", ["--leverage", text])

        assert str(context.params["leverage"]) == "1.4"


class TestWhoTakesThem:
    def test_every_flag_has_its_words_here(self) -> None:
        assert set(WORDS) == {each.name for each in fields(RunFlags)}

    @pytest.mark.parametrize("command", ["plan", "apply"])
    def test_plan_and_apply_take_them_all(self, command: str) -> None:
        taken = {word for each in commands()[command].params for word in (*each.opts, *each.secondary_opts)}

        assert {words[0] for words in WORDS.values()} <= taken

    @pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
    def test_a_saved_plan_takes_none(self, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """Before anything is read: not even the file has to be there."""
        assert main(["apply", "absent.plan", *words]) == 64

        told = " ".join(capsys.readouterr().err.split())
        assert "a saved plan is applied as it is: give the options to `folioctl plan`" in told


Refused = Callable[..., tuple[int, str]]


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Refused]:
    """Plan on the example's manifests: the exit code, and what was said on standard error in one line.

    `apply --json` must refuse the same by one document. No case here may get as far as the broker, whose address is
    watched.
    """
    with socket.create_server(("127.0.0.1", 0)) as broker:
        broker.setblocking(False)
        monkeypatch.setenv("FOLIOCTL_GATEWAY", f"127.0.0.1:{broker.getsockname()[1]}")
        monkeypatch.setenv("FOLIOCTL_STATE", str(tmp_path / "state"))
        monkeypatch.setenv("IB_ACCOUNT_ID", "DU1000001")
        monkeypatch.chdir(tmp_path)

        def run(*words: str) -> tuple[int, str]:
            line = ["--desired-state", str(REPOSITORY / "desired-state"), *words]
            code = main(["plan", *line])
            said = capsys.readouterr()
            assert said.out == ""
            assert main(["apply", "--auto-approve", "--json", *line]) == code
            assert_failure(json.loads(capsys.readouterr().out), code)
            return code, " ".join(said.err.split())

        yield run
        with pytest.raises(BlockingIOError):
            broker.accept()
    assert not (tmp_path / "state").exists()


def assert_failure(document: Any, code: int) -> None:
    schema = json.loads((REPOSITORY / "schemas/v1/documents/Failure.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["error"]["exit_code"] == code


class TestBadValues:
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--leverage", "0"], "'--leverage': 0 is not above 0"),
            (["--leverage", "-1"], "'--leverage': -1 is not above 0"),
            (["--leverage", "11"], "'--leverage': 11 is not above 0 and up to 10"),
            (["--leverage", "nan"], "'--leverage': 'nan' is no number such as 1.4"),
            (["--leverage", "inf"], "'--leverage': 'inf' is no number such as 1.4"),
            (["--leverage", "1,4"], "'--leverage': '1,4' is no number"),
            (["--leverage"], "'--leverage'"),
            (["--margin-cushion", "much"], "'--margin-cushion': 'much' is no number"),
            (["--margin-cushion", "-0.1"], "'--margin-cushion': -0.1 is not from 0 to 1"),
            (["--max-parallel", "0"], "'--max-parallel'"),
            (["--max-parallel", "many"], "'--max-parallel'"),
            (["--max-parallel", "2", "--sequential"], "--sequential is one order at a time, and --max-parallel 2"),
            (["--max-runtime", "0"], "'--max-runtime'"),
            (["--max-runtime", "15m"], "'--max-runtime'"),
            (["--override", "maxTurnover"], "--override takes LIMIT=REASON, such as maxTurnover='first build'"),
            (["--override", "maxTurnover= "], "--override takes LIMIT=REASON, such as maxTurnover='first build'"),
            (["--override", "maxTurnovr=agreed"], "no limit 'maxTurnovr'. Did you mean 'maxTurnover'?"),
            (["--override", "qqq=agreed"], "there is no limit 'qqq'. There are allow, availableFunds, deny,"),
        ],
    )
    def test_what_cannot_be_is_a_usage_error(self, refused: Refused, words: list[str], told: str) -> None:
        code, said = refused(*words)

        assert code == 64
        assert told in said

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--target", "GDL"], "--target GDL: no line of the portfolio is called so. Did you mean 'GLD'?"),
            (["--exclude", "NVDX"], "--exclude NVDX: no line of the portfolio is called so. Did you mean 'NVDA'?"),
            (["--leverage", "1.6"], "--leverage 1.6 is above the maxLeverage 1.5 of the manifests"),
            (["--margin-cushion", "0.1"], "below the marginCushion 0.20 of the manifests"),
            (["--override", "maxLeverage=please"], "maxLeverage cannot be overridden: its level is hard"),
            (["--override", "longOnly=please"], "change the limit itself, in review"),
        ],
    )
    def test_what_the_manifests_do_not_allow_is_an_error(self, refused: Refused, words: list[str], told: str) -> None:
        code, said = refused(*words)

        assert code == 1
        assert told in said

    def test_a_looser_cushion_names_the_place_of_the_manifests_one(self, refused: Refused) -> None:
        _, said = refused("--margin-cushion", "0.1")

        assert "risk-limits.yaml:18:18" in said
        assert "the command line may tighten a limit, never loosen it" in said

    @pytest.mark.parametrize(
        ("name", "text", "told"),
        [
            ("absent.csv", None, "the file cannot be read: No such file or directory at absent.csv"),
            ("absent.yaml", None, "the file cannot be read: No such file or directory at absent.yaml"),
            ("empty.csv", "", "must have symbol and weight, may have sector, and is nothing at empty.csv:1:1"),
            (
                "other.csv",
                "ticker,weight\nGLD,1\n",
                "may have sector, and is ticker, weight",
            ),
            ("words.csv", "symbol,weight\nGLD,half\n", "weight: must be a number such as 0.13"),
            ("much.csv", "symbol,weight\nGLD,0.7\nSLV,0.7\n", "the weights sum to 140%, above 100% at much.csv:2:1"),
            ("twice.csv", "symbol,weight\nGLD,0.1\nGLD,0.1\n", "GLD already stands on line 2 at twice.csv:3:1"),
            ("list.yaml", "portfolio: [GLD]\n", "portfolio must be a mapping of keys to values, not a list"),
            ("broken.yaml", "portfolio: {GLD\n", "not YAML"),
            ("typo.yaml", "portfolio:\n  GLD: {wieght: 0.1}\n", "unknown key 'wieght' in portfolio.GLD"),
        ],
    )
    def test_a_portfolio_that_is_not_in_order_is_told_with_its_place(
        self, refused: Refused, tmp_path: Path, name: str, text: str | None, told: str
    ) -> None:
        if text is not None:
            (tmp_path / name).write_text(text)

        code, said = refused("--portfolio", name)

        assert code == 1
        assert told in said
        assert f"at {name}" in said

    @pytest.mark.parametrize("option", ["--target", "--exclude"])
    def test_a_line_that_is_like_no_other_is_told_with_those_that_there_are(
        self, refused: Refused, option: str
    ) -> None:
        _, said = refused(option, "QQQQQQ")

        assert option in said
        assert "GLD" in said

    def test_no_cushion_may_be_written_with_decimals(self, refused: Refused) -> None:
        """As `0` may: both are below the manifests' 0.20, and no number is wrong."""
        assert refused("--margin-cushion", "0.00") == refused("--margin-cushion", "0.0")
