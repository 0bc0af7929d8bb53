"""Every output of real runs over all fixtures is what the committed schemas say, by an independent validator."""

import copy
import json
import subprocess
import sys

import pytest

import manifest
import tool

SCHEMAS = manifest.REPOSITORY / "docs" / "schema"
ANY_WORD = "A word of a later version."


@pytest.fixture(scope="session")
def outputs(h5lift, tmp_path_factory):
    """Files of each kind."""
    folder = tmp_path_factory.mktemp("outputs")
    files = {kind: [] for kind in ("report", "record", "ledger", "progress", "mqc")}

    def run(name, *arguments, ledger=False):
        reports = [folder / f"{name}{ending}" for ending in (".json", ".jsonl", "_mqc.json")]
        arguments = [*arguments, "--timeout", "5", "--progress", "json", "-q", *(f"--report={path}" for path in reports)]
        if ledger:
            arguments += ["--ledger", folder / f"{name}.ledger"]
            files["ledger"].append(folder / f"{name}.ledger")
        ran = h5lift.run(*arguments, timeout=600)
        assert ran.code in (tool.DONE, tool.FAILED), ran
        for kind, path in zip(("report", "record", "mqc"), reports):
            files[kind].append(path)
        progress = folder / f"{name}.progress"
        progress.write_text("".join(line + "\n" for line in ran.stderr.splitlines() if line.startswith("{")))
        files["progress"].append(progress)

    # The library loops for ever on one of them: once is enough.
    quick = manifest.LEGACY, "--exclude", "heap-zeroed-sector-dense.h5"
    run("audit", "audit", manifest.LEGACY)
    run("lint", "audit", "--lint", *quick)
    run("migrate", "migrate", *quick, "--out-dir", folder / "new", ledger=True)
    run("again", "migrate", *quick, "--out-dir", folder / "new", "--salvage", "--set-counts", ledger=True)
    run("convert", "convert", manifest.LEGACY, "--include", "text-*", "--out-dir", folder / "converted")
    run("verify", "verify", manifest.path("hybrid.h5"), folder / "new" / "hybrid.h5")
    h5lift.run("undo", folder / "migrate.ledger").must(tool.DONE)
    return files


def lines(paths):
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def schema(kind):
    return json.loads((SCHEMAS / f"{kind}.schema.json").read_text())


def strict(node):
    """The same without the words of later versions: what this version writes is listed."""
    if isinstance(node, list):
        return [strict(child) for child in node]
    if not isinstance(node, dict):
        return node
    node = {key: strict(child) for key, child in node.items()}
    if "anyOf" in node:
        node["anyOf"] = [child for child in node["anyOf"] if not (isinstance(child, dict) and child.get("description") == ANY_WORD)]
    return node


def check(tmp_path, schema, instances):
    """Asks check-jsonschema about all instances at once."""
    assert instances
    many = {"$schema": schema.get("$schema"), "$defs": schema.get("$defs", {}), "type": "array",
            "items": {key: value for key, value in schema.items() if key not in ("$defs", "$schema")}}
    (tmp_path / "schema.json").write_text(json.dumps(many))
    (tmp_path / "instances.json").write_text(json.dumps(instances))
    return subprocess.run([sys.executable, "-m", "check_jsonschema", "--schemafile", tmp_path / "schema.json", tmp_path / "instances.json"],
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize("how", [copy.copy, strict], ids=["open", "strict"])
@pytest.mark.parametrize("kind", ["report", "record", "ledger", "progress"])
def test_outputs_are_as_their_schema_says(outputs, tmp_path, kind, how):
    instances = [json.loads(path.read_text()) for path in outputs[kind]] if kind == "report" else lines(outputs[kind])
    done = check(tmp_path, how(schema(kind)), instances)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


@pytest.mark.parametrize("change", [lambda row: row.pop("state"), lambda row: row.update(bytes="7"), lambda row: row["plan"].update(steps=7)])
def test_what_is_wrong_is_found(outputs, tmp_path, change):
    row = lines(outputs["record"])[0]
    change(row)
    assert check(tmp_path, schema("record"), [row]).returncode == 1


def test_more_keys_and_other_words_are_allowed_but_not_in_rules(outputs, tmp_path):
    row = lines(outputs["record"])[0]
    row.update(state="a-later-word", another=7)
    assert check(tmp_path, schema("record"), [row]).returncode == 0
    assert check(tmp_path, strict(schema("record")), [row]).returncode == 1
    rules = {"matrix": "/x", "genes-from": ["/a", "/b@c"], "rule": [{"files": "*.loom", "encoding": "latin1"}]}
    assert check(tmp_path, schema("rules"), [rules]).returncode == 0
    assert check(tmp_path, schema("rules"), [{**rules, "matrx": "/y"}]).returncode == 1


def test_the_rules_of_the_examples_are_as_their_schema_says(tmp_path):
    tomllib = pytest.importorskip("tomllib")
    files = sorted((manifest.REPOSITORY / "examples" / "rules").glob("*.toml"))
    done = check(tmp_path, schema("rules"), [tomllib.loads(path.read_text()) for path in files])
    assert done.returncode == 0, done.stdout[-4000:]


def test_multiqc_sections_are_custom_content(outputs, tmp_path):
    sections = [json.loads(path.read_text()) for path in outputs["mqc"]]
    custom_content = json.loads((manifest.REPOSITORY / "tests" / "interop" / "multiqc-custom-content.schema.json").read_text())
    done = check(tmp_path, custom_content, sections)
    assert done.returncode == 0, done.stdout[-4000:]
    assert check(tmp_path, custom_content, [{**sections[0], "plot_type": "pie"}]).returncode == 1


@pytest.mark.parametrize("kind", ["report", "record", "ledger", "progress", "rules"])
def test_what_is_printed_is_what_is_committed(h5lift, kind):
    assert h5lift.run("schema", kind).must(tool.DONE).stdout == (SCHEMAS / f"{kind}.schema.json").read_text()
