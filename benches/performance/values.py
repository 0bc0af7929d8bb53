"""What expression matrices hold: measured values, counts, and values rounded by an export."""

import numpy as np

KINDS = {"log": "log values", "counts": "counts", "decimals": "3 decimals"}


def values(kind, genes, samples, seed=20):
    """float64, genes x samples, the same at every run."""
    random = np.random.default_rng(seed)
    if kind == "counts":
        return random.negative_binomial(0.6, 0.004, size=(genes, samples))
    log = np.log2(random.gamma(0.5, 200, size=(genes, samples)) + 1)
    return np.round(log, 3) if kind == "decimals" else log


def gene_names(count):
    return [f"FBgn{index:07}" for index in range(count)]


def sample_names(count):
    return [f"DGRP_{index:03}" for index in range(count)]
