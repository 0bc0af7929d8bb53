"""All sweeps, in the order of the table."""

import bombs
import faults
import flips
import flips_before_proof
import full_disk
import hostile
import indexes
import kills
import mutants
import plain
import power_cut
import races
import random_files
import random_kills
import text_mutants
import two_runs
import undo_cut_short

SWEEPS = [
    module.SWEEP
    for module in (
        random_files,
        mutants,
        plain,
        indexes,
        hostile,
        bombs,
        text_mutants,
        kills,
        random_kills,
        undo_cut_short,
        faults,
        full_disk,
        power_cut,
        two_runs,
        races,
        flips_before_proof,
        flips,
    )
]
