"""Configs that people published, where they are at hand: nothing false is said of the trainer, and nothing crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import TRAINERS
from trainer_names import AI_TOOLKIT

from diagnose import preflight
from diagnose.trainers.aitoolkit.config_file import read_config
from diagnose.trainers.declared import Config
from diagnose.verdict.report import Report

FOLDER = Path(__file__).parents[3] / "shared" / "cases" / "configs"
PUBLIC = sorted(FOLDER.glob("*.yaml"))
needs_configs = pytest.mark.skipif(not PUBLIC, reason="the public configs are not at hand")


def named(report: Report) -> set[str]:
    return {finding.name for finding in report.findings}


def told(report: Report, path: str) -> set[object]:
    return {row.effective for row in report.effective if row.path == path}


@needs_configs
@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.stem)
def test_every_line_of_the_table_is_true_to_its_file(path: Path) -> None:
    config = Config(read_config(path), TRAINERS[AI_TOOLKIT])
    rows = preflight(path).effective
    assert rows
    for row in rows:
        written = config.raw.setting(row.path)
        assert (row.declared is not None) is written.written, row.path
        assert row.effective != row.declared
        assert row.why
        assert row.source is not None
        if written.written:
            assert row.source.line == written.place.line


CASES = [
    ("document_motion_4x", {"per-expert-lr-not-in-effect", "lora-scale-mismatch", "high-noise-starved-by-sampling"}, {"wrong-boundary", "linear-alpha-not-used"}),
    ("relaxis_example_i2v_alpha_scheduling", {"lora-scale-mismatch", "best-checkpoint-pruned"}, {"per-expert-lr-not-in-effect"}),
    ("ui_default_wan22_14b_i2v", {"stills-teach-no-motion", "wrong-boundary", "expert-swap-every-step"}, {"clip-length-sets-speed", "losses-not-logged"}),
    ("preset_wan22_14b_i2v_balanced", {"cached-latents-crash-i2v", "recovery-adapter-of-another-model"}, {"caption-dropout-not-applied"}),
    ("pyqt_gui_wan22_video", {"frames-not-4n-plus-1", "resolution-list-copies-the-data"}, {"cached-latents-crash-i2v", "recovery-adapter-of-another-model"}),
    ("tiongkai_plan_stabbing_t2v", {"arch-unknown", "base-model-not-diffusers", "config-key-unknown"}, {"frame-rate-mismatch"}),
    ("tiongkai_wiki_i2v_example", {"optimizer-is-a-mapping", "base-model-without-owner"}, {"learning-rate-not-set"}),
    ("mocliamg1_dual_i2v_t2v", {"setting-refused", "arch-unknown"}, {"model-arch-mismatch"}),
    ("book_example_motion_wan22_t2v", {"scheduler-not-flow-matching"}, {"high-noise-starved-by-sampling", "previews-without-weights"}),
    ("igavroche_i2v_chanel_24gb", {"config-key-ignored", "preview-without-first-frame"}, {"learning-rate-extreme"}),
    ("issue421_motion_V1_i2v", {"no-previews", "clip-length-sets-speed"}, {"previews-without-weights", "wrong-boundary"}),
    ("xingzhao_t2v_24gb_localpath", set(), {"recovery-adapter-of-another-model", "stills-teach-no-motion"}),
]  # fmt: skip


@needs_configs
@pytest.mark.parametrize(("name", "expected", "forbidden"), CASES, ids=[case[0] for case in CASES])
def test_what_was_checked_by_hand(name: str, expected: set[str], forbidden: set[str]) -> None:
    found = named(preflight(FOLDER / f"{name}.yaml"))
    assert expected <= found
    assert not forbidden & found


@needs_configs
def test_boundaries_and_what_is_left_of_the_saves() -> None:
    upstream = preflight(FOLDER / "ui_default_wan22_14b_i2v.yaml")
    assert told(upstream, "model.boundary_ratio") == {"experts split at 0.875"}
    assert told(upstream, "save.max_step_saves_to_keep") == {"saves before step 2250 are deleted by the end"}
    fork = preflight(FOLDER / "document_motion_4x.yaml")
    assert told(fork, "model.boundary_ratio") == {"experts split at 0.900"}
    assert told(fork, "train.steps") == {
        "1100 updates of the high-noise expert",
        "1100 updates of the low-noise expert",
    }
