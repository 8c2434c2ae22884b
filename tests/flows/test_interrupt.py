"""Ctrl-C in the middle of a night: it ends at once, and the next night publishes."""

from tests.nights import SampleNights


def test_ctrl_c_ends_a_night_at_once_and_readers_stay(sample_nights: SampleNights) -> None:
    interrupted = sample_nights.interrupted
    assert interrupted.code == 130
    assert "interrupted; readers stay" in interrupted.printed
    assert [row["run_id"] for row in interrupted.publications] == [1]


def test_the_next_night_publishes(sample_nights: SampleNights) -> None:
    assert [row["run_id"] for row in sample_nights.publications] == [3, 1]
