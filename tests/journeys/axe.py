"""What axe-core is asked about a page."""

from tests.data_dir import ROOT

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The project's content security policy lets nothing be injected: it is put in by the browser.
# A colour that is still on its way, as after a change of the scheme, is nobody's to read.
RUN = """
async (rules) => {
  const running = document.getAnimations().filter((one) => one instanceof CSSTransition);
  for (const transition of running) transition.finish();
  const found = await axe.run(document, { runOnly: rules });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`);
}
"""
