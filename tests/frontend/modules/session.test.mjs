/** The session's states: what each event leads to, and where it leads nowhere. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { HEARD } from "../../../frontend/modules/session/heard.js";
import { pass, passMinute, settle } from "./browser.mjs";
import { firstVisit, nextVisit } from "./visit.mjs";

/** A cause to be in each state, as a rater comes there. */
const WAYS = {
  consent: async (visit) => visit,
  instructions: async (visit) => {
    void visit.session.begin();
    await settle();
  },
  trial: (visit) => visit.begin(),
  feedback: async (visit) => {
    await visit.begin();
    visit.answer("left");
  },
  rest: async (visit) => {
    await visit.begin();
    visit.session.pause();
  },
  small: async (visit) => {
    await visit.begin();
    visit.session.cramp();
  },
  waiting: async (visit) => {
    await WAYS.instructions(visit);
    visit.server.way = "down";
    visit.supply.take();
    visit.supply.take();
    visit.supply.take();
    visit.session.start();
  },
  again: async (visit) => {
    await visit.begin();
    for (const choice of ["right", "left"]) {
      await visit.answers(choice);
      visit.session.goOn();
      await settle();
    }
  },
  ready: async (visit) => {
    await visit.begin();
    for (const choice of ["left", "left"]) {
      await visit.answers(choice);
      visit.session.goOn();
      await settle();
    }
  },
  done: async (visit) => {
    await WAYS.ready(visit);
    visit.session.start();
    await settle();
    while (visit.state === "trial") await visit.answers("left");
  },
  "screened-out": async (visit) => {
    await WAYS.again(visit);
    visit.session.start();
    await settle();
    for (const choice of ["right", "right"]) {
      await visit.answers(choice);
      visit.session.goOn();
      await settle();
    }
  },
  fault: async (visit) => {
    await visit.begin();
    visit.session.stop();
  },
};
const EVENTS = {
  begin: (session) => void session.begin(),
  start: (session) => session.start(),
  answer: (session) => session.answer("left", "key"),
  undo: (session) => session.undo(),
  flag: (session) => session.flag("other", ""),
  pause: (session) => session.pause(),
  cramp: (session) => session.cramp(),
  widen: (session) => session.widen(),
  goOn: (session) => session.goOn(),
};

/** Return a visit in a state. */
async function inState(state) {
  const visit = firstVisit({ total: 4, practice: 2 });
  await WAYS[state](visit);
  assert.equal(visit.state, state);
  return visit;
}

/** Return all that an event may change, as text. */
function everything({ session, page, outbox, supply, server }) {
  const { state, asked, undoable, told } = session;
  const counts = [outbox.size, outbox.refused, supply.ahead, server.requests.length];
  return JSON.stringify([
    state,
    asked?.trial,
    undoable?.trial,
    told,
    counts,
    page.lines,
    page.hints,
  ]);
}

for (const state of Object.keys(WAYS)) {
  test(`in the state ${state} only what it hears changes anything`, async () => {
    for (const [event, act] of Object.entries(EVENTS)) {
      if (HEARD[event].includes(state)) continue;
      const visit = await inState(state);
      const before = everything(visit);
      act(visit.session);
      assert.equal(everything(visit), before, event);
    }
  });
}

test("a session goes from consent to the last answer, trial by trial", async () => {
  const visit = firstVisit({ total: 3 });
  await visit.begin();
  for (const choice of ["left", "right", "left"]) await visit.answers(choice);
  assert.deepEqual(visit.page.lines, [
    "instructions",
    "waiting",
    "trial",
    "trial-1 attempt 1",
    "trial-2 attempt 1",
    "trial-3 attempt 1",
    "waiting",
    "done",
  ]);
  assert.deepEqual([...visit.server.choices.values()], ["left", "right", "left"]);
});

test("the next trial is there within the same event as the answer", async () => {
  const visit = firstVisit({ total: 3 });
  await visit.begin();
  visit.answer("left");
  assert.equal(visit.page.shown.trial.id, "trial-2");
  assert.equal(visit.state, "trial");
});

test("whoever has begun goes on without reading again", async () => {
  const first = firstVisit({ total: 3 });
  await first.begin();
  await first.answers("left");
  const second = nextVisit(first);
  void second.session.begin();
  await settle();
  assert.equal(second.trial, "trial-2");
  assert.ok(!second.page.lines.includes("instructions"));
});

test("a session that is over shows its end at once", async () => {
  const first = firstVisit({ total: 1 });
  await first.begin();
  await first.answers("left");
  const second = nextVisit(first);
  void second.session.begin();
  await settle();
  assert.deepEqual(second.page.lines, ["done"]);
});

test("answers that an earlier page left are sent before an end is shown", async () => {
  const first = firstVisit({ total: 2 });
  await first.begin();
  await first.answers("left");
  first.server.way = "down";
  await first.answers("right");
  first.server.isEnded = true;
  first.server.way = "up";
  const second = nextVisit(first);
  void second.session.begin();
  await settle();
  assert.deepEqual([...second.server.choices.values()], ["left", "right"]);
  assert.equal(second.state, "ended");
});

test("what another window took back is neither shown nor kept", async () => {
  const first = firstVisit({ total: 30 });
  await first.begin();
  first.server.way = "down";
  await first.answers("left");
  first.server.isWithdrawn = true;
  first.server.way = "up";
  void first.outbox.send();
  for (let number = 0; first.state !== "withdrawn"; number += 1) {
    assert.ok(number < 9);
    if (first.state === "trial") await first.answers("left");
    else await passMinute();
  }
  const second = nextVisit(first);
  void second.session.begin();
  await settle();
  assert.equal(second.state, "withdrawn");
  const third = nextVisit(second);
  third.outbox.open("a-rater");
  assert.equal(third.outbox.size, 0);
});

test("consent is sent once, however often the button is pressed", async () => {
  const visit = firstVisit();
  for (let press = 0; press < 3; press += 1) void visit.session.begin();
  await settle();
  assert.equal(visit.server.visits, 1);
  assert.equal(visit.session.visit, 1);
});

test("no answer is taken before all was seen, and the page says why", async () => {
  const visit = firstVisit();
  await visit.begin();
  visit.page.unseen = "look_beside_flip";
  assert.equal(visit.answer("left"), undefined);
  assert.equal(visit.page.hints.at(-1), "look_beside_flip");
  assert.equal(visit.outbox.size, 0);
  visit.page.unseen = "";
  assert.ok(visit.answer("left"));
});

test("ties are taken where the study allows them, and never in the practice", async () => {
  const strict = firstVisit();
  await strict.begin();
  assert.equal(strict.answer("tie"), undefined);
  assert.equal(strict.page.hints.at(-1), "no_tie");
  const practising = firstVisit({ practice: 1 }, { ties: true });
  await practising.begin();
  assert.equal(practising.answer("tie"), undefined);
  assert.equal(practising.page.hints.at(-1), "no_tie_yet");
  const open = firstVisit({}, { ties: true });
  await open.begin();
  assert.ok(open.answer("tie"));
});

test("a practice that fails is done once more, and one that succeeds leads on", async () => {
  const visit = firstVisit({ total: 1, practice: 2 });
  await WAYS.again(visit);
  assert.deepEqual(visit.page.reports, [{ card: "again", right: 1, trials: 2 }]);
  visit.session.start();
  await settle();
  for (const choice of ["left", "left"]) {
    await visit.answers(choice);
    visit.session.goOn();
    await settle();
  }
  assert.deepEqual(visit.page.reports.at(-1), { card: "ready", right: 2, trials: 2 });
  visit.session.start();
  await settle();
  await visit.answers("right");
  assert.equal(visit.state, "done");
  assert.deepEqual(
    visit.page.lines.filter((line) => ["right", "wrong"].includes(line)),
    ["wrong", "right", "right", "right"],
  );
});

test("an answer that is taken back is asked again, with the pictures that were next after it", async () => {
  const visit = firstVisit({ total: 3 });
  await visit.begin();
  await visit.answers("left");
  const { times, first, pictures } = visit.session.undoable;
  visit.session.undo();
  assert.equal(visit.page.hints.at(-1), "undone");
  assert.equal(visit.session.undoable, null);
  const { asked } = visit.session;
  assert.deepEqual([asked.trial.id, asked.attempt], ["trial-1", 2]);
  assert.ok(asked.times === times && asked.first === first && asked.pictures === pictures);
  assert.equal(asked.looked.flips, 1);
  visit.session.undo(); // there is one to take back, and no more
  await visit.answers("right");
  assert.equal(visit.trial, "trial-2");
  assert.deepEqual([...visit.server.choices], [["trial-1", "right"]]);
  assert.deepEqual(visit.server.undone, [{ trial: "trial-1", attempt: 1 }]);
});

test("an answer of the practice can't be taken back", async () => {
  const visit = firstVisit({ practice: 2 });
  await visit.begin();
  await visit.answers("left");
  visit.session.goOn();
  assert.equal(visit.session.undoable, null);
});

test("a break is offered after every few trials, unless the rater is nearly done", async () => {
  const visit = firstVisit({ total: 6 }, { breakEvery: 2, trialMs: 20_000 });
  await visit.begin();
  await visit.answers("left");
  assert.equal(visit.state, "trial");
  await visit.answers("left");
  assert.equal(visit.state, "rest");
  assert.equal(visit.session.asked, null);
  assert.deepEqual(visit.page.rests, [["break", 2]]);
  visit.session.goOn();
  assert.equal(visit.trial, "trial-3");
  await visit.answers("left");
  await visit.answers("left"); // two are left: 40 s
  assert.equal(visit.trial, "trial-5");
});

test("a pause keeps the trial, and a break has none to keep", async () => {
  const visit = firstVisit();
  await visit.begin();
  await visit.answers("left");
  visit.session.pause();
  assert.deepEqual([visit.state, visit.page.rests], ["rest", [["pause", 1]]]);
  visit.session.goOn();
  assert.deepEqual([visit.state, visit.trial], ["trial", "trial-2"]);
  const practising = firstVisit({ practice: 2 });
  await practising.begin();
  practising.session.pause();
  assert.deepEqual(practising.page.rests, [["pause", 0]]);
});

test("a window that becomes too small keeps the trial until it is large enough", async () => {
  const visit = firstVisit();
  await visit.begin();
  const { asked } = visit.session;
  visit.session.cramp();
  assert.equal(visit.state, "small");
  visit.session.widen();
  assert.equal(visit.state, "trial");
  assert.equal(visit.session.asked, asked);
});

test("what the server refuses for good is asked again", async () => {
  const visit = firstVisit({ total: 2 });
  await visit.begin();
  visit.server.refusing.add("PUT /judgments/trial-1");
  await visit.answers("left");
  await visit.answers("left");
  await pass(2000); // the server says that the session is not over
  assert.equal(visit.trial, "trial-1");
  assert.equal(visit.outbox.refused, 1);
  await visit.answers("right");
  assert.equal(visit.state, "done");
});

for (const [code, card] of [
  ["study-closed", "study-closed"],
  ["no-rater", "no-rater"],
  ["never-heard-of", "refused"],
]) {
  test(`the refusal ${code} is shown as ${card}`, async () => {
    const visit = firstVisit();
    visit.server.refusal = code;
    void visit.session.begin();
    await settle();
    assert.equal(visit.state, card);
    assert.deepEqual(visit.page.failures, []);
  });
}

test("a study that is paused in mid session is told when nothing is left here", async () => {
  const visit = firstVisit({ total: 9 });
  await visit.begin();
  visit.server.refusal = "study-paused";
  while (visit.state === "trial") await visit.answers("left");
  assert.equal(visit.state, "study-paused");
  assert.equal(visit.outbox.size, 0);
});

test("pictures that the site has lost are left out, and told when nothing else is left", async () => {
  const visit = firstVisit({ total: 3 });
  visit.server.lost.add("trial-2-l");
  await visit.begin();
  await pass(10_000);
  await visit.answers("left");
  assert.equal(visit.trial, "trial-3");
  await visit.answers("left");
  await settle();
  assert.equal(visit.state, "pictures-missing");
  assert.equal(visit.supply.leftOut, 1);
});

test("where there is nothing to judge it asks again, after longer and longer waits", async () => {
  const visit = firstVisit();
  visit.server.isWithholding = true;
  await visit.begin();
  const asks = () => visit.server.requests.filter((line) => line === "GET /session/").length;
  assert.deepEqual([visit.state, asks()], ["waiting", 1]);
  assert.equal(visit.waitingFor, "waiting_nothing");
  const seen = [];
  for (let second = 0; second < 64; second += 1) {
    await pass(1000);
    seen.push(asks());
  }
  const moments = seen.flatMap((count, at) => (count > (seen[at - 1] ?? 1) ? [at + 1] : []));
  assert.deepEqual(moments, [1, 3, 7, 15, 31, 63]);
  visit.server.isWithholding = false;
  await passMinute();
  assert.equal(visit.trial, "trial-1");
});

test("the page says what is being waited for", async () => {
  const visit = firstVisit({ total: 1 });
  assert.equal(visit.waitingFor, "waiting_fetching");
  await visit.begin();
  visit.server.way = "down";
  visit.answer("left");
  assert.equal(visit.waitingFor, "waiting_saving");
  await pass(250);
  assert.equal(visit.waitingFor, "waiting_offline");
  visit.server.way = "up";
  await passMinute();
  assert.equal(visit.state, "done");
});

test("a fault of the page is no refusal: nothing goes on, and the page fails", async () => {
  const visit = firstVisit({ total: 1 });
  await visit.begin();
  const fault = new TypeError("x is undefined");
  visit.page.end = () => {
    throw fault;
  };
  await visit.answers("left");
  assert.equal(visit.state, "fault");
  assert.deepEqual(visit.page.failures, [fault]);
  assert.ok(!visit.page.lines.includes("refused"));
  assert.deepEqual([...visit.server.choices], [["trial-1", "left"]]);
});

test("nothing leads out of a fault, whatever is still on its way", async () => {
  const visit = firstVisit();
  visit.server.isWithholding = true;
  await visit.begin();
  visit.session.stop();
  visit.server.isWithholding = false;
  visit.server.isEnded = true;
  await passMinute();
  assert.equal(visit.state, "fault");
  assert.equal(visit.page.lines.at(-1), "waiting");
});

test("the server's word that comes after a fault opens nothing", async () => {
  const visit = firstVisit();
  void visit.session.begin();
  visit.session.stop();
  await settle();
  assert.equal(visit.server.visits, 1);
  assert.deepEqual([visit.state, visit.page.lines], ["fault", []]);
});

test("a flagged trial is skipped at once, and another one comes at the end", async () => {
  const visit = firstVisit({ total: 3 });
  await visit.begin();
  await visit.answers("left");
  visit.session.flag("missing", "A is grey");
  assert.equal(visit.trial, "trial-3");
  assert.equal(visit.page.hints.at(-1), "flagged");
  await settle();
  await visit.answers("left");
  await settle();
  assert.equal(visit.trial, "trial-4");
  await visit.answers("left");
  assert.equal(visit.state, "done");
  assert.deepEqual(visit.server.flags, [{ trial: "trial-2", reason: "missing" }]);
  assert.deepEqual([...visit.server.choices.keys()], ["trial-1", "trial-3", "trial-4"]);
});

test("the last trial flagged is followed by its replacement, without a wait", async () => {
  const visit = firstVisit({ total: 1 });
  await visit.begin();
  visit.session.flag("identical", "");
  await settle();
  assert.equal(visit.trial, "trial-2");
});

test("a flag waits for the line like an answer, survives a reload, and comes once", async () => {
  const first = firstVisit({ total: 4 });
  await first.begin();
  first.server.way = "deaf"; // it arrives, and nobody hears so
  first.session.flag("missing", "");
  await settle();
  first.server.way = "down";
  first.answer("left");
  await settle();
  assert.equal(first.outbox.size, 2);
  first.server.way = "up";
  const second = nextVisit(first);
  void second.session.begin();
  await settle();
  assert.equal(second.outbox.size, 0);
  assert.deepEqual([...second.server.flagged], ["trial-1"]);
  assert.deepEqual([...second.server.choices], [["trial-2", "left"]]);
  assert.equal(second.trial, "trial-3");
});

test("a flag that the server refuses leads back to its trial", async () => {
  const visit = firstVisit({ total: 2 });
  await visit.begin();
  visit.server.refusing.add("PUT /flags/trial-1");
  visit.session.flag("missing", "");
  await settle();
  await visit.answers("left");
  await settle();
  assert.equal(visit.trial, "trial-1");
});

test("who takes everything back leaves nothing to be sent", async () => {
  const visit = firstVisit({ total: 3 });
  await visit.begin();
  visit.server.way = "down";
  await visit.answers("left");
  await visit.answers("left");
  visit.outbox.discard();
  assert.equal(visit.outbox.size, 0);
  visit.server.way = "up";
  const next = nextVisit(visit);
  void next.session.begin();
  await settle();
  assert.equal(next.server.choices.size, 0);
});
