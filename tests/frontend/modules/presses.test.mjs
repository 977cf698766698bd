/** Mouse, pen and fingers: which presses flip, move or magnify. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { inputOf, listenToPresses } from "../../../frontend/modules/input/presses.js";
import { openBrowser, tick } from "./browser.mjs";

/** The pictures, and what hands have made happen on them. */
function pictures({ canPan = false } = {}) {
  openBrowser();
  const element = new HTMLElement();
  const noted = [];
  const note =
    (name) =>
    (...values) =>
      void noted.push([name, ...values]);
  const names = ["flip", "unflip", "drag", "zoom"];
  const acts = Object.fromEntries(names.map((name) => [name, note(name)]));
  listenToPresses(element, acts, () => canPan);
  return { element, noted };
}

let now = 0;

/** Dispatch an event of a pointer; to the window where no element is given. */
function pointer(type, { on = window, x = 0, y = 0, id = 1, kind = "touch", button = 0 } = {}) {
  const event = new Event(type, { cancelable: true });
  const facts = {
    clientX: x,
    clientY: y,
    pointerId: id,
    pointerType: kind,
    button,
    timeStamp: now,
  };
  for (const [name, value] of Object.entries(facts)) Object.defineProperty(event, name, { value });
  on.dispatchEvent(event);
}

/** Let so much time pass, for timers and for the stamps of events. */
function wait(ms) {
  now += ms;
  tick(ms);
}

test("a tap flips when it ends", () => {
  const { element, noted } = pictures();
  pointer("pointerdown", { on: element });
  assert.deepEqual(noted, []);
  wait(100);
  pointer("pointerup", { x: 5, y: 5 });
  assert.deepEqual(noted, [["flip", undefined]]);
});

test("a mouse flips at once where nothing can be moved, and back when it was held", () => {
  const { element, noted } = pictures();
  pointer("pointerdown", { on: element, kind: "mouse" });
  assert.deepEqual(noted, [["flip", undefined]]);
  wait(100);
  pointer("pointerup", { kind: "mouse" });
  assert.equal(noted.length, 1);
  pointer("pointerdown", { on: element, kind: "mouse" });
  wait(400);
  pointer("pointerup", { kind: "mouse" });
  assert.deepEqual(noted.slice(1), [["flip", undefined], ["unflip"]]);
});

test("a finger that rests shows the other one for as long as it rests", () => {
  const { element, noted } = pictures();
  pointer("pointerdown", { on: element });
  wait(351);
  assert.deepEqual(noted, [["flip", undefined]]);
  wait(300);
  pointer("pointerup");
  assert.deepEqual(noted, [["flip", undefined], ["unflip"]]);
});

test("a finger that moves moves the pictures, and flips nothing", () => {
  const { element, noted } = pictures({ canPan: true });
  pointer("pointerdown", { on: element, x: 100, y: 100 });
  pointer("pointermove", { x: 108, y: 100 }); // not far enough
  pointer("pointermove", { x: 120, y: 90 });
  pointer("pointermove", { x: 121, y: 95 });
  wait(1000);
  pointer("pointerup", { x: 121, y: 95 });
  assert.deepEqual(noted, [
    ["drag", 20, -10, true],
    ["drag", 1, 5, false],
  ]);
});

test("a mouse may be about to move them, so it flips when it ends", () => {
  const { element, noted } = pictures({ canPan: true });
  pointer("pointerdown", { on: element, kind: "mouse" });
  assert.deepEqual(noted, []);
  pointer("pointerup", { kind: "mouse" });
  assert.deepEqual(noted, [["flip", undefined]]);
});

test("a finger that ends elsewhere, or is taken away by the system, is no tap", () => {
  const { element, noted } = pictures();
  pointer("pointerdown", { on: element });
  pointer("pointerup", { x: 30 });
  pointer("pointerdown", { on: element });
  pointer("pointercancel");
  assert.deepEqual(noted, []);
});

test("a swipe flips on or back, as pages are leafed through", () => {
  const { element, noted } = pictures();
  const swipe = (x, y, kind = "touch") => {
    pointer("pointerdown", { on: element, x: 100, y: 100, kind });
    wait(200);
    pointer("pointermove", { x: 100 + x / 2, y: 100 + y / 2, kind });
    wait(400); // slow ones are none the less: a finger that moves does not rest
    pointer("pointerup", { x: 100 + x, y: 100 + y, kind });
  };
  swipe(-60, 10);
  swipe(60, -20);
  assert.deepEqual(noted, [
    ["flip", undefined, 1],
    ["flip", undefined, -1],
  ]);
  swipe(60, 50); // neither sideways nor down
  swipe(0, -200);
  swipe(30, 0); // too short
  assert.equal(noted.length, 2);
});

test("what can be moved is moved by a swipe, and not flipped", () => {
  const { element, noted } = pictures({ canPan: true });
  pointer("pointerdown", { on: element, x: 100 });
  pointer("pointermove", { x: 20 });
  pointer("pointerup", { x: 20 });
  assert.deepEqual(noted, [["drag", -80, 0, true]]);
});

test("two fingers magnify by steps, and neither is a tap", () => {
  const { element, noted } = pictures();
  pointer("pointerdown", { on: element, x: 100, id: 1 });
  pointer("pointerdown", { on: element, x: 200, id: 2 });
  pointer("pointermove", { x: 240, id: 2 });
  assert.deepEqual(noted, []);
  pointer("pointermove", { x: 260, id: 2 });
  pointer("pointermove", { x: 270, id: 2 });
  pointer("pointermove", { x: 200, id: 2 });
  wait(1000);
  pointer("pointerup", { x: 200, id: 2 });
  pointer("pointerup", { x: 100, id: 1 });
  assert.deepEqual(noted, [
    ["zoom", 1],
    ["zoom", -1],
  ]);
});

test("other buttons and other pointers do nothing", () => {
  const { element, noted } = pictures();
  pointer("pointerdown", { on: element, kind: "mouse", button: 2 });
  pointer("pointermove", { x: 50, id: 7 });
  pointer("pointerup", { kind: "mouse" });
  assert.deepEqual(noted, []);
});

test("the wheel moves them where they can be moved; turns in quick succession are one", () => {
  const wheel = (on, facts) => {
    const event = new Event("wheel", { cancelable: true });
    const all = { deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, timeStamp: now, ...facts };
    for (const [name, value] of Object.entries(all)) Object.defineProperty(event, name, { value });
    on.dispatchEvent(event);
    return event.defaultPrevented;
  };
  const { element, noted } = pictures({ canPan: true });
  assert.ok(wheel(element, { deltaY: 10 }));
  wait(100);
  wheel(element, { deltaX: 1, deltaMode: 1 });
  wait(400);
  wheel(element, { deltaY: 4 });
  assert.equal(wheel(element, { deltaY: 4, ctrlKey: true }), false); // the browser's zoom
  assert.deepEqual(noted, [
    ["drag", -0, -10, true],
    ["drag", -40, -0, false],
    ["drag", -0, -4, true],
  ]);
  const whole = pictures();
  assert.equal(wheel(whole.element, { deltaY: 10 }), false);
  assert.deepEqual(whole.noted, []);
});

test("a finger that rests opens no menu", () => {
  const { element } = pictures();
  const event = new Event("contextmenu", { cancelable: true });
  element.dispatchEvent(event);
  assert.ok(event.defaultPrevented);
});

test("by what a button was pressed is told", () => {
  const press = (pointerType, detail) => inputOf({ pointerType, detail });
  assert.deepEqual(
    [press("touch", 1), press("pen", 1), press("mouse", 1), press("", 0), press("", 1)],
    ["touch", "pen", "mouse", "key", "mouse"],
  );
  assert.equal(inputOf({ detail: 0 }), "key");
});
