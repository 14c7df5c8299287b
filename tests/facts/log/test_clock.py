import pytest
from builders import readings, recorder, value
from run_evidence import evidence

from diagnose.facts.log.clock import extract
from diagnose.sources.log_rows import LogRow

CLOCKS = [
    ([0, 10, 20, 30], 0),
    ([0, 10, 20, 20 - 3595, 20 - 3585], 0),  # the end of summer time
    ([0, 10, 20, -86400, -86390], 86420),
    ([0, 500, 400, 900], 100),
    ([0, 9000, 2000, 3000], 7000),
]


@pytest.mark.parametrize(("times", "back"), CLOCKS)
def test_the_clock_goes_back(times: list[float], back: float) -> None:
    record = recorder()
    rows = [LogRow(step, step + 1, time=time) for step, time in enumerate(times)]
    extract(evidence(read=readings(metrics=rows)), record)
    assert value(record, "log.clock_back") == back


def test_a_log_without_times_has_no_clock() -> None:
    record = recorder()
    extract(evidence(read=readings(metrics=[LogRow(0, 1), LogRow(1, 2, time=5.0)])), record)
    extract(evidence(), record)
    assert value(record, "log.clock_back") is None


@pytest.mark.parametrize(
    ("times", "back"),
    [
        ([0, -2699], 2699),
        ([0, -2700], 0),
        ([0, -3600], 0),
        ([0, -3601], 3601),
        ([0, -5], 5),
        ([5, 0], 5),
        ([5, 6], 0),
        ([5], None),
    ],
)
def test_only_the_hour_of_summer_time_may_be_gone_back(times: list[float], back: float | None) -> None:
    record = recorder()
    rows = [LogRow(step, step + 1, time=time) for step, time in enumerate(times)]
    extract(evidence(read=readings(metrics=rows)), record)
    assert value(record, "log.clock_back") == back
