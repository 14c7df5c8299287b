"""The lines of a console that tell something: one pattern each, once terminal and container marks are taken off.

Every pattern was looked up in the sources of both trainers (fork 64b3e52, upstream 27a03a91): FORK is printed by
the fork alone, UPSTREAM by upstream alone. Indented lines are never matched, but for a few that the trainers indent by
two: the console also holds the whole config, indented by four, and its text is the user's.
"""

from __future__ import annotations

import re
from enum import Enum

_FORK = (
    rb"\[DEBUG (?:NetworkConfig|BaseSDTrainProcess|LoRASpecialNetwork)\] (?:alpha_schedule|lora_dim|Creating)",
    rb"Alpha scheduler enabled with \d",
    rb"Saved alpha scheduler state to ",
    rb"\S* ?Loaded alpha scheduler state from ",
    rb"\S* ?Realigned multistage boundaries for resume:$",
    rb"\S* ?Clamped lr_mask values to config's ",
    rb"Updating optimizer min_lr/max_lr/lr_bump from config$",
    rb"Cleaned up \d+ metrics entries beyond step \d",
    rb"Starting fresh from step 0 - clearing old metrics$",
    rb"Warning: Failed to (?:write|collect alpha scheduler) metrics:",
    rb"  \S{1,3} Switched expert: ",
)
_UPSTREAM = (rb"Job stopped$", rb"Generating Samples: ", rb"\d+x\d+x\d+f: \d+ files$")


class Mark(Enum):
    """What a line tells; the value is the pattern of such lines."""

    START = rb".*Running \d+ jobs?$"
    JOB = rb"# Running job: (.+)$"
    RESUMING = rb"#### IMPORTANT RESUMING FROM (.+) ####$"
    FOUND_STEP = rb"Found step (\d{1,9}) in metadata"
    RESUME_STEP = rb"  Resume step: (\d{1,9}), Last completed: \d"
    SAVED = rb"Saved checkpoint to (.+)$"
    NAN_LOSS = rb"loss is nan$"
    WRITE_FAILURE = rb"Warning: Failed to write metrics:"
    SKIPPED_STEP = rb"# OOM during training step, skipping batch"
    CLIP_ERROR = rb"Error (?:processing|loading) video: (.+)$"
    NOT_QUANTISED = rb"Failed to quantize (\S+): "
    KEYS_MISSING = rb"Missing keys: \[(?!\])"
    DATASET = rb"Dataset: (.+)$"
    FILES_FOUND = rb"  -  Found (\d{1,9}) (videos|images)(?: and \d+ images)?$"
    BUCKETS = rb"(\d{1,9}) buckets made$"
    OPTIMIZER_LOADED = rb"Loading optimizer state from "
    OPTIMIZER_FAILED = rb"Failed to load optimizer state from "
    JOB_ERROR = rb"Error running job: (.*)$"
    PREVIEWS_MADE = rb"Generating (?:Samples|Images): 100%\|[^|]*\| \d{1,9}/\d{1,9} \[([\d:]{5,12})<"
    FORK = b"|".join(_FORK)
    UPSTREAM = b"|".join(_UPSTREAM)


_COMPILED = tuple((mark, re.compile(mark.value)) for mark in Mark)
_ANY = re.compile(b"|".join(b"(?:%b)" % mark.value for mark in Mark))


def marks(text: bytes) -> list[tuple[Mark, re.Match[bytes]]]:
    """Return what a line tells: mostly nothing, sometimes two things at once."""
    if not _ANY.match(text):
        return []
    return [(mark, match) for mark, pattern in _COMPILED if (match := pattern.match(text))]
