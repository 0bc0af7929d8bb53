"""Root works over folders that an ordinary user owns, who swaps names meanwhile; a sample of `tests/soak/races.py`."""

import sys

import pytest

import manifest
import root_races
from accounts import AS_ROOT, NAME

pytestmark = [
    pytest.mark.skipif(not AS_ROOT, reason="needs root"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs the tools of Linux"),
]


@pytest.mark.parametrize("race", root_races.RACES, ids=lambda race: race.__name__)
def test_no_race_is_won(ground, program, race):
    scene = root_races.Scene(ground, program, manifest.path(NAME), files=24)
    try:
        tries = race(scene)
    except RuntimeError as error:
        if "cannot run here" in str(error):
            pytest.skip(str(error))
        raise
    assert tries > 0
    assert scene.won() == []
