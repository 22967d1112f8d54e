"""Shares, losses and times as each language writes them."""

from mirada.language import use_language
from mirada.tasks.quantities import loss_text, percent_text, seconds_text


def test_shares() -> None:
    shown = [percent_text(share) for share in (None, 0.0, 1.0, 0.12345)]
    assert shown == ["-", "0.0 %", "100.0 %", "12.3 %"]
    use_language("es")
    assert percent_text(0.12345) == "12,3 %"


def test_times() -> None:
    shown = [seconds_text(time) for time in (0.04, 59.4, 59.96, 61, 3599.7, 7300)]
    assert shown == ["0.0 s", "59.4 s", "60.0 s", "1 min 1 s", "1 h 0 min", "2 h 1 min"]
    use_language("es")
    assert seconds_text(4.25) == "4,2 s"


def test_losses() -> None:
    assert [loss_text(loss) for loss in (0.0, 2.30259, 1e9)] == [
        "0.0000",
        "2.3026",
        "1e+09",
    ]
    use_language("es")
    assert loss_text(2.30259) == "2,3026"
