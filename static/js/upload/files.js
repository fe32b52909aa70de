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
 * What cannot be read, as a file that is gone or not permitted, takes nothing else with it.
 *
 * @param {DataTransfer} transfer
 * @param {(text: string) => void} complain is told how much could not be read
 * @returns {Promise<File[]>} what could be read
 */
export async function droppedFiles(transfer, complain) {
  // The list is emptied when the event ends, so the entries are taken before anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (!entries.length) return [...transfer.files];
  const { files, unreadable } = together(await Promise.all(entries.map(filesBelow)));
  if (unreadable) complain(`${unreadable} ${unreadable === 1 ? "file or folder" : "files or folders"} could not be read.`);
  return files;
}

/**
 * @typedef {{files: File[], unreadable: number}} Found the files below an entry, and how many files and folders could not
 *   be read
 */

/**
 * @param {Found[]} parts
 * @returns {Found}
 */
function together(parts) {
  return { files: parts.flatMap((part) => part.files), unreadable: parts.reduce((sum, part) => sum + part.unreadable, 0) };
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<Found>}
 */
async function filesBelow(entry) {
  /** @type {Found[]} */
  const parts = [];
  try {
    if (entry.isFile) return { files: [await fileOf(/** @type {FileSystemFileEntry} */ (entry))], unreadable: 0 };
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    for (;;) {
      // A reader gives at most a hundred entries at a time, and an empty list at the end.
      const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!entries.length) return together(parts);
      for (const inner of entries) parts.push(await filesBelow(inner));
    }
  } catch {
    return together([...parts, { files: [], unreadable: 1 }]);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
