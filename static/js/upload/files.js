/** What a person dropped or chose: files, and folders with files in them; and which of it is meant. */

import { gettext } from "../lib/words.js";

const VIDEO = /\.(mp4|m4v|mov|webm)$/i;
const PHOTO_TYPE = /^image\/(jpeg|png|webp|hei[cf])/;
/** As many first bytes as tell a photo from anything else. */
const HEAD_BYTES = 12;
/* eslint-disable-next-line no-control-regex -- a PNG begins with control characters, so that a text transfer breaks it */
const HEADS = [/^\xff\xd8\xff/, /^\x89PNG\r\n\x1a\n/, /^RIFF[^]{4}WEBP/, /^[^]{4}ftyp(hei[cxms]|hev[cx]|mif1|msf1)/];

export const MACHINE_MADE = gettext("made by the system, not by you");
export const NO_PHOTO = gettext("not a JPEG, PNG, WebP or HEIC file");
const UNREADABLE = gettext("could not be read");

/**
 * @typedef {{file: File, path: string}} Chosen a file, and where it lies below what was chosen
 * @typedef {{suffixes: string[], machineNames: string[]}} Known
 * @typedef {{path: string, reason: string}} PassedOver a file or a whole folder that is left where it is
 */

/**
 * Whether a file may be a video that Encore takes, by its type or name; the server looks at the content.
 *
 * @param {{name: string, type: string}} file
 */
export function mayBeVideo(file) {
  return /^video\/(mp4|quicktime|webm)/.test(file.type) || VIDEO.test(file.name);
}

/** Says what is meant of what was chosen, as the server does for the folders that it reads. */
export class Doors {
  /** @param {Known} known endings of photos, and what systems call what they make */
  constructor({ suffixes, machineNames }) {
    this.suffixes = suffixes;
    this.machineNames = new Set(machineNames);
  }

  /**
   * The folder or file on a path that a system made, however deep; empty where there is none.
   *
   * @param {string} path
   */
  machineMade(path) {
    const parts = path.split("/");
    const place = parts.findIndex((name) => name.startsWith(".") || this.machineNames.has(name.normalize("NFKC").toLowerCase()));
    return parts.slice(0, place + 1).join("/");
  }

  /**
   * Whether a file may be a photo, by its type or name; without either its first bytes decide. The server looks again.
   *
   * @param {File} file
   */
  async mayBePhoto(file) {
    const name = file.name.toLowerCase();
    if (PHOTO_TYPE.test(file.type) || this.suffixes.some((suffix) => name.endsWith(suffix))) return true;
    if (name.includes(".")) return false;
    const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    return HEADS.some((head) => head.test(String.fromCharCode(...bytes)));
  }

  /**
   * Sort what was chosen into photos, videos and what is passed over, each folder of a system once.
   *
   * @param {Chosen[]} chosen
   * @returns {Promise<{photos: File[], videos: File[], passed: PassedOver[]}>}
   */
  async sort(chosen) {
    /** @type {{photos: File[], videos: File[]}} */
    const meant = { photos: [], videos: [] };
    /** @type {Map<string, string>} */
    const passed = new Map();
    for (const { file, path } of chosen) {
      const made = this.machineMade(path);
      if (made) passed.set(made, MACHINE_MADE);
      else if (await this.mayBePhoto(file).catch(() => false)) meant.photos.push(file);
      else if (mayBeVideo(file)) meant.videos.push(file);
      else passed.set(path, NO_PHOTO);
    }
    return { ...meant, passed: [...passed].map(([path, reason]) => ({ path, reason })) };
  }
}

/**
 * The files of an input, with their paths below the folder that was chosen; that one's own name does not matter.
 *
 * @param {Iterable<File>} files
 * @returns {Chosen[]}
 */
export function chosenFiles(files) {
  return [...files].map((file) => ({ file, path: (file.webkitRelativePath || "").split("/").slice(1).join("/") || file.name }));
}

/**
 * @typedef {{chosen: Chosen[], unreadable: PassedOver[]}} Found the files below an entry, and what could not be read
 */

/**
 * Read everything that was dropped, folders to their bottom.
 *
 * What cannot be read, as a file that is gone or not permitted, takes nothing else with it.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<Found>}
 */
export async function droppedFiles(transfer) {
  // The list is emptied when the event ends, so the entries are taken before anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (!entries.length) return { chosen: chosenFiles(transfer.files), unreadable: [] };
  return together(await Promise.all(entries.map((entry) => filesBelow(entry, entry.name))));
}

/**
 * @param {Found[]} parts
 * @returns {Found}
 */
function together(parts) {
  return { chosen: parts.flatMap((part) => part.chosen), unreadable: parts.flatMap((part) => part.unreadable) };
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} path
 * @returns {Promise<Found>}
 */
async function filesBelow(entry, path) {
  /** @type {Found[]} */
  const parts = [];
  try {
    if (entry.isFile) return { chosen: [{ file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)), path }], unreadable: [] };
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    for (;;) {
      // A reader gives at most a hundred entries at a time, and an empty list at the end.
      const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!entries.length) return together(parts);
      for (const inner of entries) parts.push(await filesBelow(inner, `${path}/${inner.name}`));
    }
  } catch {
    return together([...parts, { chosen: [], unreadable: [{ path, reason: UNREADABLE }] }]);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
