"""Writes a training run as a JUnit file: pipelines then show its stages, their seconds and a failure's message."""

from pathlib import Path
from xml.etree import ElementTree

from pacewatch.trainer_agent.runs.run import Result

SUITE = "trainer-agent"


def write(path: Path, result: Result) -> None:
    """One test case per stage, in order. The metrics are properties of the suite."""
    stages = dict(result.durations_s)
    if result.version is None:
        # The stage that failed is the last one timed. Name it as its last progress report did.
        _, seconds = stages.popitem() if stages else ("", 0.0)
        stages[result.stage] = seconds
    suite = ElementTree.Element("testsuite", name=SUITE)
    _add_properties(suite, result)
    cases = {stage: _add_case(suite, stage, seconds) for stage, seconds in stages.items()}
    if result.version is None:
        failure = ElementTree.SubElement(cases[result.stage], "failure", message=result.message)
        failure.text = result.message
    total_s = sum(stages.values())
    failures = int(result.version is None)
    suite.attrib |= {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "time": f"{total_s:.3f}"}
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _add_properties(suite: ElementTree.Element, result: Result) -> None:
    properties = ElementTree.SubElement(suite, "properties")
    metrics = {name: value for name, value in result.metrics.items() if isinstance(value, int | float | str)}
    for name, value in {"run_id": result.run_id, "version": result.version or "", **metrics}.items():
        ElementTree.SubElement(properties, "property", name=name, value=str(value))


def _add_case(suite: ElementTree.Element, stage: str, seconds: float) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=SUITE, name=stage, time=f"{seconds:.3f}")
