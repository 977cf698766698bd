/** The page of one picture: any two of its versions, seen through the same window. */

import { find, findAll } from "../parts/find.js";
import { Painter } from "./painter.js";
import { followPixelRatio, isPinched } from "../pictures/pixels.js";
import { text } from "../parts/texts.js";
import { writeLook } from "./viewer-address.js";
import { listenToControls, say, showControls } from "./viewer-controls.js";
import { listenToViewerKeys } from "./viewer-keys.js";
import { listenToPointers } from "./viewer-pointers.js";
import { Viewing } from "./viewing.js";

const viewer = find("#viewer");
const stage = find("#stage");
const panes = findAll("#stage .pane");
const canvases = /** @type {HTMLCanvasElement[]} */ (findAll("#stage canvas"));
/** The room that captions take, and that lies between two pictures, in px: as the style has it. */
const CAPTION_PX = 32;
const GAP_PX = 16;

viewer.hidden = false;
find("#without-script").hidden = true;
const facts = JSON.parse(find("#viewer-facts").textContent ?? "");
const chosen = { left: viewer.dataset.left ?? "", right: viewer.dataset.right ?? "" };
const viewing = new Viewing(facts, chosen, location.search, window.devicePixelRatio);
const painter = new Painter(viewing, askForFrame);
let isAsked = false;

followPixelRatio(askForFrame);
listenToControls(change);
listenToViewerKeys(stage, change);
listenToPointers(stage, viewing, change);
new ResizeObserver(askForFrame).observe(stage);
window.visualViewport?.addEventListener("resize", askForFrame);
askForFrame();

/** @param {(viewing: Viewing) => void} act */
function change(act) {
  act(viewing);
  askForFrame();
}

/** Paint in the next frame, however much changes until then. */
function askForFrame() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    show();
  });
}

function show() {
  const ratio = window.devicePixelRatio;
  const count = viewing.panes;
  const room = stage.getBoundingClientRect();
  // One device pixel less: the stage may begin and end within one, and would cut it off.
  const inside = (/** @type {number} */ px) => Math.floor(px * ratio) - 1;
  viewing.fit({
    width: inside((room.width - (count - 1) * GAP_PX) / count),
    height: inside(room.height - CAPTION_PX),
  });
  place();
  painter.paint(canvases);
  caption();
  showControls(viewing);
  viewer.dataset.state = painter.state;
  viewer.setAttribute("aria-busy", String(painter.state === "loading"));
  say("#trouble", troubles().join(" "));
  remember();
}

/** Let each canvas be as large as the window onto the pictures, on whole device pixels. */
function place() {
  const { window: seen, canPan } = viewing.view;
  panes[1].hidden = viewing.panes === 1;
  stage.style.setProperty("--seen-width", String(seen.width));
  stage.style.setProperty("--seen-height", String(seen.height));
  stage.style.setProperty("--split", String(Math.round(viewing.split * seen.width)));
  stage.toggleAttribute("data-can-pan", canPan);
  stage.dataset.mode = viewing.mode;
}

/** Say which version each picture is; in a place that is shared, also when it changes. */
function caption() {
  const { mode, shown } = viewing;
  const [left, right] = [viewing.version("left").name, viewing.version("right").name];
  const words = {
    flip: shown === "left" ? left : right,
    slider: text("name_slider", { left, right }),
    sides: left,
    difference: text("name_difference", { left, right, by: viewing.by }),
  }[mode];
  say("#stage .pane:first-child .pane-name", words);
  say("#stage .pane:nth-child(2) .pane-name", right);
  canvases.forEach((canvas, at) => {
    canvas.setAttribute("aria-label", panes[at].querySelector(".pane-name")?.textContent ?? "");
  });
}

/** What keeps the pictures from being what they are said to be. */
function troubles() {
  return [isPinched() && text("pinched"), painter.state === "lacking" && text("lacking")].filter(
    (words) => typeof words === "string",
  );
}

/** Keep the view in the address, and in the links to other pictures all but the place. */
function remember() {
  const address = writeLook(location.search, viewing.look);
  if (address !== location.search) history.replaceState(null, "", address + location.hash);
  for (const link of /** @type {HTMLAnchorElement[]} */ (findAll("a[data-keeps-view]"))) {
    const kept = new URLSearchParams(address);
    kept.delete("at");
    link.search = kept.toString();
  }
}
