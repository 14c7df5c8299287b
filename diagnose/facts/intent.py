"""What the LoRA is to learn: as the user says, or inferred with its evidence. Never assumed in silence."""

from __future__ import annotations

from diagnose.core.frozen import dataclass
from diagnose.core.values import Intent, Place
from diagnose.facts.said import how_said, where_said
from diagnose.trainers.declared import Config


@dataclass(frozen=True, slots=True)
class IntentVerdict:
    """The intent, None where nothing tells, with the sentences it rests on and where they were read."""

    intent: Intent | None
    evidence: tuple[str, ...]
    places: tuple[Place, ...]


def conclude_intent(config: Config | None, asked: Intent | None, at: Place | None = None) -> IntentVerdict:
    """Return what the user said; else motion for an image-to-video model trained on clips; else nothing.

    `at` is where the user said it, if not on the command line.

    An image-to-video LoRA is given the first frame: what is left to learn from a clip is how it moves. Stills teach
    such a model nothing, and a text-to-video LoRA may be after anything, so neither is decided here.
    """
    if asked is not None:
        said = where_said("intent", at)
        return IntentVerdict(asked, (how_said(said),), (said,))
    if config is None:
        return IntentVerdict(None, (), ())
    arch = config.text("arch")
    if arch is None or not config.is_image_to_video:
        return IntentVerdict(None, (), ())
    for entry in config.entries("clips"):
        frames = config.number("clip.frames", entry)
        counted = config.flag("clip.auto_frames", entry, default=False)
        whole = counted.value and config.model.auto_frame_count
        if whole or (frames is not None and frames.value > 1):
            length = "their own length" if whole or frames is None else f"{frames.value} frames"
            text = f"inferred: an image-to-video model ({arch.value}) is trained on clips of {length}"
            place = counted.place if whole or frames is None else frames.place
            return IntentVerdict(Intent.MOTION, (f"{text}; --intent says otherwise",), (arch.place, place))
    return IntentVerdict(None, (), ())
