// The main line by openapi-fetch, typed by what openapi-typescript makes of the schema:
// node main-line.js URL FOLDER prints what came of it as JSON.
// FOLDER has a folder of decoded pictures for each team.

import { readFileSync, readdirSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.js";

type Submission = components["schemas"]["Submission"];
type Api = Client<paths>;

const challenge = "clients", phase = "open", study = "clients", password = "a long password";
const patience = 120_000;
const [baseUrl, folder] = process.argv.slice(2) as [string, string];

/** A file as a body: fetch takes bytes, whatever the schema's `binary` is typed as. */
function file(bytes: Uint8Array) {
  return {
    body: bytes as unknown as string,
    bodySerializer: (body: string) => body,
    headers: { "Content-Type": "application/octet-stream" },
  };
}

/** What was answered, or the problem's words as an error. */
function sound<T>(answer: { data?: T; error?: { detail: string } }): T {
  if (answer.data === undefined) {
    throw new Error(answer.error?.detail ?? "no answer");
  }
  return answer.data;
}

/** Begin, send one file, go on where that was, close. */
async function enter(team: string): Promise<Submission> {
  const login = Buffer.from(`${team}:${password}`).toString("base64");
  const api = createClient<paths>({ baseUrl, headers: { Authorization: `Basic ${login}` } });
  const pictures = readdirSync(`${folder}/${team}`).sort();
  const body = { challenge, phase, method: `${team}'s`, resume: true };
  let submission_id = "";
  for (const sent of [pictures.slice(0, 1), pictures]) {
    submission_id = sound(await api.POST("/api/v1/submissions/", { body })).id;
    const path = { submission_id };
    const held = sound(await api.GET("/api/v1/submissions/{submission_id}/files/", { params: { path } }));
    for (const name of sent) {
      if (!held.results.some((one) => one.path === `decoded/${name}`)) {
        const receipt = sound(await api.PUT("/api/v1/submissions/{submission_id}/decoded/{name}", {
          params: { path: { ...path, name } },
          ...file(readFileSync(`${folder}/${team}/${name}`)),
        }));
        if (receipt.outcome !== "created") throw new Error(receipt.outcome);
      }
    }
  }
  const path = { submission_id };
  const refused = await api.POST("/api/v1/submissions/{submission_id}/submit/", { params: { path } });
  if (refused.error?.status !== 422) throw new Error("It was closed without its bitstreams.");
  for (const name of pictures) {
    sound(await api.PUT("/api/v1/submissions/{submission_id}/bitstreams/{name}", {
      params: { path: { ...path, name: name.replace(".png", ".bin") } },
      ...file(Buffer.from("bits")),
    }));
  }
  const closed = await api.POST("/api/v1/submissions/{submission_id}/submit/", { params: { path } });
  return follow(api, sound(closed));
}

/** Wait for the score. */
async function follow(api: Api, submission: Submission): Promise<Submission> {
  const deadline = Date.now() + patience;
  const path = { submission_id: submission.id };
  while (submission.state === "open" || submission.state === "queued") {
    if (Date.now() > deadline) throw new Error(`It is still ${submission.state}.`);
    await setTimeout(200);
    submission = sound(await api.GET("/api/v1/submissions/{submission_id}/", { params: { path } }));
  }
  return submission;
}

/** Judge two trials, and one of them anew; return how many are judged. */
async function judge(): Promise<number> {
  const path = { slug: study };
  const stranger = createClient<paths>({ baseUrl });
  const arrival = {
    consent: true as const, consent_sha256: "", language: "", invitation: "",
  };
  const begun = await stranger.POST("/api/v1/studies/{slug}/raters/", { params: { path }, body: arrival });
  sound(begun);
  const cookie = begun.response.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const api = createClient<paths>({ baseUrl, headers: { Cookie: cookie } });
  const deadline = Date.now() + patience;
  let trials: components["schemas"]["Trial"][] = [];
  while (trials.length === 0) {
    if (Date.now() > deadline) throw new Error("There are no trials.");
    await setTimeout(200);
    const params = { path, query: { count: 2 } };
    trials = sound(await api.GET("/api/v1/studies/{slug}/trials/next/", { params })).results;
  }
  const put = async (trial_id: string, choice: "left" | "right", attempt: number) =>
    sound(await api.PUT("/api/v1/trials/{trial_id}/judgment/", {
      params: { path: { trial_id } }, body: { choice, response_ms: 1200, attempt },
    }));
  for (const trial of trials) {
    await put(trial.id, "left", 1);
  }
  const trial_id = trials.at(-1)!.id;
  const undone = sound(await api.POST("/api/v1/trials/{trial_id}/undo/", {
    params: { path: { trial_id } }, body: { attempt: 1 },
  }));
  await put(trial_id, "right", undone.attempt);
  return sound(await api.GET("/api/v1/studies/{slug}/session/", { params: { path } })).judged;
}

const reader = createClient<paths>({ baseUrl });
const challenges = sound(await reader.GET("/api/v1/challenges/")).results;
const dataset = challenges.find((one) => one.slug === challenge)!.datasets[0]!.slug;
const states: string[] = [];
for (const team of readdirSync(folder).sort()) {
  states.push((await enter(team)).state);
}
const judged = await judge();
const path = { slug: challenge, phase };
const board = sound(await reader.GET("/api/v1/boards/{slug}/{phase}/psnr/", { params: { path } }));
const people = sound(await reader.GET("/api/v1/boards/{slug}/{phase}/human/", { params: { path } }));
const archive = sound(await reader.GET("/api/v1/challenges/{slug}/datasets/{dataset}.zip", {
  params: { path: { slug: challenge, dataset } }, parseAs: "arrayBuffer",
}));
console.log(JSON.stringify({
  states,
  judged,
  board: (board as { results: { team: string }[] }).results.map((row) => row.team),
  ranked: (people as { study: string }).study,
  archive_bytes: (archive as ArrayBuffer).byteLength,
}));
