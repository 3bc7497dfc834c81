"""Looking at a page as its users will: a picture in light and in dark, and nothing that shuts somebody out."""

from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect


@dataclass
class Album:
    """Pictures of pages, each found accessible in both themes before it is kept."""

    folder: Path
    _axe: Axe = field(default_factory=Axe)

    def look(self, page: Page, name: str, heading: str) -> None:
        """The page with that heading is accessible (axe finds no violation), fits its window, and is kept."""
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        page.wait_for_load_state()
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # One of its two literals.
            found = self._axe.run(page)
            assert found.violations_count == 0, f"{name}, {theme}: {found.generate_report()}"
            page.screenshot(path=self.folder / f"{name}-{theme}.png", full_page=True)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{name} is {wider} px wider than its window"
