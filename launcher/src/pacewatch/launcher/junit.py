"""A training run as a JUnit file: pipelines show stages, their seconds and the reason of a failure without a plugin."""

from pathlib import Path
from xml.etree import ElementTree

from pacewatch.trainer_agent.runs.run import Result

SUITE = "trainer-agent"


def write(path: Path, result: Result) -> None:
    """One test case a stage, in order; the figures as properties of the suite."""
    suite = ElementTree.Element("testsuite", name=SUITE)
    properties = ElementTree.SubElement(suite, "properties")
    numbers = {name: value for name, value in result.metrics.items() if isinstance(value, int | float | str)}
    for name, value in {"run_id": result.run_id, "version": result.version or "", **numbers}.items():
        ElementTree.SubElement(properties, "property", name=name, value=str(value))
    stages = dict(result.durations_s)
    if result.version is None:
        _, spent_s = stages.popitem() if stages else ("", 0.0)
        stages[result.stage] = spent_s  # the failed step by the name that it told of itself
    cases = {stage: _case(suite, stage, spent_s) for stage, spent_s in stages.items()}
    if result.version is None:
        failure = ElementTree.SubElement(cases[result.stage], "failure", message=result.message)
        failure.text = result.message
    total_s = sum(stages.values())
    failures = int(result.version is None)
    suite.attrib |= {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "time": f"{total_s:.3f}"}
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _case(suite: ElementTree.Element, stage: str, spent_s: float) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=SUITE, name=stage, time=f"{spent_s:.3f}")
