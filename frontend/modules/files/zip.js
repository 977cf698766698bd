/**
 * Zips of folders, nothing compressed, every member marked as a program: the same bytes as those
 * that the client (submit.py) makes of the same files. No DOM.
 */

/** @typedef {{ path: string, file: Blob }} Member */

/** The oldest date that a zip can carry: the same files make the same bytes. */
const OLDEST_DATE = 0x21;
const VERSION = 20;
const UNIX = 3;
const UTF8_NAME = 0x800;
const PROGRAM = 0o100755;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * Return the CRC-32 of a file, read piece by piece.
 * @param {Blob} file
 */
export async function crc32(file) {
  let crc = ~0;
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return ~crc >>> 0;
    for (const byte of value) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  }
}

/**
 * Return the members as one zip, in the order of their paths; files stay where they are until it
 * is read.
 * @param {Member[]} members
 * @returns {Promise<Blob>}
 */
export async function zipped(members) {
  const encoder = new TextEncoder();
  const named = members.map(({ path, file }) => ({ name: encoder.encode(path), file }));
  named.sort((one, other) => compare(one.name, other.name));
  /** @type {BlobPart[]} */
  const parts = [];
  /** @type {BlobPart[]} */
  const directory = [];
  let offset = 0;
  for (const { name, file } of named) {
    const facts = factsOf(name, file.size, await crc32(file));
    const local = record(0x04034b50, facts);
    const attributes = [half(0), half(0), half(0), word(PROGRAM * 0x10000), word(offset)];
    const central = record(0x02014b50, [half((UNIX << 8) | VERSION), ...facts, ...attributes]);
    parts.push(local, name, file);
    directory.push(central, name);
    offset += local.byteLength + name.byteLength + file.size;
  }
  const directoryBytes = new Blob(directory).size;
  const counts = [half(0), half(0), half(named.length), half(named.length)];
  const end = record(0x06054b50, [...counts, word(directoryBytes), word(offset), half(0)]);
  return new Blob([...parts, ...directory, end]);
}

/** @typedef {{ size: 2 | 4, value: number }} Field */

/** @param {number} value @returns {Field} */
const half = (value) => ({ size: 2, value });
/** @param {number} value @returns {Field} */
const word = (value) => ({ size: 4, value });

/**
 * Return what the header before a file and its entry in the directory have in common.
 * @param {Uint8Array} name
 * @param {number} size
 * @param {number} crc
 * @returns {Field[]}
 */
function factsOf(name, size, crc) {
  const isAscii = name.every((byte) => byte < 0x80);
  return [
    half(VERSION),
    half(isAscii ? 0 : UTF8_NAME),
    half(0), // stored
    half(0), // midnight
    half(OLDEST_DATE),
    word(crc),
    word(size),
    word(size),
    half(name.byteLength),
    half(0), // no extra field
  ];
}

/**
 * Return a record: its signature and fields, in little endian.
 * @param {number} signature
 * @param {Field[]} fields
 */
function record(signature, fields) {
  const all = [word(signature), ...fields];
  const bytes = new DataView(new ArrayBuffer(all.reduce((sum, { size }) => sum + size, 0)));
  let at = 0;
  for (const { size, value } of all) {
    if (size === 2) bytes.setUint16(at, value, true);
    else bytes.setUint32(at, value, true);
    at += size;
  }
  return bytes.buffer;
}

/**
 * Compare two names by their bytes.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function compare(one, other) {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference) return difference;
  }
  return one.length - other.length;
}
