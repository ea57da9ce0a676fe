"""The page as text: nothing to fetch, nothing that executes, the same bytes for the same run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.report.hand_made import EVIL, approval, crowd, evil, mark
from wfsim.errors import UsageError
from wfsim.report.chart import Bar, Chart
from wfsim.report.html import html_report


class Page(HTMLParser):
    """A page as a browser would take it apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open, []).append(data)

    def scripts(self) -> list[str]:
        """Return what stands in the page's scripts, the data first."""
        return [text for text in self.texts["script"] if text.strip()]

    def data(self) -> Any:
        """Return the runs as the script gets them."""
        return json.loads(self.scripts()[0])

    def policy(self) -> dict[str, str]:
        """Return the content security policy by directive."""
        metas = [attributes for tag, attributes in self.tags if tag == "meta"]
        text = next(meta["content"] or "" for meta in metas if "http-equiv" in meta)
        pairs = [part.strip().partition(" ") for part in text.split(";")]
        return {name: value for name, _, value in pairs}


def page(*charts: Chart, title: str = "report") -> Page:
    """Return the page of some charts."""
    return Page(html_report(charts, title=title))


def hashed(text: str) -> str:
    """Return how a policy allows exactly this text."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def test_the_page_fetches_nothing() -> None:
    """No element names an address, and style and script hold none."""
    text = html_report([approval(), crowd(instances=3, events=9)], title="t")
    found = Page(text)
    for tag, attributes in found.tags:
        assert not {"src", "srcset", "action", "data", "poster"} & set(attributes), tag
        if "href" in attributes:
            assert attributes["href"] == "data:,"
    own = "".join(found.texts["style"] + found.scripts()[1:])
    addresses = set(re.findall(r"\w+://[^\s\"'`]+", own))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, not an address
    assert "@import" not in own
    assert set(re.findall(r"url\(([^)]*)\)", own)) == {"#hatch"}


def test_the_policy_allows_our_own_script_and_style_only() -> None:
    """The content security policy names the hashes of exactly the one script and the one style."""
    found = page(approval())
    style, script = "".join(found.texts["style"]), found.scripts()[1]
    assert found.policy() == {
        "default-src": "'none'",
        "style-src": hashed(style),
        "script-src": hashed(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_no_element_has_style_or_handlers() -> None:
    """Nothing on the page would need the policy to be weaker."""
    for tag, attributes in page(evil(), title=EVIL[0]).tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag


def test_payloads_make_no_elements() -> None:
    """A run whose every text is an attack has the same elements as a harmless one."""
    attack = page(evil(), title=EVIL[1])
    tags = [tag for tag, _ in attack.tags]
    assert tags.count("script") == 2
    assert not {"img", "iframe", "object", "link[href]"} & set(tags)
    assert tags.count("link") == 1


def test_payloads_arrive_unchanged() -> None:
    """What the script reads is what was recorded, to the last separator and half pair."""
    chart = evil()
    marks = page(chart).data()["charts"][0]["marks"]
    assert [(item[3], item[4]) for item in marks] == [
        (item.text, [list(pair) for pair in item.payload]) for item in chart.marks
    ]


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_titles_are_text(text: str) -> None:
    """A title is escaped, and can be written to a file."""
    whole = html_report([replace(approval(), title=text), approval()], title=text)
    assert whole.encode()
    assert [tag for tag, _ in Page(whole).tags].count("script") == 2
    assert "<script>alert" not in whole
    assert "\u202e" not in whole


def test_the_same_run_gives_the_same_bytes() -> None:
    """A page depends on its runs and title only."""
    chart = crowd(instances=5, events=100)
    assert html_report([chart], title="t") == html_report([chart], title="t")
    assert html_report([chart], title="t") != html_report([approval()], title="t")


def test_the_head_names_few_runs_and_counts_many() -> None:
    """Each of few runs stands with its name and status; of many, how many stand alike."""
    few = html_report([approval()], title="t")
    assert "<b>post-1</b> Completed" in few
    assert "2h of virtual time" in few
    many = html_report([crowd(instances=40, events=400)], title="t")
    assert "<b>40</b> Completed" in many


@pytest.mark.parametrize(
    ("changes", "bar", "said"),
    [
        ({"kind": "bad", "text": "Failed: no stock"}, None, "Failed no stock"),
        ({"kind": "bad", "text": "Terminated"}, None, "Terminated"),
        ({"kind": "work", "text": "x"}, "waits", "waits event approval"),
        ({"kind": "work", "text": "x"}, "suspended", "suspended"),
        ({"kind": "work", "text": "x"}, "runs", "running"),
    ],
)
def test_the_head_says_how_runs_stand(changes: dict[str, object], bar: Any, said: str) -> None:
    """A run has ended well or badly, waits for something, is suspended, or runs."""
    chart = mark(approval(), 4, **changes)
    if bar is not None:
        still = Bar(
            lane="post-1",
            kind=bar,
            start_us=chart.start_us,
            end_us=chart.end_us,
            label="event approval",
            is_open=True,
        )
        chart = replace(chart, bars=(still,))
    text = html_report([chart], title="t")
    standing = re.sub(
        r"<[^>]+>",
        "",
        text.partition('<span class="standing')[2].partition('<span class="fact"')[0],
    )
    assert " ".join(standing.split()).endswith(f"post-1 {said}")


def test_findings_stand_in_the_head() -> None:
    """Findings are named with their time, four at most, and the rest is counted."""
    chart = approval()
    for number in range(5):
        chart = mark(chart, number, kind="finding", text=f"WF10{number} something")
    text = html_report([chart], title="t")
    assert text.count('class="finding-chip"') == 4
    assert "WF100 something" in text
    assert "and 1 more findings" in text


def test_two_runs_are_compared() -> None:
    """Of two runs, the page says where they part, and which marks these are."""
    found = page(approval(title="a"), approval(title="b", decision="false"))
    assert found.data()["difference"] == {
        "text": "At T+2h, “event approval” of post-1 has another input.",
        "marks": [3, 3],
    }
    same = html_report([approval(title="a"), approval(title="b")], title="t")
    assert "The two runs are equal but for made-up ids." in same
    assert Page(same).data()["difference"] is None


def test_a_run_that_ends_early_has_no_mark_of_its_own() -> None:
    """Where one run has ended, only the other has a mark to show."""
    whole = approval()
    found = page(replace(whole, marks=whole.marks[:4]), whole)
    assert found.data()["difference"]["marks"] == [None, 4]


def test_three_runs_are_shown_without_a_comparison() -> None:
    """More than two runs stand one below the other."""
    found = page(*[approval(title=name) for name in "abc"])
    assert [chart["title"] for chart in found.data()["charts"]] == ["a", "b", "c"]
    assert found.data()["difference"] is None


def test_no_run_is_refused() -> None:
    """A report of nothing is a wrong call."""
    with pytest.raises(UsageError, match=r"^A report shows at least one chart, and got none\."):
        html_report([], title="t")


def test_what_names_no_lane_gets_one() -> None:
    """A mark whose lane is not in the chart is drawn all the same."""
    chart = mark(approval(), 2, lane="")
    chart = replace(chart, lanes=chart.lanes[1:], arrows=())
    lanes = page(chart).data()["charts"][0]["lanes"]
    assert [lane["label"] for lane in lanes] == ["post-1", "app"]


def test_children_are_indented() -> None:
    """A lane knows how deep it stands below its parents, also in a circle of them."""
    chart = crowd(instances=3, events=9)
    parents = ("", "run-2", "run-0", "run-1")
    lanes = [replace(lane, parent=key) for lane, key in zip(chart.lanes, parents, strict=True)]
    shown = page(replace(chart, lanes=tuple(lanes))).data()["charts"][0]["lanes"]
    assert [lane["depth"] for lane in shown] == [0, 2, 2, 2]
    lanes[1] = replace(lanes[1], parent="")
    shown = page(replace(chart, lanes=tuple(lanes))).data()["charts"][0]["lanes"]
    assert [lane["depth"] for lane in shown] == [0, 0, 1, 2]


def test_ten_thousand_events_stay_a_small_file() -> None:
    """A page is not much larger than the payloads in it."""
    chart = crowd(instances=40, events=10_000)
    payloads = sum(len(value) for item in chart.marks for _, value in item.payload)
    assert len(html_report([chart], title="t")) < 2 * payloads + 200_000
