"""From key press to the next trial on screen, in Chromium. `python -m benchmarks.rating_page URL`

And the weight of the page without its pictures, as it comes over the line.

URL is the rating page of a running site, such as http://127.0.0.1:8000/rate/demo/. Beside it, in
the same browser and run, what a page without prefetching would do: ask for the next trial's
pictures when the key is pressed (at new addresses, so that no cache has them) and show them.
"""

import shutil
import sys
from statistics import median

from playwright.sync_api import Page, sync_playwright

# Fewer than a study lets pass before it offers a break.
TRIALS = 24
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

# Runs before the page's own handlers, and again when the frame that they caused was presented.
WATCH = """
window.latencies = [];
addEventListener("keydown", (event) => {
  if (event.key !== "1") return;
  const before = document.querySelector("#progress").textContent;
  const pressed = event.timeStamp;
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const moved = document.querySelector("#progress").textContent !== before;
      const whole = [...document.querySelectorAll("#stage img")].every((image) => image.complete);
      window.latencies.push(moved && whole ? performance.now() - pressed : Infinity);
    };
    channel.port2.postMessage(0);
  });
}, { capture: true });
"""
# Document, styles and scripts, with their headers.
WEIGHT = """
() => performance.getEntries()
  .filter(({ name, transferSize }) => transferSize && !/\\.webp$|\\/api\\//.test(name))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)
"""
WITHOUT_PREFETCHING = """
async (addresses) => {
  const pressed = performance.now();
  await fetch("/api/v1/studies/", { cache: "no-store" });
  const images = addresses.map((address) => {
    const image = document.createElement("img");
    image.src = `${address}?${Math.random()}`;
    return image;
  });
  document.body.append(...images);
  await Promise.all(images.map((image) => new Promise((done) => { image.onload = done; })));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const elapsed = performance.now() - pressed;
  images.forEach((image) => image.remove());
  return elapsed;
}
"""


def main() -> None:
    """Print both medians and their ratio."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m benchmarks.rating_page URL (of a rating page)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        prefetched, naive = measure(page, sys.argv[1])
        weight_bytes = weigh(page, sys.argv[1])
        browser.close()
    print(f"key press to next trial, {len(prefetched)} trials: median {median(prefetched):.1f} ms")
    print(f"  slowest {max(prefetched):.1f} ms")
    print(f"without prefetching: median {median(naive):.1f} ms")
    print(f"ratio {median(prefetched) / median(naive):.2f}")
    print(f"page without pictures: {weight_bytes / 1000:.0f} kB")


def measure(page: Page, url: str) -> tuple[list[float], list[float]]:
    """Judge trials at a rater's pace; return both latencies of each, in ms."""
    addresses: list[list[str]] = []
    page.on(
        "response",
        lambda answer: (
            addresses.extend(
                [trial[side] for side in ("original", "left", "right")]
                for trial in answer.json()["results"]
            )
            if "/trials/next/" in answer.url
            else None
        ),
    )
    page.add_init_script(WATCH)
    page.goto(url)
    page.click("#begin")
    page.click("[data-for=instructions] [data-start]")
    page.wait_for_selector("#rate[data-state=trial]")
    naive: list[float] = []
    for trial in range(TRIALS):
        page.wait_for_selector("#rate[data-state=trial]:not([data-ahead='0'])")
        page.keyboard.press("Space")
        page.wait_for_timeout(300)  # a very fast rater
        page.keyboard.press("1")
        page.wait_for_function("count => latencies.length === count", arg=trial + 1)
        naive.append(page.evaluate(WITHOUT_PREFETCHING, addresses[trial]))
    return page.evaluate("latencies"), naive


def weigh(page: Page, url: str) -> int:
    """Return the bytes of a first visit, in a context that has nothing of it yet."""
    browser = page.context.browser
    assert browser is not None
    fresh = browser.new_page()
    fresh.goto(url, wait_until="networkidle")
    return int(fresh.evaluate(WEIGHT))


if __name__ == "__main__":
    main()
