"""Somebody who has no pointer: goes from stop to stop and looks at each of them."""

from typing import Any

from playwright.sync_api import Locator, Page

MOST_STOPS = 60

_LOOK = """() => {
  const stop = document.activeElement, box = stop.getBoundingClientRect();
  const style = element => {
    const found = getComputedStyle(element);
    return [found.outlineStyle, found.outlineWidth, found.boxShadow].join(" ");
  };
  const twin = stop.cloneNode(false);
  for (const name of ["id", "name", "autofocus"]) twin.removeAttribute(name);
  stop.after(twin);
  const isMarked = style(stop) !== style(twin);
  twin.remove();
  const covers = one => {
    const other = one.getBoundingClientRect();
    const left = Math.max(box.left, other.left), right = Math.min(box.right, other.right);
    const top = Math.max(box.top, other.top), bottom = Math.min(box.bottom, other.bottom);
    return left < right && top < bottom
      && one.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
  };
  const floating = [...document.querySelectorAll("body *")]
    .filter(one => ["fixed", "sticky"].includes(getComputedStyle(one).position))
    .filter(one => !one.contains(stop));
  return {
    html: stop.outerHTML.slice(0, 120),
    is_lost: stop === document.body,
    is_marked: isMarked,
    is_seen: box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth,
    covered_by: floating.filter(covers).map(one => one.className),
    in_main: stop.closest("main") !== null,
    top: box.top + scrollY, bottom: box.bottom + scrollY, left: box.left + scrollX,
  };
}"""


class Keyboard:
    """Everything is done with keys; every stop on the way must be fit to stop at."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, target: Locator) -> None:
        """Press Tab until this has the focus."""
        before: dict[str, Any] = {}
        passed = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(_LOOK)
            fit(stop, before)
            if has_focus(target):
                return
            before = stop
            passed.append(stop["html"])
        raise AssertionError(f"{target} is not among {passed}")

    def enter(self, target: Locator) -> None:
        """Go there and press Enter."""
        self.tab_to(target)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        """Go to a field and write this in place of what stands there."""
        self.tab_to(target)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def skip(self) -> None:
        """On a page that has just come: by the first stop to its content."""
        self.enter(self.page.get_by_role("link", name="Skip to the content"))
        assert has_focus(self.page.locator("#content"))


def has_focus(target: Locator) -> bool:
    """Whether this is what the keys go to."""
    return bool(target.evaluate("element => element === document.activeElement"))


def fit(stop: dict[str, Any], before: dict[str, Any]) -> None:
    """Focus is there, marked, in sight, under nothing that floats, and never jumps back."""
    html = stop["html"]
    assert not stop["is_lost"], f"after {before.get('html')} the page ends"
    assert stop["is_marked"], f"nothing marks the focus: {html}"
    assert stop["is_seen"], f"out of sight: {html}"
    assert stop["covered_by"] == [], f"{stop['covered_by']} over {html}"
    if before and before["in_main"] and stop["in_main"]:
        jumps = stop["bottom"] <= before["top"] and stop["left"] <= before["left"]
        assert not jumps, f"back up from {before['html']} to {html}"
