"""What axe-core is asked about a page."""

from playwright.sync_api import Page

from tests.data_dir import ROOT

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A colour that is still on its way, as after a change of the scheme, is nobody's to read.
RUN = """
async (rules) => {
  const running = document.getAnimations().filter((one) => one instanceof CSSTransition);
  for (const transition of running) transition.finish();
  const found = await axe.run(document, { runOnly: rules });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`);
}
"""


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong on a page: rules, and the elements that break them.

    The browser puts it in, as the content security policy lets nothing else do, and only where it
    is asked: loading it takes longer than most pages do.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN, RULES)
    return found
