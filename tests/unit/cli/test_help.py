"""What the command line says of itself, and of a slip on it."""

import pytest

from cli.app import main


@pytest.mark.parametrize("words", [(), ("runs",), ("import",)])
def test_no_sentence_of_a_list_of_commands_is_cut_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*words, "--help"]) == 0
    _, _, listed = capsys.readouterr().out.partition("Commands:\n")
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (("apply",), "apply [OPTIONS] [FILE]\n"),
        (("fmt",), "fmt [OPTIONS] [PATH]...\n"),
        (("schema",), "schema [OPTIONS] [NAME]\n"),
    ],
)
def test_what_may_be_left_out_stands_in_brackets_once(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], usage: str
) -> None:
    assert main([*words, "--help"]) == 0
    assert f"Usage: folioctl {usage}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("validate", "--format", "xml"), "Invalid value for '--format': 'xml' is not one of 'text', 'json',"),
        (("explain", "weight"), "There is Portfolio.spec.targets.weight, Portfolio.spec.sleeves.weight,"),
        (("explain", "QQQ111"), "there is no code 'QQQ111'. `folioctl explain` names them all."),
    ],
)
def test_a_slip_is_told_in_words_of_ours(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    assert main([*words]) == 64
    assert told in capsys.readouterr().err
