/** Instants by the viewer's own clock. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isElsewhere, written } from "../../../frontend/modules/pages/clock.js";

/** What a function returns where clocks show a zone's time. */
function inZone(zone, act) {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    return act();
  } finally {
    process.env.TZ = before ?? "";
  }
}

const plainly = (text) => text.replaceAll("\u00a0", " ").replaceAll("\u2212", "-");
const at = (iso, zone) => inZone(zone, () => plainly(written(new Date(iso))));

test("an instant is written as the server does, by the viewer's clock", () => {
  const deadline = "2018-04-20T23:59:59-08:00";
  assert.equal(at(deadline, "UTC"), "Sat 21 Apr 2018, 07:59:59 UTC");
  assert.equal(at(deadline, "Asia/Kolkata"), "Sat 21 Apr 2018, 13:29:59 UTC+5:30");
  assert.equal(at(deadline, "America/Los_Angeles"), "Sat 21 Apr 2018, 00:59:59 UTC-7");
  assert.equal(at("2018-01-15T00:00:00Z", "UTC"), "Mon 15 Jan 2018, 00:00 UTC");
  assert.equal(at("2018-09-01T12:05:00Z", "Europe/Berlin"), "Sat 1 Sep 2018, 14:05 UTC+2");
});

test("it is written anew only where the viewer's clock shows another time", () => {
  const elsewhere = (iso, zone) => inZone(zone, () => isElsewhere(iso));
  assert.equal(elsewhere("2018-04-20T23:59:59-07:00", "America/Los_Angeles"), false);
  assert.equal(elsewhere("2018-04-20T23:59:59-08:00", "America/Los_Angeles"), true);
  assert.equal(elsewhere("2018-04-20T23:59:59+00:00", "UTC"), false);
  assert.equal(elsewhere("2018-04-20T23:59:59+05:30", "Asia/Kolkata"), false);
});
