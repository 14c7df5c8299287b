"""Four reports: a run that fails as the source document's did, a healthy one, one of which hardly anything is
known, and a config that has not been run."""

from __future__ import annotations

import pytest
from builders import DECLARATIONS
from msgspec.structs import replace
from report_text import TITLES

from diagnose.core.values import Confidence, Notation, Place, Remark, Scalar, Severity
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.trend import Trend
from diagnose.facts.weights.courses import Course, Measure, Turn
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.keep import Keep, Opinion
from diagnose.facts.weights.location import Direction, Location, Part
from diagnose.facts.weights.trajectory import Span, Trajectory
from diagnose.rulebase.rule import Applicability, ChangeOp, Param
from diagnose.sources.readings import SampleFile
from diagnose.verdict.curves import Curves, ModuleChange, ModuleMap, Session, Spread, Stretch
from diagnose.verdict.judgement import (
    BoundFact,
    ChainLink,
    Change,
    Citation,
    Evidence,
    Finding,
    NotEvaluated,
    Passed,
    TraceStep,
)
from diagnose.verdict.needs import Needs
from diagnose.verdict.next.next_config import NextConfig
from diagnose.verdict.report import Report, Tool
from diagnose.verdict.run_summary import RunSummary
from diagnose.verdict.run_tables import CheckpointRow, ExpertFigures, LrRatio
from diagnose.verdict.settings_in_effect import EffectiveSetting
from diagnose.verdict.stories import Status, Verdict
from diagnose.verdict.ticked_items import ChecklistItem, ChecklistStatus

CONFIG = "config.yaml"
METRICS = "metrics_run-v15.jsonl"
OPTIMIZER = "train.optimizer_params."
LAST_ROW = Place(METRICS, line=3070, step=3069)
BUMP_LINE = Place(CONFIG, line=64, key=f"{OPTIMIZER}high_noise_lr_bump")
LOW_FILE = Place("run-v15_000003000_low_noise.safetensors", step=3000)
RATIO_MIN = Param("lr_ratio_min", 3, "", "CFG-05", 1)
CFG_05 = Citation("CFG-05", "Learning-rate ratio high/low: at least 3, recommended 4, acceptable up to 5.")
WGT_02 = Citation("WGT-02", "Weight ratio high/low should stay above 1.5.", "single-run", "Seen in one run only.")
PREVIEWS = "the previews (samples/)"
LOG = "a metrics_*.jsonl, loss_log.db or console output"
TOOL = Tool("0.1.0", "3f" * 32, "durable_rules 2.0.28", "restricted to the subset that the property tests cover")

NOT_FINAL = False

DIFF = """--- config.yaml
+++ next.yaml
@@ -61,9 +61,13 @@
-      steps: 10000
+      steps: 2200  # not 10000
-        high_noise_lr_bump: 1.0e-05
+        high_noise_lr_bump: 2.0e-05
"""


def observed(fact: str, meaning: str, value: Scalar | None, source: Place | None, **more: str) -> Evidence:
    notation = DECLARATIONS[fact].notation if fact in DECLARATIONS else Notation.NUMBER
    subject = more.get("subject", "run")
    return Evidence(fact, meaning, value, more.get("unit", ""), subject, source, notation=notation)


PLAIN = Finding("", "", "run", Severity.MAJOR, Confidence.HIGH, "", "", "", (), (), (), (), (), (), ())


def edit(path: str, old: Scalar | None, new: Scalar | None, because: str, *rules: str) -> Change:
    return Change(path, ChangeOp.SET, old, new, because, ("CFG-01",), Applicability.SAFE, rules)


HIGH_BUMP = edit(f"{OPTIMIZER}high_noise_lr_bump", 1e-5, 2e-5, "a ratio of 4 lets it lead", "lr-ratio-too-small")
LOW_CEILING = edit(f"{OPTIMIZER}low_noise_max_lr", None, 1e-4, "it must not outgrow", "low-noise-overpowering")
STEPS = edit("train.steps", 10000, 2200, "good checkpoints end there", "trained-too-long", "steps-configured")
EARLIER = replace(
    edit("", None, None, "use the checkpoint of step 2100: its weight ratio is the largest"),
    op=ChangeOp.ADVISE,
    applicability=Applicability.MANUAL,
)

OVERPOWERING = replace(
    PLAIN,
    name="low-noise-overpowering",
    rule="WGT-002",
    severity=Severity.CRITICAL,
    confidence=Confidence.MEDIUM,
    title="The low-noise expert overpowers the high-noise one",
    message="From step 2400 to 3000 the low-noise weights grew by 7.1 %, the high-noise ones by 5.4 %; "
    "the weight ratio ended at 1.19, under 1.50.",
    why="A low-noise expert that outgrows the other suppresses the motion it learned.",
    claims=(WGT_02, Citation("MON-03", "Low noise overpowering is critical: lower its ceiling or stop earlier.")),
    params=(Param("weight_ratio_min", 1.5, "", "WGT-02", 1),),
    evidence=(
        observed("weights.ratio", "weight ratio high/low in the last checkpoint", 1.1900212, None),
        observed("weights.growth", "growth of the weight magnitude", 5.4, None, unit="%", subject="high"),
        observed("weights.growth", "growth of the weight magnitude", 7.1, None, unit="%", subject="low"),
        observed("weights.magnitude", "mean |w| over all LoRA tensors", 0.00471, LOW_FILE, subject="low"),
    ),
    chain=(ChainLink("LR-001", "lr-ratio-too-small", "The learning-rate ratio is too small for motion"),),
    known_problems=("A LoRA of another rank starts from another random reading.",),
    changes=(EARLIER,),
)
RATIO_SMALL = replace(
    PLAIN,
    name="lr-ratio-too-small",
    rule="LR-001",
    title="The learning-rate ratio is too small for motion",
    message="The high-noise rate was 1.35 times the low-noise rate in the last row; motion needs at least 3.",
    why="Both experts learn at nearly one speed, and the low-noise one sees nine tenths of the timesteps.",
    claims=(CFG_05,),
    params=(RATIO_MIN, Param("lr_ratio_low", 2, "", "CASE-03, half way to the wanted 3", 1)),
    evidence=(
        observed("log.lr_ratio_last", "learning-rate ratio high/low in the last row", 1.3454545, LAST_ROW),
        observed("effective.lr_ratio", "ratio high/low of the bumps as the trainer takes them", 2.0, BUMP_LINE),
    ),
    explains=("low-noise-overpowering", "high-noise-too-weak"),
    changes=(HIGH_BUMP,),
)
TOO_WEAK = replace(
    PLAIN,
    name="high-noise-too-weak",
    rule="WGT-001",
    subject="high",
    title="The high-noise expert is too weak for motion",
    message="Its weight magnitude is 0.005605; strong motion needs 0.008.",
    capped="only one checkpoint pair lies after step 2400",
)
TOO_LONG = replace(
    PLAIN,
    name="trained-too-long",
    rule="DUR-001",
    title="The run trained too long",
    message="3070 steps were trained; motion is learned after 1800 to 2200.",
    params=(Param("steps_max", 2200, "steps", "DUR-02", 1),),
    evidence=(observed("run.steps_trained", "steps trained", 3070, LAST_ROW, unit="steps"),),
    explains=(),
    changes=(STEPS,),
)
CONFIGURED = replace(
    PLAIN,
    name="steps-configured-too-many",
    rule="DUR-002",
    severity=Severity.MINOR,
    title="Too many steps are configured",
    message="10000 steps are configured; 2200 are enough.",
)
SAVES = replace(
    PLAIN,
    name="save-cadence-good",
    rule="MON-010",
    severity=Severity.GOOD,
    title="Saving every 100 steps made the best checkpoint findable",
    message="save.save_every is 100.",
    evidence=(observed("config.save_every", "save.save_every", 100, Place(CONFIG, line=33), unit="steps"),),
)


def expert(*, high: bool) -> ExpertFigures:
    return ExpertFigures(
        lr_first=1e-5 if high else 8e-6,
        lr_last=0.000148 if high else 0.00011,
        loss_mean=0.0755 if high else 0.0826,
        loss_std=0.0715 if high else 0.0415,
        batches=783 if high else 752,
        gradient_stability=0.486 if high else 0.4863,
        window="steps 1536 to 3069",
        batches_total=1535,
        magnitude=0.005605 if high else 0.004710,
        untrained_magnitude=0.003912 if high else 0.003914,
        update_norm=11.4212 if high else 9.87,
        growth=0.054 if high else 0.071,
        growth_window="steps 2400 to 3000",
    )


def saved(step: int) -> CheckpointRow:
    """A saved step of the failing run: the ratio is largest at step 2100."""
    high, low = 0.0039 + step * 7e-7, 0.0039 + (step * 2e-7 if step <= 2100 else step * 3.8e-7)
    files = tuple(f"run-v15_{step:09d}_{name}_noise.safetensors" for name in ("high", "low"))
    return CheckpointRow(
        step,
        NOT_FINAL,
        {"high": high, "low": low},
        high / low,
        {"high": step * 0.0038, "low": step * 0.0033},
        {"high": 1.48e-4, "low": 1.1e-4},
        1.35,
        files,
        best=step == 2100,
    )


RUN_V15 = RunSummary(
    name="run-v15",
    path="runs/run-v15",
    trainer="ai-toolkit-relaxis",
    trainer_kind="fork",
    may_be=("ai-toolkit", "ai-toolkit-relaxis"),
    trainer_evidence=(observed("run.trainer", "the log has a rate per expert", "x", Place(METRICS, line=1)),),
    intent="motion",
    intent_evidence=("--intent motion",),
    steps_configured=10000,
    steps_trained=3070,
    finished=False,
    ended="interrupted at step 3069",
    files=(CONFIG, METRICS),
    validity=("The layer widths are those of WAN 2.2 A14B, on which the thresholds were read.",),
)
NOT_JUDGED = (
    NotEvaluated("motion-degraded", "SMP-001", "Motion faded", (PREVIEWS,), ("motion.trend",), ""),
    NotEvaluated("caption-missing", "DAT-001", "A caption is missing", ("the data set",), ("data.captions",), ""),
    NotEvaluated("motion-weak-from-start", "SMP-002", "Motion weak", (PREVIEWS,), ("motion.first",), ""),
    NotEvaluated("trained-too-short", "DUR-003", "Too short", (), (), "its thresholds are for motion only"),
)
EFFECTIVE = (
    EffectiveSetting("network.alpha_schedule", "phases", "reaches no module", "no convolution here", BUMP_LINE),
    EffectiveSetting("model.qtype", "uint4|adapters/wan22.safetensors", None, "it is read at load only", None),
)
BOUND = (
    BoundFact("ratio", "weights.ratio", "run", 1.1900212, Notation.RATIO),
    BoundFact("low", "weights.growth", "low", 7.1, Notation.PERCENT),
)
TRACE = (TraceStep("symptom", "WGT-002", "low-noise-overpowering", "run", BOUND, ("run.crashed",)),)


LEVEL = Trend(1.4e-4, -0.0012, 0.0014, 7)
FALLING = Course(
    Measure.MAGNITUDE,
    True,
    Trend(0.88, 0.82, 0.93, 7),
    Trend(1.14, 1.12, 1.17, 7),
    Trend(-0.27, -0.32, -0.22, 7),
    Turn(2200, 2000, 2400),
)
NORM = Course(Measure.NORM, False, Trend(0.022, 0.021, 0.023, 7), Trend(0.0216, 0.021, 0.022, 7), LEVEL, None)
EVOLUTION = Evolution(
    Trajectory(
        alone=None,
        compared="",
        late_from=2400,
        late_to=3000,
        growth={"high": 0.0543, "low": 0.0714},
        growth_ratio=1.3148,
        to_settle=0,
        courses=(FALLING, NORM),
        spans=(
            Span(100, 1600, (0.246, 0.148), (0.004, 0.003), (1.12, 1.5, None)),
            Span(1600, 2400, (0.112, 0.073), (0.003, 0.002), (1.19, 1.5, None)),
            Span(2400, 3000, (0.054, 0.071), (0.002, 0.002), (1.17, 1.5, None)),
        ),
    ),
    (Direction(Expert.HIGH, (100, 1600, 2400, 3000), (0.85, None), 1e-5),),
    (
        Location(
            Expert.HIGH,
            3000,
            (Part("cross_attn.v", 0.2, 0.6, 0.5), Part("ffn.0", 0.8, 0.4, 0.5)),
            (Part("blocks 0 to 9", 0.5, 0.7, 0.5), Part("blocks 10 to 19", 0.5, 0.3, 0.5)),
            ("blocks.0.self_attn.k",),
            ("blocks.0.a", "blocks.0.b", "blocks.0.c", "blocks.0.d"),
        ),
        Location(
            Expert.LOW, 3000, (Part("ffn.0", 1.0, None, None),), (Part("blocks 0 to 9", 1.0, None, None),), (), ()
        ),
    ),
    Keep(
        (1900, 2000, 2100),
        ((3000, "growth"),),
        (
            Opinion(
                "growth",
                tuple(range(100, 2401, 100)),
                "the low-noise weights gain from step 2200 on",
                True,
                True,
                False,
            ),
            Opinion("strength", (3000,), "the high-noise weights are largest there", False, False, False),
            Opinion("loss, high-noise expert", (900,), "mean of 100 batches 0.0755 at its lowest", True, False, True),
            Opinion("whole files", None, "all numbers are finite", True, False, False),
        ),
        ("How well anything was learned",),
        saved=tuple(range(100, 3100, 100)),
    ),
)


def stretch(first: int, last: int, ratio: float) -> Stretch:
    losses = {"high": Spread(0.0755, 0.02, 0.16, 32), "low": Spread(0.0826, None, None, 3)}
    return Stretch(first, last, {"high": 1.1e-4 * ratio, "low": 1.1e-4}, None, ratio, losses)


CURVES = Curves(
    stretches=tuple(stretch(at, at + 99, 1.35 + at / 10000) for at in range(0, 3000, 100)),
    loss_windows={"high": (1536, 3069), "low": (1540, 3050)},
    sessions=(Session(0, 1200, "interrupted"), Session(1100, 3069, "crashed", resumed_from=1100)),
    previews=tuple(SampleFile(f"samples/{step}_0.webp", step, 0, 0) for step in (0, 1000, 2000)),
    maps={
        "high": ModuleMap(
            3000,
            tuple(
                ModuleChange(kind, block, None if block == 2 else 1e-4 * (block + 1))
                for block in range(3)
                for kind in ("cross_attn.v", "ffn.0")
            ),
        ),
    },
)


@pytest.fixture(scope="session")
def failing() -> Report:
    """As the source document's run: the low-noise expert overpowers, 3070 of 10000 steps, ratio 1.35."""
    return Report(
        titles=TITLES,
        tool=TOOL,
        run=RUN_V15,
        verdict=Verdict(Status.FAILING, "The low-noise expert overpowers the high-noise one: the motion fades."),
        experts=((Expert.HIGH, expert(high=True)), (Expert.LOW, expert(high=False))),
        lr_ratio=LrRatio(2.0, 2.0, 1.3454545, 1.41),
        checkpoints=tuple(saved(step) for step in range(100, 3100, 100)),
        findings=tuple(
            replace(each, limits=each.params)
            for each in (RATIO_SMALL, OVERPOWERING, TOO_WEAK, TOO_LONG, CONFIGURED, SAVES)
        ),
        passed=(
            Passed("snr-weighting-incompatible", "SNR-001", "No SNR weighting on flow matching", ("SNR-01",)),
            Passed("model-arch-mismatch", "MOD-001", "The architecture fits the model", ("CHK-07",)),
        ),
        not_evaluated=NOT_JUDGED,
        effective=EFFECTIVE,
        forecast=None,
        needs=Needs(27_000_000_000, {"high": 50, "low": 50}, (20.4, 24.9), "cannot tell", ("Disk: 22 saves 27 GB",)),
        next=NextConfig("recommended", (HIGH_BUMP, LOW_CEILING, STEPS, EARLIER), (), "job: extension\n", DIFF, ""),
        parameters=(
            replace(RATIO_MIN, name="weight_ratio_min", value=1.4, source="WGT-02", overridden=True, replaced=1.5),
            RATIO_MIN,
            Param("bf16_step", 0.0078125, "", "bfloat16 keeps 8 bits", None),
        ),
        unread=(Remark(Place("loss_log.db"), "the database is locked; it was copied without its last rows"),),
        trace=TRACE,
        evolution=EVOLUTION,
        curves=CURVES,
    )


@pytest.fixture(scope="session")
def healthy(failing: Report) -> Report:
    """The next run, trained as advised: nothing to find, one thing to praise."""
    return replace(
        failing,
        run=replace(RUN_V15, name="run-v17", steps_configured=2200, steps_trained=2200, finished=True, ended=""),
        verdict=Verdict(Status.HEALTHY, "Both experts learned as a motion run should."),
        lr_ratio=LrRatio(4.0, 4.0, 4.2, 4.1),
        checkpoints=(replace(saved(2200), final=True, weight_ratio=1.7),),
        findings=(SAVES,),
        not_evaluated=(),
        effective=(),
        next=NextConfig("recommended", (), (), None, None, ""),
        unread=(),
        trace=(),
        evolution=None,
        curves=Curves(),
    )


@pytest.fixture(scope="session")
def unknown() -> Report:
    """A folder with a config that nobody can date: no log, no weights, no trainer."""
    nothing = ExpertFigures(*[None] * 13)
    return Report(
        titles=TITLES,
        tool=TOOL,
        run=RunSummary("my-lora", "output/my-lora", None, (), None, (), None, None, None, "", (), ()),
        verdict=Verdict(Status.ATTENTION, "Hardly anything is known of this run."),
        experts=((Expert.HIGH, nothing), (Expert.LOW, nothing)),
        lr_ratio=LrRatio(None, None, None, None),
        checkpoints=(),
        findings=(),
        passed=(),
        not_evaluated=(
            NotEvaluated("lr-ratio-too-small", "LR-001", "Ratio", (LOG,), ("lr.ratio",), ""),
            NotEvaluated("training-diverged", "RUN-001", "Diverged", (LOG,), ("log.nan_steps",), ""),
            NotEvaluated("high-noise-too-weak", "WGT-001", "Weak", ("the checkpoints", LOG), ("weights.x",), ""),
            NotEvaluated("trained-too-long", "DUR-001", "Long", (), (), "the intent is not known to be motion"),
        ),
        effective=(),
        forecast=None,
        needs=Needs(None, {}, None, None, ()),
        next=NextConfig("recommended", (), (), None, None, "There is no config to start from."),
        parameters=(),
        unread=(),
        trace=(),
    )


@pytest.fixture(scope="session")
def ahead(failing: Report) -> Report:
    """The failing run's config before it was run, with three items of the checklist."""
    return replace(
        failing,
        run=replace(RUN_V15, name="next", steps_trained=None, finished=None, ended="unknown"),
        checkpoints=(),
        evolution=None,
        checklist=(
            ChecklistItem("CHK-04", "data set", "No corrupted frames.", ChecklistStatus.OPEN, ("is one broken?",), ()),
            ChecklistItem("CHK-08", "model", "Boundary ratio 0.9.", ChecklistStatus.PASS, (), ()),
            ChecklistItem(
                "CHK-10", "training", "At most 2200 steps.", ChecklistStatus.FAIL, ("10000 are set",), ("too-many",)
            ),
        ),
    )
