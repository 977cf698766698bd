/** Zips read in the browser, so that it is seen what they hold before anything is sent. No DOM. */

/** @typedef {import("./chosen.js").Found} Found */

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** What a plain zip says where a larger one says more elsewhere. */
const ELSEWHERE = 0xffffffff;

/** Why a zip can't be read: the name of a text. */
export class ZipRefused extends Error {}

/**
 * Return the files of a zip. Those that are stored stay where they are until they are read.
 * @param {Blob} zip
 * @returns {Promise<Found[]>} throws ZipRefused
 */
export async function unzipped(zip) {
  const found = [];
  for (const member of await membersOf(zip)) {
    const blob = await contentOf(zip, member);
    const path = member.path.replaceAll("\\", "/").replace(/^(\.?\/)+/, "");
    const name = path.split("/").at(-1) ?? path;
    found.push({ path, file: new File([blob], name) });
  }
  return found;
}

/** @typedef {{ path: string, method: number, packed: number, bytes: number, at: number }} Member */

/**
 * @param {Blob} zip
 * @returns {Promise<Member[]>}
 */
async function membersOf(zip) {
  const tail = Math.max(0, zip.size - END_BYTES - LONGEST_COMMENT);
  const last = await viewOf(zip.slice(tail));
  let at = last.byteLength - END_BYTES;
  while (at >= 0 && last.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new ZipRefused("no-zip");
  const [count, size, start] = [
    last.getUint16(at + 10, true),
    word(last, at + 12),
    word(last, at + 16),
  ];
  if (start === ELSEWHERE || count === 0xffff) throw new ZipRefused("large-zip");
  if (start + size > zip.size) throw new ZipRefused("no-zip");
  const directory = await viewOf(zip.slice(start, start + size));
  const members = [];
  for (let next = 0, number = 0; number < count; number += 1) {
    if (next + 46 > size || word(directory, next) !== CENTRAL) throw new ZipRefused("no-zip");
    const [name, extra, comment] = [28, 30, 32].map((one) => directory.getUint16(next + one, true));
    members.push(memberOf(directory, next, name ?? 0));
    next += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return members.filter(({ path }) => !/[/\\]$/.test(path));
}

/**
 * @param {DataView} directory
 * @param {number} at
 * @param {number} length of its name
 * @returns {Member}
 */
function memberOf(directory, at, length) {
  if (at + 46 + length > directory.byteLength) throw new ZipRefused("no-zip");
  if (directory.getUint16(at + 8, true) & ENCRYPTED) throw new ZipRefused("locked-zip");
  const name = new Uint8Array(directory.buffer, directory.byteOffset + at + 46, length);
  const member = {
    path: new TextDecoder().decode(name),
    method: directory.getUint16(at + 10, true),
    packed: word(directory, at + 20),
    bytes: word(directory, at + 24),
    at: word(directory, at + 42),
  };
  if (member.at === ELSEWHERE || member.packed === ELSEWHERE) throw new ZipRefused("large-zip");
  return member;
}

/**
 * @param {Blob} zip
 * @param {Member} member
 * @returns {Promise<Blob>}
 */
async function contentOf(zip, { method, packed, bytes, at }) {
  const local = await viewOf(zip.slice(at, at + LOCAL_BYTES));
  if (local.byteLength < LOCAL_BYTES) throw new ZipRefused("no-zip");
  const start = at + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true);
  const content = zip.slice(start, start + packed);
  if (content.size < packed) throw new ZipRefused("no-zip");
  if (method === STORED) return content;
  if (method !== DEFLATED) throw new ZipRefused("packed-zip");
  return inflated(content, bytes);
}

/**
 * @param {Blob} content
 * @param {number} bytes that it has, as the zip says: no more of it is read
 * @returns {Promise<Blob>}
 */
async function inflated(content, bytes) {
  const reader = content.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > bytes) throw new ZipRefused("no-zip");
      parts.push(value);
    }
  } catch {
    throw new ZipRefused("no-zip");
  }
  if (size !== bytes) throw new ZipRefused("no-zip");
  return new Blob(parts);
}

/** @param {Blob} blob */
async function viewOf(blob) {
  return new DataView(await blob.arrayBuffer());
}

/**
 * @param {DataView} view
 * @param {number} at
 */
function word(view, at) {
  return view.getUint32(at, true);
}
