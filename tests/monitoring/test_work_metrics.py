from __future__ import annotations

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from allusedesk.engine.meters import EDGES, Timing
from allusedesk.monitoring.figures import figures
from allusedesk.monitoring.work_metrics import Work, WorkMetrics


def test_timings_are_histograms_as_prometheus_reads_them() -> None:
    step, never = Timing(), Timing()
    for seconds in (20e-6, 0.0004, 0.0004, 9.0):
        step.took(seconds, 0.0)
    registry = CollectorRegistry()
    works = (
        Work("step", "Thinking", {"AlarmRang": step, "Never": never}, "input"),
        Work("idle", "Nothing", {"": never}),
    )
    WorkMetrics(registry, EDGES, lambda: works)
    text = generate_latest(registry).decode()
    (family,) = text_string_to_metric_families(text)
    assert (family.name, family.type) == ("allusedesk_step_seconds", "histogram")
    buckets = [one.value for one in family.samples if one.name.endswith("_bucket")]
    edges = [one.labels["le"] for one in family.samples if one.name.endswith("_bucket")]
    assert len(buckets) == len(EDGES) + 1
    assert buckets == sorted(buckets)
    assert (buckets[0], buckets[-1], edges[-1]) == (1.0, 4.0, "+Inf")
    values = {one.key: one.value for one in figures(registry)}
    assert values['allusedesk_step_seconds_count{input="AlarmRang"}'] == 4.0
    assert values['allusedesk_step_seconds_sum{input="AlarmRang"}'] == step.seconds
    assert len(values) == 2
