/** What people choose or drop: files, and folders with all that lies in them. */

/** @typedef {{ path: string, file: File }} Found a file, and where it lies in a folder or not */
/** @typedef {{ files: File[], folders: Map<string, Found[]> }} Chosen */

/**
 * Return the files of a folder that was chosen, with their paths below it.
 * @param {FileList} files
 * @returns {Found[]}
 */
export function filesOfFolder(files) {
  return [...files].map((file) => ({
    path: file.webkitRelativePath.replace(/^[^/]*\//, ""),
    file,
  }));
}

/**
 * Return what was dropped.
 * @param {DataTransfer} transfer
 * @returns {Promise<Chosen>}
 */
export async function dropped(transfer) {
  // All at once: what was dropped is gone after the first pause.
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  /** @type {Chosen} */
  const chosen = { files: [], folders: new Map() };
  for (const { entry, file } of found) {
    if (isFolder(entry)) chosen.folders.set(entry.name, await below(entry));
    else if (file) chosen.files.push(file);
  }
  return chosen;
}

/**
 * Tell by what every browser has; not all have a name for the kind.
 * @param {FileSystemEntry | null} entry
 * @returns {entry is FileSystemDirectoryEntry}
 */
function isFolder(entry) {
  return entry?.isDirectory ?? false;
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @param {string} within
 * @returns {Promise<Found[]>}
 */
async function below(folder, within = "") {
  const found = [];
  for (const entry of await entriesOf(folder)) {
    const path = `${within}${entry.name}`;
    if (isFolder(entry)) found.push(...(await below(entry, `${path}/`)));
    else found.push({ path, file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)) });
  }
  return found;
}

/**
 * Return all that lies in a folder; browsers hand it out a hundred at a time.
 * @param {FileSystemDirectoryEntry} folder
 */
async function entriesOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    found.push(...some);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
