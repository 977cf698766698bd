"""The viewer on a slow line, and its flips, in Chromium. `python -m benchmarks.viewer URL`

URL is the page of a prepared picture of about two megapixels on a running site, such as
http://127.0.0.1:8000/demo/open/pictures/a.png/. The line is the browser's emulation: 10 Mbit/s and
40 ms there and back. Nothing is cached before.
"""

import shutil
import sys
from statistics import median

from playwright.sync_api import Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
LINE = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 10e6 / 8,
    "uploadThroughput": 10e6 / 8,
}
VISITS, FLIPS = 10, 30
# From the beginning of the navigation: one version seen coarsely, both there, every pixel exact.
SEEN = {
    "first": "first view",
    "both": "both versions coarsely there",
    "whole": "every pixel in view, both versions",
}
WATCH = """
window.seen = {};
const drawn = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (...given) {
  window.seen.first ??= performance.now();
  return drawn.apply(this, given);
};
let tiles = 0;
const made = window.createImageBitmap;
window.createImageBitmap = async (...given) => {
  const tile = await made(...given);
  tiles += 1;
  // The last level of each version is one tile, and is asked for before all others.
  if (tiles === 2) window.seen.both = performance.now();
  return tile;
};
new MutationObserver(() => {
  const viewer = document.querySelector("#viewer");
  if (viewer?.dataset.state === "ready") window.seen.whole ??= performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
window.flips = [];
addEventListener("keydown", (event) => {
  if (event.key !== " ") return;
  const canvas = document.querySelector("#stage canvas");
  const before = document.querySelector(".pane-name").textContent;
  let frames = 0;
  const look = () => {
    frames += 1;
    const isThere = document.querySelector(".pane-name").textContent !== before;
    if (!isThere) return requestAnimationFrame(look);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const ms = performance.now() - event.timeStamp;
      performance.measure("flip", { start: event.timeStamp, duration: ms });
      window.flips.push({ ms, frames });
      document.documentElement.dataset.flips = window.flips.length;
    };
    channel.port2.postMessage(0);
  };
  // After the page's own handler has asked for its frame: in that very one, or a later one.
  requestAnimationFrame(look);
});
"""


def main() -> None:
    """Print when first visits see something and everything, how much they ask for, and flips."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m benchmarks.viewer URL (of a picture's page)")
    with sync_playwright() as playwright:
        names = ("chromium-headless-shell", "chromium")
        path = next(filter(None, map(shutil.which, names)))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        visits = []
        for _ in range(VISITS):
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            page = context.new_page()
            visits.append(visit(page, sys.argv[1]))
            flips = flip(page)
            context.close()
        browser.close()
    for name, words in SEEN.items():
        times = [seen[name] / 1000 for seen in visits]
        print(f"{words}: median {median(times):.2f} s, slowest {max(times):.2f} s (10 Mbit/s)")
    times = [each["ms"] for each in flips]
    print(f"flip, {len(times)}: median {median(times):.1f} ms, slowest {max(times):.1f} ms")
    print(f"  frames until it is there: {sorted({each['frames'] for each in flips})}")


def visit(page: Page, url: str) -> dict[str, float]:
    """Open the page on the slow line; return the instants in ms since the navigation began."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_selector("#viewer[data-state=ready]", timeout=60_000)
    seen: dict[str, float] = page.evaluate("window.seen")
    return seen


def flip(page: Page) -> list[dict[str, float]]:
    """Flip again and again; return ms from the key to the frame, and how many frames it took."""
    page.locator("#stage").focus()
    for number in range(FLIPS):
        page.keyboard.press("Space")
        page.wait_for_selector(f"[data-flips='{number + 1}']", state="attached")
    found: list[dict[str, float]] = page.evaluate("flips")
    return found


if __name__ == "__main__":
    main()
