/** Digests of files, by which what is there need not be sent, and what arrives is what was sent. */

/**
 * Return a file's SHA-256 in hex; "" where the browser computes none, as on pages without https.
 * @param {Blob} file
 */
export async function sha256Of(file) {
  if (!globalThis.crypto?.subtle) return "";
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Return the header by which nothing is stored that did not arrive as it is (RFC 9530).
 * @param {string} sha256
 * @returns {Record<string, string>}
 */
export function digestHeader(sha256) {
  if (!sha256) return {};
  const bytes = (sha256.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
  return { "Content-Digest": `sha-256=:${btoa(String.fromCharCode(...bytes))}:` };
}
