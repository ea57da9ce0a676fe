"""What is recognised as an app, how names are followed, and who is said to lead where."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from tests.lint.conftest import Lint, app, shown
from tests.lint.marks import ROOT
from wfsim.errors import UsageError
from wfsim.lint import lint

NOW = "from datetime import datetime\ndef stamp():\n    return datetime.now()\n"


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from times import stamp", "stamp()"),
        ("from times import stamp as s", "s()"),
        ("import times", "times.stamp()"),
        ("import times as t", "t.stamp()"),
        ("from tools.times import stamp", "stamp()"),
        ("import tools.times", "tools.times.stamp()"),
        ("from tools import times as t", "t.stamp()"),
        ("from tools import stamp", "stamp()"),
        ("from tools import everything", "everything()"),
        ("from stars import *", "stamp()"),
        ("import times\nalias = times.stamp", "alias()"),
        ("from functools import partial\nfrom times import stamp", "partial(stamp)()"),
        ("from times import stamp", "list(map(stamp, []))"),
        ("from times import stamp", "max([], key=stamp)"),
        ("from times import stamp", "(lambda: stamp())()"),
        ("from clocks import Clock", "Clock().stamp"),
        ("from clocks import Clock", "Clock().read()"),
        ("from clocks import Clock", "Clock.make().read()"),
        ("from clocks import Late", "Late().read()"),
        ("from clocks import Late", "Late()()"),
        ("from clocks import clock", "clock.read()"),
        ("from clocks import get_clock", "get_clock().read()"),
    ],
)
def test_calls_are_followed(imports: str, call: str, lint_app: Lint) -> None:
    """A helper is found through each way to import, alias, pass on, inherit or make it."""
    body = f"""
{imports}
@orch
def one(context):
    {call}
    yield context.wait_for_external_event("x")
"""
    others = {
        "times.py": NOW,
        "stars.py": "from times import stamp\n",
        "tools/__init__.py": "from .times import stamp\nfrom . import times as t\n"
        "everything = t.stamp\n",
        "tools/times.py": "from ..times import stamp\n"
        if call == "everything()"
        else "from times import stamp\n",
        "clocks.py": """
            from times import stamp as now
            class Clock:
                @property
                def stamp(self):
                    return now()
                @classmethod
                def make(cls):
                    return cls()
                def read(self):
                    return now()
            class Late(Clock):
                def __call__(self):
                    return super().read() or self.read()
            clock = Clock()
            def get_clock() -> "Clock":
                for one in [clock]:
                    return one
        """,
    }
    assert lint_app(body, others) == ["times.py:3 DURABLE0001"]


def test_local_names_hide_others(lint_app: Lint) -> None:
    """A parameter or variable that is called like a module stands for itself."""
    body = """
        import time
        from datetime import datetime
        @orch
        def one(context):
            for time in context.get_input():
                time.sleep(1)
            wait(context)
            yield context.wait_for_external_event("x")
        def wait(datetime, open=min):
            return datetime.now(), open(1, 2)
    """
    assert lint_app(body) == []


def test_what_could_be_two_things_is_left_alone(lint_app: Lint) -> None:
    """A name that is bound in two ways, a computed name and a library's value give no finding."""
    body = """
        import time, something
        if something.FAST:
            sleep = time.sleep
        else:
            sleep = time.time
        @orch
        def one(context):
            sleep(1)
            something.clock().now()
            getattr(time, "sleep")(1)
            yield context.call_activity(f"act_{context.instance_id}", 1)
    """
    assert lint_app(body) == []


def test_inner_functions_run_when_they_are_called(lint_app: Lint) -> None:
    """A function defined in an orchestrator counts if something calls it."""
    body = """
        import time
        @orch
        def one(context):
            def called():
                time.sleep(1)
            def never():
                time.sleep(2)
            called()
            yield context.wait_for_external_event("x")
    """
    assert lint_app(body) == ["function_app.py:7 DURABLE0003"]


def test_findings_say_who_leads_there(tmp_path: Path) -> None:
    """A finding in a helper names the orchestrator and the functions between, the shortest way."""
    body = """
        from times import stamp
        @app.function_name("approve")
        @orch
        def approve_orchestrator(context):
            yield from first(context)
        def first(ctx):
            yield ctx.wait_for_external_event("x")
            second()
            third()
        def second():
            third()
        def third():
            stamp()
    """
    (tmp_path / "function_app.py").write_text(app(body), encoding="utf-8")
    (tmp_path / "times.py").write_text(NOW, encoding="utf-8")
    (finding,) = lint([tmp_path]).findings
    assert finding.trail == ("approve", "first", "third", "stamp")


def test_recursion_ends(lint_app: Lint) -> None:
    """Functions and values that lead to themselves are read once."""
    body = """
        import time
        a = b
        b = a
        class Odd(Odd):
            pass
        @orch
        def one(context):
            time.sleep(again(3))
            a.x()
            Odd().y()
            yield from two(context)
        def two(context):
            yield from two(context)
        def again(n):
            return again(n - 1)
    """
    assert lint_app(body) == ["function_app.py:10 DURABLE0003"]


FIRST_MODEL = {
    "Order": """
        import azure.durable_functions as df
        from ..shared import stamp
        def run(context):
            stamp()
            yield context.call_activity("Pakc", "x")
            yield context.call_activity("Pack", "x")
            yield context.call_entity(df.EntityId("Stock", "a"), "get")
        main = df.Orchestrator.create(run)
    """,
    "Pack": "def main(number: int) -> str: ...",
    "Stock": """
        import azure.durable_functions as df
        count = {}
        def run(context):
            count[context.entity_key] = 1
        main = df.Entity.create(run)
    """,
}


def test_first_programming_model(tmp_path: Path) -> None:
    """`df.Orchestrator.create` and function.json give orchestrators, activities and their names."""
    kinds = {"Order": "orchestrationTrigger", "Pack": "activityTrigger", "Stock": "entityTrigger"}
    for name, source in FIRST_MODEL.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text(dedent(source), encoding="utf-8")
        binding = {"name": "number" if name == "Pack" else "context", "type": kinds[name]}
        (folder / "function.json").write_text(json.dumps({"bindings": [binding]}), encoding="utf-8")
    (tmp_path / "host.json").write_text("{}", encoding="utf-8")
    (tmp_path / "shared.py").write_text(NOW, encoding="utf-8")
    assert shown(lint([tmp_path]), tmp_path) == [
        "Order/__init__.py:6 DURABLE2003",
        "Order/__init__.py:7 DURABLE2001",
        "Stock/__init__.py:5 WF208",
        "shared.py:3 DURABLE0001",
    ]


def test_the_fixture_of_the_first_model_is_clean() -> None:
    """The v1 app among the fixtures is read and gives no finding."""
    report = lint([ROOT / "fixtures" / "apps" / "bad" / "v1_function_json"])
    assert (report.findings, report.functions) == ((), 1)


def test_decorators_may_be_called_by_hand(lint_app: Lint) -> None:
    """`app.orchestration_trigger(…)(function)` registers as the decorator does."""
    body = """
        import time
        def one(context):
            time.sleep(1)
            yield context.call_activity("act", 1)
        def act(number): ...
        app.orchestration_trigger(context_name="context")(one)
        app.activity_trigger(input_name="number", activity="akt")(act)
    """
    assert lint_app(body) == ["function_app.py:5 DURABLE0003", "function_app.py:6 DURABLE2003"]


@pytest.mark.parametrize(
    "other",
    [
        '@app.activity_trigger(input_name="x", activity=NAMES[0])\ndef other(x): ...',
        "app.register_functions(load_blueprint())",
        "from library import bp\nfor one in (bp,):\n    app.register_functions(one)",
    ],
)
def test_open_registries_know_no_unknown_name(other: str, lint_app: Lint) -> None:
    """Where something registers functions under names that cannot be read, none is unknown."""
    body = f"""
import os
NAMES = os.listdir()
{other}
@orch
def one(context):
    yield context.call_activity("whatever", 1)
"""
    assert lint_app(body) == []


def test_generated_names_of_agents_are_known(lint_app: Lint) -> None:
    """What an AgentFunctionApp registers begins with `dafx-`; other names are still checked."""
    body = """
        from agent_framework_azurefunctions import AgentFunctionApp
        app = AgentFunctionApp(agents=[])
        @orch
        def one(context):
            yield context.call_entity(df.EntityId("dafx-Writer", "a"), "run")
            yield context.call_entity(df.EntityId("writer", "a"), "run")
    """
    assert lint_app(body) == ["function_app.py:8 WF219"]


def test_apps_in_one_folder_are_apart(tmp_path: Path) -> None:
    """Each app has its own names and modules, though one lies below the other."""
    for folder, name in ((tmp_path, "a"), (tmp_path / "inner", "b")):
        folder.mkdir(exist_ok=True)
        (folder / "host.json").write_text("{}", encoding="utf-8")
        (folder / "function_app.py").write_text(
            app(
                f"""
                @orch
                def one(context):
                    yield context.call_activity("a", 1)
                    yield context.call_activity("b", 1)
                @app.activity_trigger(input_name="x")
                def {name}(x): ...
                """
            ),
            encoding="utf-8",
        )
    assert shown(lint([tmp_path]), tmp_path) == [
        "function_app.py:6 DURABLE2003",
        "inner/function_app.py:5 DURABLE2003",
    ]


def test_a_file_brings_what_it_imports(tmp_path: Path) -> None:
    """A file is read with the modules it imports; what lies beside it is not."""
    (tmp_path / "function_app.py").write_text(
        app("from parts import bp\napp.register_functions(bp)\n"), encoding="utf-8"
    )
    part = "import time\n" + app(
        """
        bp = df.Blueprint()
        @bp.orchestration_trigger(context_name="context")
        def one(context):
            time.sleep(1)
            yield context.wait_for_external_event("x")
        """
    )
    for name in ("parts.py", "others.py"):
        (tmp_path / name).write_text(part, encoding="utf-8")
    report = lint([tmp_path / "function_app.py"])
    assert shown(report, tmp_path) == ["parts.py:7 DURABLE0003"]
    assert report.files == 2


def test_parts_of_an_app_know_its_names(tmp_path: Path) -> None:
    """A module or folder of an app is held against all that the app registers, and only that."""
    parts = tmp_path / "parts"
    parts.mkdir()
    (tmp_path / "function_app.py").write_text(
        app(
            """
            from parts.orders import bp
            app.register_functions(bp)
            @app.activity_trigger(input_name="x")
            def pack(x): ...
            @orch
            def other(context):
                yield context.call_activity("nothing", 1)
            """
        ),
        encoding="utf-8",
    )
    part = app(
        """
        bp = df.Blueprint()
        @bp.orchestration_trigger(context_name="context")
        def one(context):
            yield context.call_activity("pack", 1)
            yield context.call_activity("send", 1)
        """
    ).replace("app = df.DFApp()", "")
    (parts / "orders.py").write_text(part, encoding="utf-8")
    expected = ["parts/orders.py:7 DURABLE2003"]
    assert shown(lint([parts / "orders.py"]), tmp_path) == expected
    assert shown(lint([parts]), tmp_path) == expected
    (tmp_path / "function_app.py").unlink()
    assert shown(lint([parts]), tmp_path) == []


def test_folders_of_others_are_passed_by(tmp_path: Path) -> None:
    """Environments, caches and hidden folders are not read."""
    (tmp_path / "function_app.py").write_text(app(""), encoding="utf-8")
    for name in (".venv", "node_modules", "__pycache__", ".python_packages"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "broken.py").write_text("def", encoding="utf-8")
    assert lint([tmp_path]).files == 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"def f(:\n", "function_app.py:1:7: this is no Python: "),
        (b"x = 1\n\xff\n", "function_app.py"),
        (b"x = '\x00'\n", "function_app.py"),
    ],
)
def test_broken_files_are_named(source: bytes, said: str, tmp_path: Path) -> None:
    """A file that is no Python is a UsageError that names the file, and the place."""
    (tmp_path / "function_app.py").write_bytes(source)
    with pytest.raises(UsageError, match="this is no Python") as caught:
        lint([tmp_path])
    assert said in str(caught.value)


def test_lines_are_those_of_python(tmp_path: Path) -> None:
    """Other encodings are decoded, and only what Python takes for a line end begins a line."""
    source = "# -*- coding: latin-1 -*-\r\n" + app(
        """
        TEXT = "\\f is no line end: \f"
        @orch
        def one(context):
            print("é")
            yield context.wait_for_external_event("x")
        """
    )
    (tmp_path / "function_app.py").write_bytes(source.encode("latin-1"))
    (finding,) = lint([tmp_path]).findings
    assert (finding.line, finding.source) == (7, '    print("é")')


def test_columns_count_characters(tmp_path: Path) -> None:
    """A column is that of an editor, also behind letters of several bytes; a BOM does no harm."""
    source = app(
        """
        @orch
        def one(context):
            text = "éé"; print(text)
            yield context.wait_for_external_event("x")
        """
    )
    (tmp_path / "function_app.py").write_bytes(b"\xef\xbb\xbf" + source.encode())
    (finding,) = lint([tmp_path]).findings
    assert (finding.line, finding.column, finding.end_column) == (5, 18, 29)
