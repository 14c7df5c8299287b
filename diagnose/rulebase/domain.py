"""The domains, `knowledge/domains/`: what a model is made of, as far as rules and reports speak of it.

A domain is data. The rule language, the verdict and the reports know the names of its experts, and no more.
"""

from collections.abc import Mapping

from msgspec import Struct

ANY = "any"
"""What a rule states that holds in every domain, or for every trainer."""


class DomainExpert(Struct, frozen=True):
    """One of the networks that a model consists of: its name in facts (`high`) and in words (`high-noise expert`)."""

    name: str
    title: str


class Sampling(Struct, frozen=True):
    """How a video is sampled: the sampler's name, the shift of its flow-matching schedule, its steps and guidance."""

    sampler: str
    shift: float
    steps: int
    guidance: float


def steps_above(boundary: float, *, shift: float, steps: int) -> int:
    """Return how many of the steps of a `Sampling` begin at this noise level or above, of 1 for pure noise."""
    left = (1 - index / steps for index in range(steps))
    return sum(shift * part / (1 + (shift - 1) * part) >= boundary for part in left)


class Workflow(Struct, frozen=True):
    """The workflow that most people load a LoRA into.

    `switch` is the step after which its second expert takes over, `speed_lora` its LoRA for few steps, which is on
    unless one turns it off, `base` the number format of its base model, `family` the architecture that it is
    for, by its name in a config.
    """

    name: str
    sampling: Sampling
    switch: int
    speed_lora: str
    base: str
    family: str
    source: str


class Network(Struct, frozen=True):
    """One of the networks that are trained: a transformer over the latents of a clip.

    Attributes:
        frames_per_latent: frames of a clip, after its first, in one frame of its latents.
        pixels_per_latent, pixels_per_token: side of the square of pixels that one latent, and one token, is made from.
        latent_channels: numbers of one latent.
        parameters: numbers of the whole network.
        blocks: how many blocks it has.
        matrices: numbers in and out of each matrix of a block, by its name; these get a LoRA, and these are quantised.
        text_tokens: tokens of a caption, which `of_text` matrices work on in place of the clip's.
        text_encoder, autoencoder: numbers of the two models that are loaded beside it.
        encoder_table: those of the text encoder's table of words.
        source: where the figures come from.
    """

    frames_per_latent: int
    pixels_per_latent: int
    pixels_per_token: int
    latent_channels: int
    parameters: int
    blocks: int
    matrices: Mapping[str, tuple[int, int]]
    text_tokens: int
    of_text: tuple[str, ...]
    text_encoder: int
    encoder_table: int
    autoencoder: int
    source: str

    def latent_frames(self, frames: float) -> int:
        """Return how many frames of latents so many frames of a clip make; 0 for less than one frame."""
        return (int(frames) - 1) // self.frames_per_latent + 1 if frames >= 1 else 0

    def frames_taken(self, frames: float) -> int:
        """Return how many of so many frames the autoencoder takes: one, then a few at a time."""
        latents = self.latent_frames(frames)
        return (latents - 1) * self.frames_per_latent + 1 if latents else 0

    def tokens(self, frames: float, width: float, height: float) -> int:
        """Return how many tokens a clip is."""
        across, down = (int(side) // self.pixels_per_token for side in (width, height))
        return self.latent_frames(frames) * across * down

    @property
    def lora_numbers(self) -> int:
        """Numbers of a LoRA for each unit of its rank: a factor pair of an m x n matrix has rank * (m + n)."""
        return self.blocks * sum(map(sum, self.matrices.values()))

    @property
    def factors(self) -> int:
        """Factors of a LoRA: two for each matrix."""
        return self.blocks * len(self.matrices) * 2

    @property
    def forward(self) -> tuple[float, float]:
        """Operations of one run of the network on a clip: for each token, and for each pair of its tokens.

        A matrix takes two for each of its numbers. Attention takes four for each pair of tokens and number of a
        token; it is taken over the clip's tokens, and once more over the caption's.
        """
        own = {name: shape for name, shape in self.matrices.items() if name not in self.of_text}
        width = next(iter(own.values()))[0]
        matrices = sum(2 * wide * high for wide, high in own.values())
        return self.blocks * (matrices + 4.0 * width * self.text_tokens), 4.0 * width * self.blocks

    @property
    def in_matrices(self) -> int:
        """Numbers of the network that lie in its matrices."""
        return self.blocks * sum(wide * high for wide, high in self.matrices.values())


class Domain(Struct, frozen=True):
    """A model that LoRAs are trained for.

    Attributes:
        name: as rules state it.
        title: as people write it.
        experts: in the order in which reports show them.
        document: the page of the knowledge that its rules follow, relative to `knowledge/`; "" for none.
        frame_rates: frames per second of the videos that an architecture makes, by its name in a config.
        workflow: where the LoRA is used; None where that is not described.
        network: the size of one of the networks; None where that is not described.
    """

    name: str
    title: str
    experts: tuple[DomainExpert, ...]
    document: str = ""
    frame_rates: Mapping[str, float] = {}
    workflow: Workflow | None = None
    network: Network | None = None

    @property
    def expert_names(self) -> tuple[str, ...]:
        """The names of the experts, in order."""
        return tuple(expert.name for expert in self.experts)

    @property
    def titles(self) -> Mapping[str, str]:
        """The title of each expert by its name, in order."""
        return {expert.name: expert.title for expert in self.experts}

    def concerns(self, stated: str) -> bool:
        """Return whether a rule that states this domain is about this one."""
        return stated in {ANY, self.name}


NO_DOMAIN = Domain(ANY, "any model", ())
"""What a knowledge that describes no domain is about."""
