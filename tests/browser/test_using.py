"""Reading a run: selecting, filtering, zooming, comparing, by hand and by keyboard."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def test_a_click_shows_the_payload(view: Open) -> None:
    """Clicking a mark shows what travelled with it, whole, and numbers as they were."""
    opened = view("hand")
    opened.mark(1).click()
    assert opened.details().locator("h2").inner_text() == "write_draft"
    assert opened.details().locator("h3").all_inner_texts() == ["input", "result"]
    assert opened.details().locator("pre").nth(1).inner_text() == (
        '{\n  "title": "What we learned",\n  "parts": [\n    1.0,\n    []\n  ]\n}'
    )
    opened.mark(0).click()
    assert "12345678901234567890" in opened.details().inner_text()


def test_list_and_drawing_select_together(view: Open) -> None:
    """A click in one selects in the other."""
    opened = view("shop")
    opened.mark(3).click()
    assert opened.selected().get_attribute("data-number") == "3"
    opened.page.locator(".line[data-number='5']").click()
    ring = opened.page.locator(".chosen .ring")
    assert ring.count() == 1
    assert opened.selected().get_attribute("data-number") == "5"
    assert opened.page.locator(".chosen .arrow.strong").count() >= 1


def test_every_mark_can_be_reached(view: Open) -> None:
    """Of 3,000 events at one instant, each has a place of its own, and the last can be selected."""
    opened = view("burst")
    opened.page.locator("#list").focus()
    opened.page.keyboard.press("End")
    assert opened.selected().get_attribute("data-number") == "2999"
    assert opened.page.locator(".chosen .ring").count() == 1
    for _ in range(30):
        opened.page.get_by_label("Zoom in").click()
    opened.mark(2999).click()
    opened.mark(2998).click()
    assert opened.selected().get_attribute("data-number") == "2998"


def test_the_filter_finds_lanes_texts_and_payloads(view: Open) -> None:
    """What does not match goes from list, drawing and count; lanes without a match go, too."""
    opened = view("shop")
    count = opened.page.locator("#count")
    everything = count.inner_text()
    opened.page.locator("#filter").fill("RECEIPT")
    assert re.fullmatch(r"\d+ of 24 events", count.inner_text())
    shown = opened.page.locator(".line").count()
    assert 0 < shown < 24
    assert count.inner_text() == f"{shown} of 24 events"
    assert opened.page.locator(".lane").count() < 7
    opened.page.locator("#filter").fill("nothing of the kind")
    assert opened.page.get_by_text("No event matches the filter.").is_visible()
    opened.page.locator("#filter").fill("")
    assert count.inner_text() == everything == "24 events"
    assert opened.page.locator(".lane").count() == 7


def test_kinds_can_be_hidden(view: Open) -> None:
    """A toggle hides the events of a kind, or of a kind of lanes, and shows them again."""
    opened = view("shop")
    notes = opened.page.get_by_role("button", name=re.compile("^notes"))
    notes.click()
    assert notes.get_attribute("aria-pressed") == "false"
    assert opened.page.locator(".marks .mark.note").count() == 0
    notes.click()
    assert opened.page.locator(".marks .mark.note").count() == 4
    opened.page.get_by_role("button", name=re.compile("^function")).click()
    assert opened.page.locator("#count").inner_text() == "16 of 24 events"


def test_a_run_can_be_read_by_keyboard(view: Open) -> None:
    """Arrows move from event to event and from lane to lane, Enter goes to the payload."""
    opened = view("shop")
    keyboard = opened.page.keyboard
    opened.page.locator(".stage").focus()
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    assert opened.selected().get_attribute("data-number") == "1"
    keyboard.press("ArrowDown")
    assert "post_order" in opened.details().inner_text()
    keyboard.press("End")
    assert opened.selected().get_attribute("data-number") == "23"
    keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "details"
    keyboard.press("/")
    assert opened.evaluate("document.activeElement.id") == "filter"
    assert opened.page.locator("#said").inner_text().startswith("T+")


def test_zoom_keeps_what_is_under_the_pointer(view: Open) -> None:
    """Control and wheel zoom around the pointer; Fit goes back."""
    opened = view("large")
    canvas = opened.page.locator(".canvas")
    fitted = canvas.evaluate("element => element.offsetWidth")
    box = opened.mark(0).bounding_box()
    assert box is not None
    opened.page.mouse.move(box["x"] + 8, box["y"] + 8)
    opened.page.keyboard.down("Control")
    opened.page.mouse.wheel(0, -400)
    opened.until(f"document.querySelector('.canvas').offsetWidth > 1.5 * {fitted}")
    opened.page.keyboard.up("Control")
    after = opened.mark(0).bounding_box()
    assert after is not None
    assert abs(after["x"] - box["x"]) < 20
    opened.page.get_by_label("Fit the whole run").click()
    assert canvas.evaluate("element => element.offsetWidth") == fitted


def test_the_drawing_can_be_dragged(view: Open) -> None:
    """Dragging moves through time and selects nothing."""
    opened = view("large")
    for _ in range(6):
        opened.page.get_by_label("Zoom in").click()
    stage = opened.page.locator(".stage")
    before = stage.evaluate("element => element.scrollLeft")
    opened.page.mouse.move(900, 400)
    opened.page.mouse.down()
    opened.page.mouse.move(500, 380, steps=4)
    opened.page.mouse.up()
    assert stage.evaluate("element => element.scrollLeft") == before + 400
    assert opened.selected().count() == 0


def test_folded_time_is_marked(view: Open) -> None:
    """A long gap is broken visibly, with its length at the break."""
    opened = view("pair")
    assert opened.page.locator(".ticks .gap").first.text_content() == "1d"
    assert opened.page.locator(".breaks path").count() >= 1


def test_two_runs_show_where_they_part(view: Open) -> None:
    """The first difference is said, marked in both runs, and can be jumped to."""
    opened = view("pair")
    verdict = opened.page.locator("#verdict").inner_text()
    assert "“event approval” of post-1 comes at T+2h in the first run, at T+1d 2h" in verdict
    for panel in range(2):
        stage = opened.page.locator(".stage").nth(panel)
        assert stage.locator("circle.parting").count() == 1
        assert stage.get_by_text("first difference").count() == 1
    opened.page.get_by_role("button", name="Show it").click()
    assert "event approval" in opened.selected().inner_text()
    assert "In run B: event approval at T+1d 2h" in opened.details().inner_text()
    opened.page.get_by_role("button", name="Go there").click()
    assert "In run A" in opened.details().inner_text()
    assert opened.page.locator(".tab[aria-pressed=true]").inner_text().startswith("B")


def test_two_runs_move_together(view: Open) -> None:
    """Zoom and place in time are those of both; so are the lanes where they are the same."""
    opened = view("crowds")
    opened.page.get_by_role("button", name="Show it").click()
    stages = opened.page.locator(".stage")
    places = "element => [element.scrollLeft, element.scrollTop, element.scrollWidth]"
    tops = "[...document.querySelectorAll('.stage')].map((stage) => stage.scrollTop)"
    opened.until(f"Math.min(...{tops}) > 0 && new Set({tops}).size === 1")
    assert stages.nth(0).evaluate(places) == stages.nth(1).evaluate(places)


def test_equal_runs_are_said_to_be_equal(view: Open) -> None:
    """Two equal runs have no mark of a difference."""
    opened = view("twins")
    assert "equal but for made-up ids" in opened.page.locator("#verdict").inner_text()
    assert opened.page.locator(".parting").count() == 0


def test_findings_lead_to_their_place(view: Open) -> None:
    """A finding in the head selects its event."""
    opened = view("finding")
    opened.page.get_by_role("button", name="WF103 timer still open").click()
    assert opened.selected().get_attribute("data-number") == "2"


GROUND = "getComputedStyle(document.body).backgroundColor"


def test_light_and_dark(view: Open) -> None:
    """The page follows the system, and its button switches."""
    grounds = {}
    for scheme in ("light", "dark"):
        opened = view("hand", scheme=scheme)
        grounds[scheme] = opened.evaluate(GROUND)
        opened.page.locator("#theme").click()
        assert opened.evaluate(GROUND) != grounds[scheme]
    assert grounds["light"] != grounds["dark"]


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = light(getComputedStyle(document.querySelector(".stage .corner")).backgroundColor);
  const ratio = (colour) => {
    const own = light(colour);
    return (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05);
  };
  const probe = document.body.appendChild(document.createElement("i"));
  const kinds = ["start", "work", "time", "event", "good", "bad", "note", "finding", "soft"];
  return kinds.map((kind) => {
    probe.className = kind;
    return [kind, ratio(getComputedStyle(probe).color)];
  }).filter(([, found]) => found < 4.5);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_from_the_ground(view: Open, scheme: str) -> None:
    """Every colour of text and marks has a contrast of at least 4.5 to 1."""
    assert view("hand", scheme=scheme).evaluate(CONTRASTS) == []


def test_kinds_differ_in_shape(view: Open) -> None:
    """Without colours, kinds of events still differ: no two have the same outline."""
    shapes = view("shop").evaluate(
        "[...document.querySelectorAll('#kinds .mark')].map((mark) => mark.getAttribute('d'))"
    )
    assert len(shapes) == len(set(shapes)) == 6


def test_everything_has_a_name(view: Open) -> None:
    """Buttons, inputs, regions and the drawing are named for those who do not see them."""
    opened = view("pair")
    nameless = opened.evaluate(
        """[...document.querySelectorAll("button, [tabindex], main, section, [role]")]
          .filter((item) => !["presentation", "row", "gridcell", "status"].includes(item.role))
          .filter((item) => !item.ariaLabel && !item.textContent.trim())
          .map((item) => item.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    assert opened.page.get_by_role("grid", name="Events in order").count() == 1
    assert opened.page.get_by_role("searchbox", name="Filter by lane").count() == 1


def test_the_split_moves(view: Open) -> None:
    """The line between drawing and list moves by keyboard."""
    opened = view("forty")
    height = "document.getElementById('panels').offsetHeight"
    before = opened.evaluate(height)
    opened.page.locator("#split").focus()
    opened.page.keyboard.press("ArrowUp")
    assert opened.evaluate(height) == before - 24
