"""The page as a whole: order, figures to the digit, and nothing in the words of a program."""

from __future__ import annotations

import re

import pytest
from made_motion import series_of
from markdown_it import MarkdownIt
from msgspec.structs import replace
from report_text import shown

from diagnose.core.values import Confidence
from diagnose.report.formats import render
from diagnose.report.page import brief
from diagnose.verdict.motion import table_of
from diagnose.verdict.report import Report

SECTIONS = [
    "What to do now",
    "What matters first",
    "What your settings really do",
    "What the run needs",
    "The checklist before a run",
    "Which checkpoint to keep",
    "The two experts",
    "How the weights grew",
    "Checkpoints",
    "Where it learned",
    "The next config",
    "Other findings",
    "What went well",
    "What was not checked",
    "Thresholds used",
    "Appendix",
]


def headings(markdown: str, mark: str) -> list[str]:
    return re.findall(rf"^{mark} (.+)$", markdown, flags=re.MULTILINE)


def section(markdown: str, title: str) -> str:
    return markdown.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture(params=["failing", "healthy", "unknown", "ahead"])
def report(request: pytest.FixtureRequest) -> Report:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Report)
    return made


def test_sections_come_in_reading_order(failing: Report) -> None:
    page = render(failing, "markdown", full=True)
    assert headings(page, "#") == ["run-v15"]
    ahead = {"What the run needs", "The checklist before a run"}
    assert headings(page, "##") == [title for title in SECTIONS if title not in ahead]


def test_every_page_keeps_that_order(report: Report) -> None:
    found = headings(render(report, "markdown", full=True), "##")
    assert found == [title for title in SECTIONS if title in found]


def test_no_page_speaks_python_or_holds_an_empty_place(report: Report) -> None:
    page = render(report, "markdown", full=True)
    assert page.endswith("\n")
    page = page.replace("```", "a fence")
    for word in ("None", "nan", "True", "False", "()", "``", "****", " ,", "\n\n\n", " \n"):
        assert word not in page, word


def test_every_table_has_rows(report: Report) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(render(report, "markdown", full=True))
    kinds = [token.type for token in tokens]
    assert kinds.count("tbody_open") == kinds.count("table_open")


@pytest.mark.parametrize(
    ("confidence", "going", "sentence"),
    [
        (Confidence.HIGH, False, "Another run of this config would end the same way."),
        (Confidence.LOW, False, "Another run of this config might end the same way."),
        (Confidence.HIGH, True, "If it is still running, stop it."),
        (Confidence.LOW, True, "It may still be running; this covers its steps so far."),
    ],
)
def test_what_the_verdict_means_is_said_as_surely_as_it_is_known(
    failing: Report, confidence: Confidence, going: bool, sentence: str
) -> None:
    findings = tuple(replace(finding, confidence=confidence) for finding in failing.findings)
    report = replace(failing, findings=findings, run=replace(failing.run, open=going))
    assert render(report, "markdown", full=True).splitlines()[2].endswith(f" {sentence}")


def test_the_verdict_is_one_line_and_the_run_is_placed(failing: Report) -> None:
    lines = render(failing, "markdown", full=True).splitlines()
    assert lines[2] == (
        "**Failing.** The low-noise expert overpowers the high-noise one: the motion fades. How sure: high confidence; "
        "its limits are from one reference run. Another run of this config would end the same way."
    )
    assert lines[4].startswith("Trainer: **ai-toolkit-relaxis** (fork). ")
    reason = "Trainer: ai-toolkit-relaxis (the log has a rate per expert, `metrics_run-v15.jsonl:1`)"
    assert reason in section(render(failing, "markdown", full=True), "Appendix")
    assert "Intent: **motion** (--intent motion)." in lines[4]
    assert "Trained **3070** of 10000 steps; interrupted at step 3069." in lines[4]
    assert lines[4].endswith(" You set `weight_ratio_min` to `1.4` instead of `1.5`.")


def test_what_matters_first_leads_with_the_cause_and_lists_its_symptoms_in_a_line(failing: Report) -> None:
    first = section(render(failing, "markdown", full=True), "What matters first")
    assert headings(first, "###") == [
        "1. The learning-rate ratio is too small for motion",
        "2. The run trained too long",
    ]
    symptom = next(line for line in first.splitlines() if line.startswith("- **Critical**"))
    assert "overpowers" in symptom
    assert "weight ratio ended at 1.19" in symptom
    assert "- **1.35** · learning-rate ratio high/low in the last row · `metrics_run-v15.jsonl:3070`" in first
    assert "come from one reference run" in first


def test_findings_that_are_not_first_stand_in_full_once(failing: Report) -> None:
    page = render(failing, "markdown", full=True)
    other = section(page, "Other findings")
    assert headings(other, "###") == [
        "The low-noise expert overpowers the high-noise one",
        "The high-noise expert is too weak for motion",
        "Too many steps are configured",
    ]
    assert "*Known limits:* A LoRA of another rank starts from another random reading." in other
    assert "Severity lowered: only one checkpoint pair lies after step 2400." in other
    assert "**+5.4 %** · growth of the weight magnitude, high-noise expert" in other
    for title in headings(page, "###"):
        assert page.count(f"### {title}\n") == 1


def test_the_figures_of_the_experts_are_printed_to_the_digit(failing: Report) -> None:
    rows = {
        cells[1].strip(): [cell.strip() for cell in cells[2:4]]
        for cells in (
            line.split("|") for line in section(render(failing, "markdown", full=True), "The two experts").splitlines()
        )
        if len(cells) == 5
    }
    assert rows["Learning rate, last logged"] == ["1.48e-4", "1.1e-4"]
    assert rows["Loss, mean"] == ["0.0755", "0.0826"]
    assert rows["Loss, standard deviation"] == ["0.0715", "0.0415"]
    assert rows["Steps averaged"] == ["steps 1536 to 3069"] * 2
    assert rows["Batches averaged"] == ["783", "752"]
    assert rows["Gradient stability"] == ["0.486", "0.486"]
    assert rows["Weight magnitude"] == ["0.005605", "0.004710"]
    assert rows["Untrained LoRA (baseline)"] == ["0.003912", "0.003914"]
    assert rows["Late growth of the magnitude"] == ["+5.4 %", "+7.1 %"]


def test_thresholds_flag_what_the_user_set(failing: Report) -> None:
    lines = section(render(failing, "markdown", full=True), "Thresholds used").splitlines()
    assert [line for line in lines if "**set by you**" in line] == [
        line for line in lines if "weight_ratio_min" in line
    ]
    assert "one reference run" in next(line for line in lines if "`lr_ratio_min`" in line)
    assert "arithmetic" in next(line for line in lines if "`bf16_step`" in line)


def test_settings_are_shown_as_written_and_as_taken(failing: Report) -> None:
    text = section(render(failing, "markdown", full=True), "What your settings really do")
    assert "`uint4\\|adapters/wan22.safetensors`" in text
    assert "no effect" in text
    assert "`config.yaml:64`" in text


def test_the_appendix_names_engine_claims_passed_rules_and_proof(failing: Report) -> None:
    appendix = section(render(failing, "markdown", full=True), "Appendix")
    assert headings(appendix, "###") == [
        "How this report was made",
        "Checks that passed (2)",
        "Claims of the reference run",
        "The proof, step by step",
    ]
    assert "Engine: durable_rules 2.0.28 (restricted" in appendix
    assert "`snr-weighting-incompatible`, `model-arch-mismatch`." in appendix
    assert "- **CFG-05** Learning-rate ratio high/low: at least 3" in appendix
    assert "should stay above 1.5. *single-run.* Seen in one run only." in appendix
    assert "`weights.growth` of low-noise expert = `7.1`; no `run.crashed`" in appendix


def test_a_long_list_of_files_is_cut_visibly(failing: Report) -> None:
    many = replace(failing, run=replace(failing.run, files=tuple(f"f{index}" for index in range(40))))
    assert "`f11` and 28 more, in the JSON report" in render(many, "markdown", full=True)


def test_a_healthy_run_is_told_so(healthy: Report) -> None:
    page = render(healthy, "markdown", full=True)
    assert "**Healthy.**" in page
    assert "No fault was found: 2 checks passed." in page
    assert "Nothing to change." in page
    assert "2200, final" in page
    assert "Saving every 100 steps made the best checkpoint findable" in page


def test_an_unknown_run_says_what_is_unknown_and_what_to_provide(unknown: Report) -> None:
    page = render(unknown, "markdown", full=True)
    for words in (
        "The trainer is unknown",
        "What the LoRA should learn is unknown",
        "Steps trained: unknown; end unknown.",
        "Nothing could be checked.",
        "Neither the log nor the weights tell anything about the experts.",
        "The learning-rate ratio high/low is unknown",
        "No checkpoint found, or none could be read.",
        "There is no config to start from.",
        "`trained-too-long`: the intent is not known to be motion.",
    ):
        assert words in page


def test_unreachable_health_is_not_claimed(healthy: Report, unknown: Report) -> None:
    page = render(replace(healthy, not_evaluated=unknown.not_evaluated), "markdown", full=True)
    assert "No fault was found: 2 checks passed, 4 could not be made." in page


def test_a_config_is_not_spoken_of_as_a_run(ahead: Report) -> None:
    page = render(ahead, "markdown", full=True)
    opening = page.splitlines()[4]
    assert opening.startswith("Trainer: **ai-toolkit-relaxis** (fork).")
    assert "Length: **10000** steps." in opening
    assert "## Checkpoints" not in page
    assert "Learning rate, last logged" not in page
    assert "2.00 in the config, in effect" in page


def test_the_page_in_order(failing: Report) -> None:
    blocks = shown(brief(failing))
    heads = [block for block in blocks if block.startswith("#")]
    assert heads == ["# run-v15", "## What to do now", "## What was found", "## Figures", "## The next config"]
    assert blocks[1] == (
        "**Failing.** The low-noise expert overpowers the high-noise one: the motion fades. How sure: high confidence; "
        "its limits are from one reference run. Another run of this config would end the same way."
    )
    assert blocks[2].endswith("interrupted at step 3069. You set `weight_ratio_min` to `1.4` instead of `1.5`.")
    assert blocks[-2].startswith("Not checked: 4 checks; add the previews (samples/) for 2 of them.")


def test_a_story_is_one_entry_with_its_evidence_and_its_members_by_title(failing: Report) -> None:
    blocks = shown(brief(failing))
    first, second, minor = blocks[blocks.index("## What was found") + 1].splitlines()
    assert first == (
        "1. **Critical: The learning-rate ratio is too small for motion.** The high-noise rate was 1.35 times the "
        "low-noise rate in the last row; motion needs at least 3. As a result: From step 2400 to 3000 the low-noise "
        "weights grew by 7.1 %, the high-noise ones by 5.4 %; the weight ratio ended at 1.19, under 1.50. How sure: high confidence; its limits are from one reference "
        "run. Where: `metrics_run-v15.jsonl:3070`, step 3069. Rule: `lr-ratio-too-small`. Same story: The low-noise expert overpowers the "
        "high-noise one (critical); The high-noise expert is too weak for motion (major)."
    )
    assert second.startswith("2. **Major: The run trained too long.**")
    assert minor.startswith("3. **Minor: Too many steps are configured.**")


def test_findings_of_one_rule_are_one_entry(healthy: Report, failing: Report) -> None:
    keys = [replace(failing.findings[4], subject=name, message=f"{name} is not read.") for name in "abcdef"]
    blocks = shown(brief(replace(healthy, findings=tuple(keys))))
    (entry,) = blocks[blocks.index("## What was found") + 1].splitlines()
    assert entry.endswith(
        "a is not read. How sure: high confidence. Rule: `steps-configured-too-many`. Also: b is not read; c is not read; d is not read; 2 more."
    )


def test_tables_come_after_the_last_fault(failing: Report) -> None:
    text = render(failing, "markdown")
    assert text.index("Too many steps are configured") < text.index("| ---")


def test_the_figures_and_the_keys_that_change(failing: Report) -> None:
    text = render(failing, "markdown")
    assert "| Learning rate, last logged   |    1.48e-4 |    1.1e-4 |" in text
    assert "LR ratio high/low: 1.35 in the log; 2.00 in the config, in effect." in text
    assert "Best checkpoints: steps 1900 to 2100." in text
    assert "| `train.optimizer_params.high_noise_lr_bump` | `1e-5`  | `2e-5` |" in text


def test_a_healthy_run_has_no_fault(healthy: Report) -> None:
    blocks = shown(brief(healthy))
    assert "No fault." in blocks
    assert "Nothing to change." in blocks
    assert "## The next config" not in blocks


def test_a_config_shows_how_it_does_in_the_checklist(ahead: Report) -> None:
    blocks = shown(brief(ahead))
    assert "Checklist: 1 passed, 1 failed, 1 unknown." in blocks


def test_a_comment_tells_of_the_motion_in_a_line(failing: Report) -> None:
    moving = replace(failing, motion=table_of(series_of({0: (0.2, 0.2), 100: (0.1, 0.1)})))
    told = "Motion: At step 100 the previews move **50 %** as much as at step 0, the model without the LoRA."
    assert told in shown(brief(moving))
    assert not any(each.startswith("Motion:") for each in shown(brief(failing)))
