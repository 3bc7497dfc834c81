"""Pictures of pages at three sizes of window, and of the dark theme at one, each found accessible before it is kept.

    keep_pictures(page, "desk-patients")

They lie in test-output/console; whoever builds a page looks at them, and tidies it until they are good.
"""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

FOLDER = Path(__file__).parents[2] / "test-output" / "console"
WINDOWS = {"1280": (1280, 800), "1920": (1920, 1080), "tablet": (820, 1180)}
# The dark theme changes colours and moves nothing.
SIZES = {"dark": ("1280",), "light": tuple(WINDOWS)}


def keep_pictures(page: Page, name: str) -> None:
    """The page fits each window, and axe finds no violation in it in either theme; the window stays 1280 wide."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state()
    faults = []
    for theme, windows in SIZES.items():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # One of its two literals.
        for window in windows:
            width, height = WINDOWS[window]
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("window.scrollTo(0, 0)")
            page.screenshot(path=FOLDER / f"{name}-{window}-{theme}.png", full_page=True)
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wider > 0:
                faults.append(f"{name}, {window}: {wider} px wider than its window")
        found = Axe().run(page)
        if found.violations_count:
            faults.append(f"{name}, {theme}: {found.generate_report()}")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert not faults, "\n".join(faults)
