#!/usr/bin/env python3
"""Prints the software bill of materials (CycloneDX 1.6) of h5lift.

Written here and not by cargo-cyclonedx, because that knows neither the C libraries inside of crates nor the scripts of the
HTML report, and writes another serial number each time.
"""

import json
import re
from urllib.parse import quote

import dependencies
from dependencies import ROOT, Component


def main() -> None:
    crates = dependencies.crates()
    components = [crate(component) for component in crates]
    components += [library(component) for component in dependencies.c_libraries(crates) + dependencies.scripts()]
    components.sort(key=lambda component: component["bom-ref"])
    version = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    program = {
        "type": "application",
        "bom-ref": f"pkg:cargo/h5lift@{version}",
        "name": "h5lift",
        "version": version,
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
        "purl": f"pkg:cargo/h5lift@{version}",
    }
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": program},
        "components": components,
        "dependencies": [{"ref": program["bom-ref"], "dependsOn": [component["bom-ref"] for component in components]}],
    }
    print(json.dumps(bom, indent=1, ensure_ascii=False))


def crate(component: Component) -> dict:
    return described(component, f"pkg:cargo/{component.name}@{quote(component.version)}") | {
        "hashes": [{"alg": "SHA-256", "content": component.checksum}]
    }


def library(component: Component) -> dict:
    if component.repository and (path := component.repository.removeprefix("https://github.com/")) != component.repository:
        return described(component, f"pkg:github/{path.lower()}@{component.version}")
    return described(component, f"pkg:generic/{component.name.lower()}@{component.version}")


def described(component: Component, url: str) -> dict:
    return {
        "type": "library",
        "bom-ref": url,
        "name": component.name,
        "version": component.version,
        "licenses": [{"expression": component.license}],
        "purl": url,
    } | ({"externalReferences": [{"type": "vcs", "url": component.repository}]} if component.repository else {})


if __name__ == "__main__":
    main()
