"""What a person sees in a minute: from the screen alone, is it all right, what is wrong, how sure is that, what to do."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from diagnose import Report, postmortem
from diagnose.report.formats import render


class Screen(Struct):
    """The screen of a run, as 80 columns show it, in parts; spaces and line breaks do not count."""

    path: Path
    report: Report
    state: str
    story: str
    actions: str
    rest: str

    def title(self, name: str) -> str:
        return next(finding.title for finding in self.report.findings if finding.name == name)

    def command(self, *options: str) -> str:
        return " ".join(["diagnose next", str(self.path), *options, "-o next.yaml"])


def seen(path: Path) -> Screen:
    report = postmortem(path)
    text = render(report, "terminal", width=80, color=False)
    top, _, below = text.partition("\n\nDo this")
    state, _, story = top.partition("\n\n")
    actions, _, rest = below.partition("\n\n")
    return Screen(path, report, *(" ".join(part.split()) for part in (state, story, actions, rest)))


def judged(path: Path, status: str, fault: str, sure: str) -> Screen:
    """Return the screen of a run that went wrong: it says which run has which status, the main fault, and how sure."""
    screen = seen(path)
    assert f"{path.name.partition('-')[2]} {status} " in screen.state
    assert screen.story.startswith(screen.title(fault))
    assert f"How sure: {sure}" in screen.story
    return screen


def test_run_v15(v15_dir: Path) -> None:
    screen = seen(v15_dir)
    assert screen.state == (
        "run-v15 FAILING motion (guessed) · ai-toolkit-relaxis (fork) · 3070 of 10000 steps, interrupted at step 3069"
    )
    assert screen.story.startswith(screen.title("low-noise-overpowering"))
    assert "Likely cause: " in screen.story
    assert "1.35" in screen.story.partition("Likely cause: ")[2]
    assert "How sure: low confidence; this run also fits another cause: overtraining of both experts" in screen.story
    assert "1 Render steps 2000, 2200 and 2400 with one seed and keep the best" in screen.actions
    assert f"2 Create the next config (7 changes): {screen.command()} Changes: high_noise_lr_bump" in screen.actions
    assert "high_noise_lr_bump 1e-5 → 2e-5" in screen.actions
    assert "steps 10000 → 2200" in screen.actions
    assert "1.35 target 3 to 5, next config 4.80" in screen.rest
    assert "1.17 best: steps 2000, 2200 and 2400" in screen.rest


def test_run_v17_is_healthy_and_says_which_checkpoint_to_use(v17_dir: Path) -> None:
    screen = seen(v17_dir)
    assert screen.state.startswith("run-v17 HEALTHY ")
    assert screen.story.startswith("No fault was found")
    assert screen.actions.startswith("1 Render steps 2000 and 2200 with one seed and keep the best")
    assert "diagnose next" not in screen.actions
    assert "4.19 target 3 to 5" in screen.rest
    assert not screen.rest.partition("loss")[2].startswith("found")


def test_a_lora_that_loads_too_strongly(real: Path) -> None:
    screen = judged(real / "fork-a_ratio135", "FAILING", "lora-scale-mismatch", "high confidence")
    assert "1 Load these files at strength 0.25: they were trained at that scale." in screen.actions
    assert f"{screen.command()} Changes: linear_alpha 16 → 64; timestep_type weighted → linear" in screen.actions


def test_keys_that_are_dropped_and_the_three_that_are_missing(real: Path) -> None:
    screen = judged(real / "fork-g_no_base_bump", "FAILING", "per-expert-lr-not-in-effect", "high confidence")
    added = "lr_bump 5e-6 (new); min_lr 5e-6 (new); max_lr 1e-4 (new)"
    assert f"{screen.command()} Changes: {added}" in screen.actions


def test_a_rate_that_blew_the_training_up(real: Path) -> None:
    screen = judged(real / "fork-i_nan", "BLOCKED", "learning-rate-extreme", "high confidence")
    assert "1e20" in screen.story
    assert "NaN" in screen.story.partition("As a result: ")[2]
    assert "1 Lower the learning rate: train.lr is 1e20" in screen.actions
    assert "2 Use no checkpoint of this run and start again from nothing" in screen.actions
    assert f"{screen.command()} Changes: lr 1e20 → 1e-4;" in screen.actions


def test_a_trainer_with_one_rate_for_both_experts(real: Path) -> None:
    screen = judged(
        real / "main-o_a_automagic",
        "NEEDS ATTENTION",
        "lr-ratio-too-small",
        "low confidence; this run also fits another cause: the optimizer's own ratio",
    )
    assert "1.00" in screen.story
    assert "because this trainer has one rate for both experts" in screen.actions
    assert f"{screen.command('--split')} Changes: lr_bump high 2e-5, low 5e-6;" in screen.actions
    assert "next config 4.80" in screen.rest


def test_a_short_run_without_a_log(real: Path) -> None:
    screen = judged(real / "main-o_j_nologging", "NEEDS ATTENTION", "steps-configured-too-few", "medium confidence")
    assert "40 of 40 steps" in screen.state
    assert screen.story.startswith(f"{screen.title('steps-configured-too-few')}. The config sets 40 steps; ")
    assert f"{screen.command('--split')} Changes: " in screen.actions
    assert "steps 40 → 1100" in screen.actions
    for name in ("trained-too-short", "lr-ratio-too-small"):
        assert screen.title(name) in screen.rest
