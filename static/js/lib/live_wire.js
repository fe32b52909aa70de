/**
 * Binary messages of the live sockets: a header's length (4 bytes, big-endian), the header as JSON, a picture.
 *
 * The shapes of the headers stand in webapp/live/messages.py, and for these scripts in live_messages.js.
 */

const LENGTH_BYTES = 4;

/**
 * @param {object} header
 * @param {Uint8Array|ArrayBuffer} picture
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function pack(header, picture) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(picture);
  const message = new Uint8Array(LENGTH_BYTES + text.length + bytes.length);
  new DataView(message.buffer).setUint32(0, text.length);
  message.set(text, LENGTH_BYTES);
  message.set(bytes, LENGTH_BYTES + text.length);
  return message;
}

/**
 * @param {ArrayBuffer} message
 * @returns {{header: unknown, picture: Uint8Array<ArrayBuffer>}}
 * @throws {Error} when the message is none of ours
 */
export function unpack(message) {
  const end = LENGTH_BYTES + new DataView(message).getUint32(0);
  if (end > message.byteLength) throw new Error("a live message ends before its header does");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, LENGTH_BYTES, end - LENGTH_BYTES)));
  return { header, picture: new Uint8Array(message, end) };
}

/**
 * What kind of picture it is, by its first bytes.
 *
 * @param {Uint8Array} picture
 */
export function pictureType(picture) {
  return picture[0] === 0x52 ? "image/webp" : "image/jpeg";
}
