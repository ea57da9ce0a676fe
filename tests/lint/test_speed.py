"""How long it takes to read an app of a hundred files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wfsim.lint import lint

FILES = 99
PART = '''\
"""Part {i} of a large app."""

import logging
import time
from datetime import timedelta

import azure.durable_functions as df
from part_{next} import collect_{next}

bp = df.Blueprint()


def collect_{i}(context, depth):
    """Collect what is there, here and in the next part."""
    if depth:
        yield from collect_{next}(context, depth - 1)
    found = yield context.call_activity("load_{i}", {{"depth": depth}})
    for name in sorted(set(found)):
        if not context.is_replaying:
            logging.info("name %s", name)
        yield context.call_activity("load_{i}", {{"name": name}})
    return found


@bp.orchestration_trigger(context_name="context")
def order_{i}(context: df.DurableOrchestrationContext):
    first = yield from collect_{i}(context, 3)
    deadline = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    answer = context.wait_for_external_event("answer")
    winner = yield context.task_any([answer, deadline])
    if winner == answer:
        deadline.cancel()
    return first


@bp.activity_trigger(input_name="order")
def load_{i}(order: dict) -> list:
    time.sleep(1)
    return [order]
'''


@pytest.mark.slow
@pytest.mark.bench
def test_a_hundred_files_take_a_moment(tmp_path: Path) -> None:
    """An app of 100 files is read in a fraction of two seconds; a loaded machine gets five."""
    for number in range(FILES):
        part = PART.format(i=number, next=(number + 1) % FILES)
        (tmp_path / f"part_{number}.py").write_text(part, encoding="utf-8")
    lines = ["import azure.durable_functions as df", "app = df.DFApp()"]
    for number in range(FILES):
        lines += [f"from part_{number} import bp as bp_{number}"]
        lines += [f"app.register_functions(bp_{number})"]
    (tmp_path / "function_app.py").write_text("\n".join(lines), encoding="utf-8")
    started = time.process_time()
    report = lint([tmp_path])
    took = time.process_time() - started
    assert (report.files, report.functions, report.findings) == (FILES + 1, 2 * FILES, ())
    assert took < 5
