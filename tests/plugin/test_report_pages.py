"""`--wfsim-report DIR`: a page for each failing test, and an index."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from pytest_wfsim.folder import page_name
from tests.plugin.conftest import Run

TESTS = """
import pytest

def play(sim):
    run = sim.start("approval", input={"topic": "<script>alert(1)</script>"}, instance_id="a")
    sim.at("1h", run.raise_event, "Approval")
    assert run.result() == {"status": "escalated"}

def test_passes(sim): play(sim)
def test_without(): assert False

def test_fails(sim):
    play(sim)
    assert False

@pytest.mark.wfsim(findings="error")
def test_leaves_something(sim): play(sim)

@pytest.fixture
def broken(sim):
    play(sim)
    raise LookupError

def test_never_starts(broken): pass

@pytest.mark.xfail
def test_is_expected_to_fail(sim): assert False

@pytest.mark.xfail(strict=False)
def test_is_not_expected_to_pass(sim): pass

def test_skips(sim): pytest.skip("later")
"""
FAILING = {
    "test_it.py::test_fails": ("failed", "3d"),
    "test_it.py::test_leaves_something": ("error", "3d"),
    "test_it.py::test_never_starts": ("error", "3d"),
}
OTHERS = {
    "test_it.py::test_is_not_expected_to_pass": ("xpassed", "0s"),
    "test_it.py::test_passes": ("passed", "3d"),
    "test_it.py::test_is_expected_to_fail": ("xfailed", "0s"),
    "test_it.py::test_skips": ("skipped", "0s"),
}
_ROW = re.compile(
    r'<td class="outcome \w+">(\w+)</td><td class="test"><a href="([^"]+)">([^<]*)</a></td>'
    r'<td class="elapsed">([^<]*)</td>'
)


@pytest.fixture
def tests(project: pytest.Pytester) -> pytest.Pytester:
    """A project with tests that end in every way there is."""
    (project.path / "test_it.py").write_text(TESTS, encoding="utf-8")
    return project


def _index(folder: Path) -> dict[str, tuple[str, str]]:
    """Return how the index says that tests ended, and hold it against the folder's files."""
    text = (folder / "index.html").read_text(encoding="utf-8")
    rows = _ROW.findall(text)
    assert text.count("<tr>") == len(rows) + bool(rows)
    assert {page for _, page, _, _ in rows} | {"index.html"} == {
        path.name for path in folder.iterdir()
    }
    return {unescape(test): (outcome, elapsed) for outcome, _, test, elapsed in rows}


def test_failing_tests_get_a_page(tests: pytest.Pytester, both_ways: Run) -> None:
    """Tests that fail at any phase get one; the index lists them, failed ones first."""
    result = both_ways("--wfsim-report=out/report")
    folder = tests.path / "out/report"
    assert list(_index(folder).items()) == list(FAILING.items())
    result.stdout.fnmatch_lines(["*- wfsim report: 3 pages, out/report/index.html -*"])
    name = page_name("test_it.py::test_fails")
    page = (folder / name).read_text(encoding="utf-8")
    assert "<title>test_it.py::test_fails</title>" in page
    assert "<script>alert(1)" not in page
    assert "http" not in re.sub(r"http-equiv|http://www.w3.org/\S+", "", page)
    sections = "\n".join(result.stdout.lines)
    assert sections.count("- wfsim: report -") == 3
    assert f"out/report/{name}" in result.stdout.lines


def test_all_tests_may_get_a_page(tests: pytest.Pytester, both_ways: Run) -> None:
    """`--wfsim-report-for=all` gives every test a page that used a simulation."""
    both_ways("--wfsim-report", "out", "--wfsim-report-for=all")
    assert list(_index(tests.path / "out").items()) == [
        *FAILING.items(),
        *OTHERS.items(),
    ]


def test_a_run_without_failures_says_so(tests: pytest.Pytester, run_pytest: Run) -> None:
    """Where nothing failed the index is there all the same, and says that there is no page."""
    run_pytest("--wfsim-report=out", "-k", "test_passes")
    assert _index(tests.path / "out") == {}
    text = (tests.path / "out/index.html").read_text(encoding="utf-8")
    assert "No test that used a simulation has a page." in text


def test_the_index_is_of_this_run(tests: pytest.Pytester, both_ways: Run) -> None:
    """Pages of a former run are removed; what else is in the folder is not."""
    folder = tests.path / "out"
    both_ways("--wfsim-report=out")
    (folder / "notes.html").write_text("mine", encoding="utf-8")
    both_ways("--wfsim-report=out", "-k", "test_fails")
    assert (folder / "notes.html").read_text(encoding="utf-8") == "mine"
    (folder / "notes.html").unlink()
    assert list(_index(folder)) == ["test_it.py::test_fails"]


def test_collecting_leaves_a_report_alone(tests: pytest.Pytester, run_pytest: Run) -> None:
    """`--collect-only` runs no test, and so makes no report."""
    run_pytest("--wfsim-report=out", "--collect-only")
    assert not (tests.path / "out").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("test_it.py", "It must be a folder that can be written (File exists)."),
        ("test_it.py/deeper", "It must be a folder that can be written (Not a directory)."),
        ("", "Name a folder, for example --wfsim-report=reports."),
        ("foreign", "index.html in it is not wfsim's, and would be replaced. Use another."),
    ],
)
@pytest.mark.parametrize(
    "more", [(), pytest.param(("-p", "xdist", "-n", "1"), marks=pytest.mark.slow)], ids=str
)
def test_a_folder_that_cannot_be_is_told_before_any_test(
    tests: pytest.Pytester, given: str, says: str, more: tuple[str, ...]
) -> None:
    """A path that is a file, or a folder of somebody else's, is a wrong call."""
    (tests.path / "foreign").mkdir()
    (tests.path / "foreign/index.html").write_text("<h1>My site</h1>", encoding="utf-8")
    plugin = ("-p", "pytest_wfsim.plugin")
    result = tests.runpytest_subprocess(*plugin, *more, f"--wfsim-report={given}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --wfsim-report={given}: {says}"])
    assert "::" not in result.stdout.str()
    assert (tests.path / "foreign/index.html").read_text(encoding="utf-8") == "<h1>My site</h1>"


def test_names_of_pages_are_safe_and_unique(project: pytest.Pytester, run_pytest: Run) -> None:
    """Parameters with slashes, quotes, any letters and any length have a page each."""
    project.makepyfile("""
        import pytest

        @pytest.mark.parametrize(
            "what", ["a/b", "a-b", "A/b", "..", "'\\"<i>", "x" * 400, "x" * 401, "\\u00e5", "CON"]
        )
        def test_it(sim, what): assert False
    """)
    run_pytest("--wfsim-report=out")
    names = [path.name for path in (project.path / "out").iterdir() if path.name != "index.html"]
    assert len(names) == len({name.casefold() for name in names}) == 9
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{1,110}\.wfsim\.html", it) for it in names)
    tests = _index(project.path / "out")
    assert len(tests) == 9
    assert any("'\"<i>" in test for test in tests)


def test_a_test_may_stand_elsewhere(project: pytest.Pytester, both_ways: Run) -> None:
    """A test that changes the current folder does not move the report, nor its paths."""
    project.makepyfile("""
        def test_it(sim, monkeypatch, tmp_path):
            monkeypatch.chdir(tmp_path)
            assert False
    """)
    result = both_ways("--wfsim-report=out")
    assert len(_index(project.path / "out")) == 1
    result.stdout.fnmatch_lines(["out/*test_it*.wfsim.html"])


def test_two_simulations_share_a_page(project: pytest.Pytester, run_pytest: Run) -> None:
    """A test that uses `sim` and `async_sim` gets one page with both."""
    project.makepyfile("""
        import pytest

        @pytest.mark.asyncio
        async def test_two(sim, async_sim):
            sim.start("approval", input={"topic": "AI"}).result()
            assert False
    """)
    run_pytest("--wfsim-report=out")
    ((test, (outcome, elapsed)),) = _index(project.path / "out").items()
    assert (outcome, elapsed) == ("failed", "3d")
    page = (project.path / "out" / page_name(test)).read_text(encoding="utf-8")
    assert "simulation 2" in page


def test_a_page_that_cannot_be_written_does_not_hide_the_failure(
    project: pytest.Pytester, run_pytest: Run
) -> None:
    """Where the folder vanishes on the way, the report says so beside what failed."""
    project.makepyfile("""
        import shutil

        def test_it(sim):
            shutil.rmtree("out")
            assert "the failure" == 1
    """)
    result = run_pytest("--wfsim-report=out")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*the failure*", "The page could not be written: *"])
    assert _index(project.path / "out") == {}


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """A page is there as a whole or not at all, also where writing breaks off."""
    from pytest_wfsim.folder import write_whole

    target = tmp_path / "page.html"
    target.mkdir()
    with pytest.raises(OSError, match=r"page\.html"):
        write_whole(target, "text")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
