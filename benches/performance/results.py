"""One JSON file for each case, so that a case can be measured again alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SCHEMA = "h5lift.performance/1"


@dataclass(frozen=True)
class Result:
    case: str
    family: str
    work: str
    # "files", "bytes" as they are stored, "raw_bytes" of /expr.
    input: dict
    # By name: "seconds" of each timed run, peak "memory_bytes", "output_bytes".
    contestants: dict
    absent: dict
    scale: str
    # When it was done, UTC.
    date: str
    # Processes that wanted to run in the minute before all of it; 0 is a machine with nothing else to do.
    load: float
    machine: dict
    versions: dict

    def seconds(self, name):
        found = self.contestants.get(name, {}).get("seconds")
        return median(found) if found else None

    def memory(self, name):
        return self.contestants.get(name, {}).get("memory_bytes")

    def output(self, name):
        return self.contestants.get(name, {}).get("output_bytes")

    @property
    def made_by(self):
        return made_by(self.machine, self.versions)


def made_by(machine, versions):
    """What has to be the same where figures are held against each other. The commit is that of the folder: the
    sum of the binary says more.
    """
    return {**machine, **{name: version for name, version in versions.items() if name != "commit"}}


def save(result: Result, folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.case}.json"
    beginning = path.with_suffix(".part")
    beginning.write_text(json.dumps({"schema": SCHEMA, **vars(result)}, indent=1) + "\n", encoding="utf-8")
    beginning.replace(path)


def load(folder: Path, order):
    """By case, in the order given; what no case is called any more is left out."""
    found = {}
    for name in order:
        path = folder / f"{name}.json"
        if not path.exists():
            continue
        held = json.loads(path.read_text(encoding="utf-8"))
        if held.pop("schema") == SCHEMA:
            found[name] = Result(**held)
    return found


def kernels(folder: Path):
    """What the encoders alone do on all cores, in MB/s of values by kind, if it was measured:

    {"cores": 2, "megabytes_per_second": {"log": 400, "counts": 300, "decimals": 210}}
    """
    path = folder / "kernels.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def save_kernels(measured, folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernels.json").write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
