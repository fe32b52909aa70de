/** One video on its way to the server, as a line of the videos page. */

import { element, icon } from "../lib/dom.js";
import { gettext } from "../lib/words.js";
import { readableSize } from "../upload/card.js";

/** A line that shows an item of the `UploadQueue`; the queue decides. */
export class UploadRow {
  /**
   * @param {import("../upload/queue.js").Item} item
   * @param {{videos: string, onCancel: () => void, onRetry: () => void}} options `videos` is the address of all videos
   */
  constructor(item, { videos, onCancel, onRetry }) {
    this.item = item;
    this.videos = videos;
    this.name = element("strong", { class: "truncate" }, item.file.name);
    this.note = element("span", { class: "video-upload-note numeric" });
    this.bar = /** @type {HTMLProgressElement} */ (element("progress", { max: item.file.size, value: 0, "aria-label": gettext("Upload of %(name)s", { name: item.file.name }) }));
    this.button = element("button", { type: "button", class: "btn btn-icon btn-small" });
    this.button.addEventListener("click", () => (this.item.isSettled ? onRetry() : onCancel()));
    this.root = element("li", { class: "well video-upload" }, element("div", { class: "video-row-text" }, this.name, this.note), this.button, this.bar);
    this.update();
  }

  /** Show the state of the item. */
  update() {
    const { state, sent, file } = this.item;
    const isRetry = state === "failed" || state === "cancelled";
    this.root.dataset.state = state;
    this.bar.hidden = state !== "sending" && state !== "waiting";
    this.bar.value = sent;
    this.button.hidden = state === "done" || state === "duplicate";
    this.button.setAttribute("aria-label", isRetry ? gettext("Retry %(name)s", { name: file.name }) : gettext("Cancel %(name)s", { name: file.name }));
    this.button.replaceChildren(icon(isRetry ? "retry" : "close"));
    this.note.replaceChildren(...this.#words());
  }

  /** @returns {(string|HTMLElement)[]} */
  #words() {
    const { state, sent, reason, result, file } = this.item;
    const size = readableSize(file.size);
    if (state === "waiting") return [`${gettext("Waiting")} · ${size}`];
    if (state === "sending" && sent >= file.size) return [`${gettext("Being checked")} · ${size}`];
    if (state === "sending") return [`${Math.floor((100 * sent) / Math.max(1, file.size))} % · ${gettext("%(sent)s of %(bytes)s", { sent: readableSize(sent), bytes: size })}`];
    if (state === "cancelled") return [gettext("Cancelled")];
    if (state === "failed") return [reason];
    const link = element("a", { href: `${this.videos}${result}/` }, gettext("See the video"));
    return [`${state === "duplicate" ? gettext("You have uploaded this video before.") : gettext("Uploaded, %(bytes)s.", { bytes: size })} `, link];
  }
}
