"""What the learning rates come to: the answer in a sentence, and a row for each config."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from report_text import shown

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.outlook.forecast import Forecast, ForecastPoint
from diagnose.report.sections.rates_to_come import MOST_ROWS, forecast, outlook
from diagnose.verdict.next.next_config import NextConfig, Outlook, Reach
from diagnose.verdict.report import Report

WANTED = (3.0, 5.0)
NOTHING = {"high": None, "low": None}
THIS = Outlook("this config", 2200, {"high": 1.5e-5, "low": 1.5e-5}, 1.0, (0.87, 1.15), None, Reach.UNDER, "")
BOLD = Outlook("recommended", 2200, {"high": 2.03e-4, "low": 4.29e-5}, 4.73, (4.18, 5.35), 200, Reach.WITHIN, "")
CALM = Outlook("conservative", 2200, {"high": 1.62e-4, "low": 4.29e-5}, 3.77, (3.33, 4.26), 400, Reach.WITHIN, "")


def plan(*rows: Outlook, strategy: str = "recommended", wanted: tuple[float, float] | None = WANTED) -> NextConfig:
    return NextConfig(strategy, (), (), "text", "diff", "", outlook=rows, lr_ratio_wanted=wanted)


def steady(config: str) -> Outlook:
    return Outlook(config, None, NOTHING, 1.0, None, None, Reach.UNDER, "adamw trains both experts at one rate")


def test_the_question_is_answered_in_a_sentence() -> None:
    answer, _ = shown(outlook(plan(THIS, BOLD, CALM)))
    assert answer == (
        "**Expected learning rates.** With this config, the LR ratio high/low is about 1.00 at step 2200, under the "
        "target of 3 to 5. With the next one, it is about 4.73 at step 2200, within the target of 3 to 5."
    )


def test_both_strategies_have_a_row() -> None:
    _, table = shown(outlook(plan(THIS, BOLD, CALM)))
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert [row[0] for row in cells[2:]] == ["this config", "next, recommended", "next, conservative"]
    assert cells[3][1:] == ["2200", "2.03e-4", "4.29e-5", "4.73", "4.18 to 5.35", "200"]


def test_strategies_that_come_to_the_same_share_a_row() -> None:
    _, table = shown(outlook(plan(THIS, BOLD, replace(BOLD, config="conservative"))))
    assert [line.split("|")[1].strip() for line in table.splitlines()[2:]] == ["this config", "next, either strategy"]


def test_a_miss_is_said_plainly() -> None:
    low = Outlook("conservative", 2200, {"high": 1e-4, "low": 4e-5}, 2.5, (2.0, 3.0), None, Reach.UNDER, "")
    over = Outlook("recommended", 2200, {"high": 3e-4, "low": 4e-5}, 7.5, (7.0, 8.0), 200, Reach.OVER, "")
    (answer, _) = shown(outlook(plan(THIS, BOLD, low)))
    assert answer.endswith("**The conservative strategy stays under the target.**")
    (answer, _) = shown(outlook(plan(THIS, over, CALM)))
    assert answer.endswith("**The recommended strategy goes over the target.**")
    (answer, _) = shown(outlook(plan(THIS, over, low)))
    assert "7.50 at step 2200, over the target of 3 to 5" in answer
    assert answer.endswith("**Neither strategy hits the target.**")


def test_where_no_rate_moves_a_sentence_is_enough() -> None:
    (answer,) = shown(outlook(plan(*map(steady, ("this config", "recommended", "conservative")))))
    assert "With this config and the next, the LR ratio high/low stays 1.00, under the target of 3" in answer
    assert "(adamw trains both experts at one rate)" in answer
    assert "Neither strategy" in answer


def test_what_cannot_be_told_has_its_reason() -> None:
    unknown = Outlook("this config", None, NOTHING, None, None, None, None, "one expert is trained alone")
    answer, _ = shown(outlook(plan(unknown, BOLD, CALM)))
    assert "With this config, the LR ratio high/low is unknown: one expert is trained alone." in answer


def test_other_intents_want_no_ratio() -> None:
    rows = [replace(each, wanted_from=None, reach=None) for each in (THIS, BOLD, CALM)]
    answer, _ = shown(outlook(plan(*rows, wanted=None)))
    assert "motion" not in answer


def test_no_config_no_outlook() -> None:
    assert shown(outlook(plan())) == []


def expected(report: Report, count: int, low: float) -> list[str]:
    points = tuple(ForecastPoint(100 * n, 2e-5 * n, low * n, 2e-5 / low, (0.9, 1.1)) for n in range(1, count + 1))
    found = Forecast(dict.fromkeys(Expert, 0.486), points, ("chance decides",))
    return shown(forecast(replace(report, forecast=found)))


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 10, 11, 23])
def test_a_few_rows_and_always_the_last(healthy: Report, count: int) -> None:
    _, shown, assumed = expected(healthy, count, 1e-5)
    rows = [line.split("|")[1].strip() for line in shown.splitlines()[2:]]
    assert len(rows) <= MOST_ROWS
    assert rows[-1] == str(100 * count)
    assert assumed == "Assumed: Chance decides."


def test_the_same_settings_need_no_table(healthy: Report) -> None:
    _, shown, _ = expected(healthy, 10, 2e-5)
    assert shown == (
        "Both experts have the same settings, so the LR ratio high/low stays 1; the rate is 2e-4 at step 1000."
    )


def test_no_forecast_no_section(healthy: Report) -> None:
    assert shown(forecast(replace(healthy, forecast=None))) == []
