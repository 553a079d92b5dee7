"""The message limit."""

from reconciler.simgateway.pacing import Pacing, Verdict


def verdicts(pacing: Pacing, times: list[float]) -> list[Verdict]:
    return [pacing.judge(time) for time in times]


def test_the_libraries_own_bursts_pass() -> None:
    """Forty-five messages at the start of every second are what a well-behaved client sends."""
    bursts = [float(second) for second in range(20) for _ in range(45)]
    assert set(verdicts(Pacing(50), bursts)) == {Verdict.ADMIT}


def test_the_third_message_too_many_ends_the_session() -> None:
    told = verdicts(Pacing(50), [0.0] * 103)
    assert told == [Verdict.ADMIT] * 100 + [Verdict.REFUSE, Verdict.REFUSE, Verdict.CLOSE]


def test_tokens_come_back_with_time() -> None:
    pacing = Pacing(50)
    verdicts(pacing, [0.0] * 100)
    assert pacing.judge(0.0) is Verdict.REFUSE
    assert verdicts(pacing, [0.02, 0.021]) == [Verdict.ADMIT, Verdict.REFUSE]


def test_zero_switches_it_off() -> None:
    assert set(verdicts(Pacing(0), [0.0] * 10_000)) == {Verdict.ADMIT}
