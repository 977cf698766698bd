/** Pictures, loaded and decoded however often the connection fails. */

import { ask } from "../parts/api.js";
import { Waits, pause } from "../parts/retry.js";

const LONGEST_WAIT_MS = 15000;
/** A server that is being set up may lack a picture for a moment. */
const MOST_TRIES = 3;

/**
 * @param {string} url
 * @returns {Promise<HTMLImageElement | null>} null where the server says again and again that it
 *   has no such picture, or sends one that can't be decoded
 */
export async function decode(url) {
  const waits = new Waits(LONGEST_WAIT_MS);
  for (let failed = 0; failed < MOST_TRIES;) {
    const image = new Image();
    image.draggable = false;
    image.src = url;
    try {
      await image.decode();
      return image;
    } catch {
      // Images don't tell why.
      if (await isAnswered(url)) failed += 1;
    }
    await pause(waits.next());
  }
  return null;
}

/**
 * Tell whether a picture was there to be had, or surely isn't.
 * @param {string} url
 */
async function isAnswered(url) {
  try {
    const { status } = await ask(url);
    return status === 200 || status === 404;
  } catch {
    return false;
  }
}
