"""The functions of the library: plain values in, one report out, and clear words for a slip."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from labelled_runs import DATA

import diagnose
from diagnose import DiagnoseError, Settings, UnfitError, log_rows, next_config, postmortem, preflight, require
from diagnose.report.formats import formats

RUN = DATA / "fork-frozen"
CONFIG = RUN / "config.yaml"
BLOCKED = DATA / "fork-snr" / "config.yaml"


def test_settings_come_by_keyword_in_the_forms_one_has() -> None:
    said = postmortem(str(RUN), intent="character", parameters={"lr_ratio_min": 2.5}, motion_words="spin", rules=[])
    held = postmortem(RUN, Settings(intent="character", parameters={"lr_ratio_min": "2.5"}, motion_words=("spin",)))
    assert said == held
    assert said.run.intent == "character"
    both = next_config(CONFIG, Settings(intent="motion"), strategy="conservative")
    assert (both.run.intent, both.next.strategy) == ("motion", "conservative")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"intent": "moton"}, "intent 'moton': give one of character, motion, style"),
        ({"trainer": "kohya"}, "trainer 'kohya': give one of ai-toolkit"),
        ({"strategy": "bold"}, "strategy 'bold': give one of"),
        ({"intnet": "motion"}, "intnet: there is no such setting; did you mean intent?"),
        ({"parameters": {"lr_ratio_mini": 2}}, "parameters lr_ratio_mini: there is no such parameter"),
        ({"dataset": "/nowhere"}, r"/nowhere: no such folder; give the folder of the clips and captions \(dataset\)"),
        ({"split": True, "trainer": "ai-toolkit-relaxis", "intent": "motion"}, "split: "),
    ],
)
def test_a_slip_is_told_in_the_words_of_the_library(said: dict[str, Any], words: str) -> None:
    with pytest.raises(DiagnoseError, match=words) as error:
        next_config(CONFIG, **said)
    assert "--" not in str(error.value)


def test_a_config_may_be_a_text_or_a_mapping() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    of_file, of_text, of_dict = (preflight(each) for each in (CONFIG, text, yaml.safe_load(text)))
    names = [each.name for each in of_file.findings]
    assert [each.name for each in of_text.findings] == [each.name for each in of_dict.findings] == names
    assert of_text.run.name == of_dict.run.name == of_file.run.name
    assert next_config(text).next.config == next_config(CONFIG).next.config
    tupled = {"job": "extension", "config": {"name": "x", "process": ({"type": "sd_trainer", "train": {"lr": 1e-4}},)}}
    assert preflight(tupled).run.name == "x"
    assert (
        preflight('{"job": "extension",\n "config": {"name": "y", "process": [{"type": "sd_trainer"}]}}').run.name
        == "y"
    )


@pytest.mark.parametrize("config", [{"a": object()}, {"a": 1}, "a: [\n", "- 1\n"])
def test_what_is_no_config_is_one_line_without_a_file_of_ours(config: Any) -> None:
    with pytest.raises(DiagnoseError) as error:
        preflight(config)
    assert "diagnose-" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_report_shows_itself(tmp_path: Path) -> None:
    report = preflight(BLOCKED)
    assert re.fullmatch(r"<Report '[^']+': blocked, \d+ blocker, [^>]*>", repr(report))
    assert str(report) == repr(report)
    assert all(report.to(form) for form in formats())
    assert report._repr_markdown_() == report.to("markdown")
    frame = report._repr_html_()
    assert frame.startswith("<iframe srcdoc=")
    assert frame.count("<") == 2, "the page is inside the attribute, escaped"
    for ending, start in ((".html", "<!doctype html>"), (".md", "# "), (".json", "{"), (".sarif", "{"), (".txt", "")):
        report.save(tmp_path / f"r{ending}")
        assert (tmp_path / f"r{ending}").read_text(encoding="utf-8").startswith(start)
    report.save(str(tmp_path / "page"), "html")
    assert pickle.loads(pickle.dumps(report)).verdict == report.verdict  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("path", "words"),
    [("r.pdf", "no format ends in"), ("{run}/r.md", "never written to"), ("no/r.md", "cannot be written")],
)
def test_a_report_is_not_saved_just_anywhere(path: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(DiagnoseError, match=words):
        postmortem(RUN).save(path.format(run=RUN) if "{" in path else tmp_path / path)
    with pytest.raises(DiagnoseError, match="give one of"):
        preflight(CONFIG).to("docx")


def test_a_script_is_stopped_before_a_run_that_would_be_wasted() -> None:
    with pytest.raises(UnfitError, match=r"min-snr-gamma|snr-weighting") as error:
        require(BLOCKED)
    assert error.value.report.verdict.status.value == "blocked"
    assert require(BLOCKED, fail_on="never").run.name
    assert require(CONFIG, intent="motion").run.intent == "motion"
    with pytest.raises(DiagnoseError, match="fail_on 'blokker'"):
        require(CONFIG, fail_on="blokker")


def test_the_log_is_there_row_by_row() -> None:
    assert [row.step for row in log_rows(str(RUN))] == list(range(40))


def test_every_function_shows_an_example_in_its_docstring() -> None:
    for name in ("postmortem", "preflight", "next_config", "require", "log_rows"):
        example = [
            line.strip() for line in (getattr(diagnose, name).__doc__ or "").splitlines() if line.startswith(" " * 8)
        ]
        assert any(f"{name}(" in line for line in example), name
    for name in ("to", "save"):
        assert f"report.{name}(" in (getattr(diagnose.Report, name).__doc__ or "")


def test_the_examples_of_the_docstrings_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "my_lora").symlink_to(RUN)
    (tmp_path / "my_config.yaml").write_text(CONFIG.read_text())
    names: dict[str, Any] = {name: getattr(diagnose, name) for name in diagnose.__all__} | {"config": str(CONFIG)}
    for name in ("postmortem", "next_config", "require", "log_rows"):
        for line in (getattr(diagnose, name).__doc__ or "").split("Args:")[0].split("Raises:")[0].splitlines():
            if line.startswith(" " * 8):
                exec(line.strip(), names)  # noqa: S102 - our own docstring
    assert (tmp_path / "report.html").exists()
