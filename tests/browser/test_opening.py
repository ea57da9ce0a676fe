"""Pages open quickly, quietly and without a network, whatever is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Open, Opened
from tests.report.hand_made import EVIL

pytestmark = pytest.mark.browser

FIRST_PAINT_MS = 2_000
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"


@pytest.mark.parametrize("name", ["one", "forty", "large", "burst"])
def test_a_page_is_painted_at_once(view: Open, name: str) -> None:
    """One run, 40 runs, 10,000 events, 3,000 at one instant: painted and drawn within 2 s."""
    opened = view(name)
    opened.until(PAINTED)
    painted = opened.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    drawn = opened.evaluate(
        "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
    )
    assert opened.marks().count() > 0
    assert painted < FIRST_PAINT_MS
    assert drawn < FIRST_PAINT_MS


@pytest.mark.parametrize("name", ["shop", "pair", "crowds", "twins", "three", "empty", "finding"])
def test_every_kind_of_page_opens(view: Open, name: str) -> None:
    """The browser has no error, no warning and no request to tell of."""
    assert view(name).page.locator(".stage").count() >= 1


def test_only_what_is_near_is_drawn(view: Open) -> None:
    """The number of elements does not grow with the number of events."""
    small, large = (
        view(name).evaluate("document.querySelectorAll('*').length") for name in ("forty", "large")
    )
    assert large < 3 * small
    assert large < 4_000


def test_the_policy_holds(view: Open) -> None:
    """Even a script that got into the page could not run, and nothing could be fetched."""
    opened = view("hand")
    opened.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'executed'";
          const image = document.createElement("img");
          image.src = "https://example.invalid/x.png";
          document.body.append(script, image);
        }"""
    )
    assert opened.page.title() == "hand"
    blocked = [text for text in opened.complaints if "Content Security Policy" in text]
    assert len(blocked) == 2
    opened.complaints.clear()


@pytest.mark.parametrize("number", range(len(EVIL)))
def test_payloads_are_text(view: Open, number: int) -> None:
    """What looks like markup or script is shown as it is, in the list and the panel."""
    opened = view("evil")
    opened.page.locator(f".line[data-number='{number}']").click()
    shown = opened.details().locator("pre").first
    assert shown.text_content() == visible(EVIL[number])
    assert opened.details().locator("h2").text_content() == visible(f"Completed {EVIL[number]}")
    assert opened.page.locator("img, iframe, .details script, .list script").count() == 0
    assert opened.evaluate("document.scripts.length") == 2


def visible(text: str) -> str:
    """Return text as the page shows it: what steers or hides stands as an escape."""
    steering = "\u2028\u2029\u202e\u202c\x1b\x00\ud800"
    return "".join(f"\\u{ord(sign):04x}" if sign in steering else sign for sign in text)


Shoot = Callable[[Opened, str], Path]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 420])
@pytest.mark.parametrize("name", ["one", "shop", "forty", "large", "pair", "evil"])
def test_pictures_are_kept(view: Open, shoot: Shoot, name: str, width: int, scheme: str) -> None:
    """Every kind of page can be looked at, wide and narrow, light and dark."""
    opened = view(name, width=width, scheme=scheme)
    opened.page.locator(".line").nth(1).click()
    path = shoot(opened, f"{name}-{width}-{scheme}")
    assert path.read_bytes().startswith(b"\x89PNG")
    sideways = opened.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert sideways <= 0
