/** Files sent as the bodies of requests, with how far they are: what `fetch` can't tell. */

import { failureOf, RequestFailed } from "./api.js";

/** Where nothing has moved for so long, the connection is taken for cut. */
const STALLED_MS = 60000;
/** The server may have to decode a large picture, after others. */
const LONGEST_LOOK_MS = 600000;

/**
 * Send a file.
 * @param {string} url
 * @param {Blob} file
 * @param {Record<string, string>} headers
 * @param {(share: number) => void} tell how much of it was sent, 0 to 1
 * @returns {Promise<any>} the JSON that the server answers; throws RequestFailed
 */
export function putFile(url, file, headers, tell) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = setTimeout(() => request.abort(), STALLED_MS);
    /** @param {number} ms */
    const watch = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), ms);
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      watch(STALLED_MS);
      tell(total > 0 ? Math.min(loaded / total, 0.99) : 0);
    });
    request.upload.addEventListener("load", () => {
      watch(LONGEST_LOOK_MS);
      tell(1);
    });
    request.addEventListener("loadend", async () => {
      clearTimeout(timer);
      const { status, responseText } = request;
      if (status >= 200 && status < 300) {
        try {
          resolve(JSON.parse(responseText));
        } catch {
          reject(new RequestFailed(0)); // cut off in the middle, or a proxy's own page
        }
      } else if (status === 0) {
        reject(new RequestFailed(0));
      } else {
        const headers = { "Retry-After": request.getResponseHeader("Retry-After") ?? "" };
        reject(await failureOf(new Response(responseText, { status, headers })));
      }
    });
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(file);
  });
}
