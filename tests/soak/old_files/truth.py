"""What a file is, by how it was made: the state, what becomes of it, and what the new one must hold."""

from dataclasses import dataclass, field

AXES = {"genes": "gene_names", "samples": "sample_names"}
OUTCOMES = {
    "legacy": "migrated", "hybrid": "migrated", "current": "skipped", "not-expression": "skipped",
    "foreign": "skipped", "not-hdf5": "skipped", "conflict": "refused", "nameless": "refused",
    "inconsistent": "refused", "transposed": "refused", "unsupported": "refused", "incomplete": "refused",
    "damaged": "refused",
}


@dataclass
class Axis:
    """How the names of one axis are stored, and what follows."""

    kind: str
    """`lifted` from an attribute or from elsewhere, `both`, `conflict`, `dataset`, `odd-dataset`,
    `nowhere`, `wrong-length`, `undecodable`."""
    names: list[str] | None = None
    """What the new file has to hold, when it can be made."""
    gone: set[tuple[str, str]] = field(default_factory=set)
    """Attributes (object, name) from which names are lifted, and which are gone afterwards."""
    free: set[tuple[str, str]] = field(default_factory=set)
    """Attributes that say the same again: they may stay or go."""


@dataclass
class Truth:
    states: set[str]
    """One, or more where the words are a matter of taste."""
    outcomes: set[str]
    names: dict[str, list[str]] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)
    free: set[tuple[str, str]] = field(default_factory=set)
    migrated_states: set[str] | None = None
    """The states that `migrate` gives, when it sees more than `audit` because it reads the values."""
    recipe: dict[str, object] = field(default_factory=dict)
    """How it was made, for a person."""

    @staticmethod
    def of(*states):
        return Truth(set(states), {OUTCOMES[state] for state in states})


def judge(axes: dict[str, Axis], counts_agree: bool, is_whole: bool) -> Truth:
    """What the names of both axes add up to, for a matrix of numbers that can be carried."""
    kinds = {axis.kind for axis in axes.values()}
    if not is_whole:
        return Truth.of("incomplete")
    if "nowhere" in kinds:
        return Truth.of("nameless")
    if "wrong-length" in kinds or not counts_agree:
        return Truth.of("inconsistent")
    if "conflict" in kinds:
        return Truth.of("conflict")
    if kinds & {"lifted", "undecodable"}:
        truth = Truth.of("legacy")
    elif "both" in kinds:
        truth = Truth.of("hybrid")
    elif "odd-dataset" in kinds:
        truth = Truth.of("legacy")
    else:
        truth = Truth.of("current")
    if "undecodable" in kinds:
        truth.outcomes = {"refused"}
    for name, axis in axes.items():
        truth.names[AXES[name]] = axis.names
        truth.gone |= axis.gone
        truth.free |= axis.free
    return truth
