/** What a person dropped or chose: files, and folders with files in them. */

const PHOTO = /\.(jpe?g|png|webp|hei[cf])$/i;
const VIDEO = /\.(mp4|m4v|mov|webm)$/i;

/**
 * Whether a file may be a photo, by its type or name. Only a help for folders: the server looks at the content.
 *
 * @param {{name: string, type: string}} file
 */
export function mayBePhoto(file) {
  return /^image\/(jpeg|png|webp|hei[cf])/.test(file.type) || PHOTO.test(file.name);
}

/**
 * Whether a file may be a video that Encore takes, by its type or name; the server looks at the content.
 *
 * @param {{name: string, type: string}} file
 */
export function mayBeVideo(file) {
  return /^video\/(mp4|quicktime|webm)/.test(file.type) || VIDEO.test(file.name);
}

/**
 * Whether a file is what systems leave in folders, which nobody means to upload.
 *
 * @param {{name: string}} file
 */
export function isSystemFile(file) {
  return file.name.startsWith(".") || ["thumbs.db", "desktop.ini"].includes(file.name.toLowerCase());
}

/**
 * Read everything that was dropped, folders to their bottom.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function droppedFiles(transfer) {
  // The list is emptied when the event ends, so the entries are taken before anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (!entries.length) return [...transfer.files];
  const found = await Promise.all(entries.map(filesBelow));
  return found.flat();
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function filesBelow(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject))];
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {File[]} */
  const files = [];
  for (;;) {
    // A reader gives at most a hundred entries at a time, and an empty list at the end.
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return files;
    for (const inner of entries) files.push(...(await filesBelow(inner)));
  }
}
