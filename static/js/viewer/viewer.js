import { post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";
import { FactBook, writeFacts } from "./facts.js";
import { Gestures } from "./gestures.js";
import { Pictures } from "./pictures.js";
import { address, Slide } from "./slide.js";
import { Slideshow } from "./slideshow.js";
import { Strip } from "./strip.js";
import { describeKeys, KeyBoard } from "./keys.js";

/**
 * @typedef {import("./items.js").Item} Item
 * @typedef {import("./items.js").Walk} Walk
 */

const NEAR_END = 6;
const SWIPE_PX = 60;
const FLICK_MS = 700;
const BIN = { photo: { url: "/photos/selected/", field: "photos" }, moment: { url: "/moments/selected/", field: "moments" } };

/** What the user prefers to see stays the same from picture to picture. */
const shown = { boxes: false, portrait: false, info: false };

/**
 * Pictures over the whole window: one large, the others in a strip below.
 *
 * It lies over the page it was opened from; that page is inert meanwhile and sees no key.
 */
export class Viewer {
  #root;
  #walk;
  #life = new AbortController();
  #stage;
  #strip;
  #slideshow;
  #pictures = new Pictures();
  #facts = new FactBook();
  /** @type {Slide} */ #slide;
  /** @type {Element[]} */ #covered = [];
  #way = { dx: 0, dy: 0 };

  /**
   * @param {HTMLElement} root made from `templates/_viewer.html`
   * @param {Walk} walk
   * @param {Item} first
   */
  constructor(root, walk, first) {
    this.#root = root;
    this.#walk = walk;
    const { signal } = this.#life;
    this.#stage = this.#part("stage");
    this.#strip = new Strip(this.#part("strip"), signal, (id) => this.#goTo(this.#walk.items().find((item) => item.id === id)));
    this.#slideshow = new Slideshow(() => this.#advance(), (isOn) => this.#tell("slideshow", isOn));
    this.#cover();
    describeKeys(root, this.#part("keys"));
    new KeyBoard(root, signal, (act) => this.#act(act));
    root.addEventListener("click", (event) => this.#click(event), { signal });
    new Gestures(this.#stage, signal, {
      drag: (dx, dy) => this.#drag(dx, dy),
      dropped: (way) => this.#dropped(way),
      zoom: (factor, point) => this.#slide.zoom(factor, point),
      twice: (point) => this.#slide.toggleZoom(point),
      tap: () => root.classList.toggle("is-bare"),
    });
    const observer = new ResizeObserver(() => this.#slide.fit());
    observer.observe(this.#stage);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
    addEventListener("popstate", () => this.#leave(), { signal });
    history.pushState(null, "", "#view");
    this.#slide = new Slide(this.#stage, first);
    this.#show(first);
    root.focus();
  }

  /** Go back to the page. */
  close() {
    history.back();
  }

  #leave() {
    this.#life.abort();
    this.#slideshow.stop();
    this.#pictures.keep([]);
    if (document.fullscreenElement) document.exitFullscreen();
    for (const one of this.#covered) one.removeAttribute("inert");
    this.#root.remove();
    this.#walk.leave(this.#place() < 0 ? null : this.#slide.item);
  }

  #cover() {
    this.#covered = [...document.body.children].filter((one) => !one.matches(".toasts, script, [inert]"));
    for (const one of this.#covered) one.setAttribute("inert", "");
    document.body.append(this.#root);
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(`[data-viewer="${name}"]`));
  }

  #place() {
    return this.#walk.items().findIndex(({ id }) => id === this.#slide.item.id);
  }

  /** @param {Item} item @returns {Promise<boolean>} whether the picture could be shown */
  async #show(item) {
    if (item !== this.#slide.item) {
      this.#slide.remove();
      this.#slide = new Slide(this.#stage, item);
    }
    const slide = this.#slide;
    slide.showBoxes(shown.boxes);
    slide.showPortrait(shown.portrait);
    this.#describe();
    const near = this.#near();
    this.#pictures.keep([item, ...near.slice(0, 2)].map((one) => address(one, "display")));
    this.#facts.of(item.photo, near.map(({ photo }) => photo)).then((facts) => {
      if (facts) slide.tell(facts);
      if (slide === this.#slide) this.#know(facts);
    });
    const isShown = await slide.load(this.#pictures.get(address(item, "display")));
    if (slide === this.#slide) await this.#extend();
    return isShown;
  }

  /** @returns {Item[]} the pictures around the one that is shown, the next ones first */
  #near() {
    const items = this.#walk.items();
    const place = this.#place();
    return [1, -1, 2, -2, 3].map((way) => items[place + way]).filter((item) => item !== undefined);
  }

  async #extend() {
    const items = this.#walk.items();
    const place = this.#place();
    const end = place + NEAR_END >= items.length ? items[items.length - 1] : place < NEAR_END ? items[0] : null;
    if (!end || this.#life.signal.aborted) return;
    await this.#walk.extend(end).catch(() => undefined);
    if (!this.#life.signal.aborted) this.#describe();
  }

  #describe() {
    const items = this.#walk.items();
    const place = this.#place();
    this.#part("title").textContent = this.#slide.item.title;
    this.#part("count").textContent = place < 0 ? "" : gettext("%(place)s of %(all)s", { place: place + 1, all: items.length });
    this.#strip.show(items, this.#slide.item);
    this.#enable("prev", place > 0);
    this.#enable("next", place >= 0 && place < items.length - 1);
    /** @type {HTMLAnchorElement} */ (this.#part("page")).href = this.#slide.item.href;
    /** @type {HTMLAnchorElement} */ (this.#root.querySelector('[data-act="download"]')).href = `${address(this.#slide.item, "full")}?download=1`;
    for (const [act, isOn] of /** @type {const} */ ([["faces", shown.boxes], ["portrait", shown.portrait], ["info", shown.info]])) this.#tell(act, isOn);
    this.#part("info").hidden = !shown.info;
  }

  /** @param {import("./facts.js").Facts|null} facts */
  #know(facts) {
    writeFacts(this.#part("facts"), facts);
    this.#enable("portrait", facts?.has_portrait ?? false);
  }

  /** @param {string} act @returns {HTMLButtonElement} */
  #button(act) {
    return /** @type {HTMLButtonElement} */ (this.#root.querySelector(`[data-act="${act}"]`));
  }

  /** @param {string} act @param {boolean} isOn */
  #tell(act, isOn) {
    this.#button(act).setAttribute("aria-pressed", String(isOn));
  }

  /** @param {string} act @param {boolean} isPossible */
  #enable(act, isPossible) {
    this.#button(act).disabled = !isPossible;
  }

  /** @param {Event} event */
  #click(event) {
    const button = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    const act = button?.getAttribute("data-act");
    if (act && act !== "download") this.#act(act);
  }

  /** @param {string} act what a button or a key asks for */
  #act(act) {
    /** @type {Record<string, () => unknown>} */
    const acts = {
      prev: () => this.#turn(-1),
      next: () => this.#turn(1),
      zoom: () => this.#slide.toggleZoom(),
      larger: () => this.#slide.zoom(1.4),
      smaller: () => this.#slide.zoom(1 / 1.4),
      faces: () => this.#prefer("boxes"),
      portrait: () => this.#prefer("portrait"),
      info: () => this.#prefer("info"),
      download: () => this.#button("download").click(),
      slideshow: () => this.#slideshow.toggle(),
      screen: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.()),
      delete: () => this.#delete(),
      keys: () => this.#part("help").toggleAttribute("hidden"),
      close: () => (this.#part("help").hidden ? this.close() : this.#part("help").toggleAttribute("hidden")),
    };
    if (!["next", "slideshow", "screen"].includes(act)) this.#slideshow.stop();
    acts[act]?.();
  }

  /** @param {"boxes"|"portrait"|"info"} what */
  #prefer(what) {
    if (what === "portrait" && this.#button("portrait").disabled) return;
    shown[what] = !shown[what];
    this.#slide.showBoxes(shown.boxes);
    this.#slide.showPortrait(shown.portrait);
    this.#describe();
  }

  /** @param {1|-1} way */
  #turn(way) {
    const next = this.#walk.items()[this.#place() + way];
    if (next) return this.#show(next);
    toast(way > 0 ? gettext("This is the last picture.") : gettext("This is the first picture."));
    return Promise.resolve(false);
  }

  /** @param {Item|undefined} item */
  #goTo(item) {
    this.#slideshow.stop();
    if (item) this.#show(item);
  }

  /** @returns {Promise<boolean>} */
  async #advance() {
    const items = this.#walk.items();
    if (this.#place() + 1 >= items.length) return false;
    await this.#turn(1);
    return !this.#life.signal.aborted;
  }

  /** @param {number} dx @param {number} dy */
  #drag(dx, dy) {
    if (this.#slide.isZoomed) return this.#slide.pan(dx, dy);
    this.#way = { dx: this.#way.dx + dx, dy: this.#way.dy + dy };
    const isAcross = Math.abs(this.#way.dx) >= Math.abs(this.#way.dy);
    this.#slide.follow(isAcross ? this.#way.dx : 0, isAcross ? 0 : Math.max(0, this.#way.dy));
  }

  /** @param {{dx: number, dy: number, milliseconds: number}} way */
  #dropped({ dx, dy, milliseconds }) {
    this.#way = { dx: 0, dy: 0 };
    this.#slide.follow(0, 0);
    if (this.#slide.isZoomed) return;
    const isFar = Math.max(Math.abs(dx), Math.abs(dy)) > SWIPE_PX && milliseconds < 2 * FLICK_MS;
    if (!isFar) return;
    if (Math.abs(dx) > Math.abs(dy)) this.#act(dx < 0 ? "next" : "prev");
    else if (dy > 0) this.close();
  }

  async #delete() {
    if (!this.#button("delete")) return; // The picture is somebody else's.
    const { item } = this.#slide;
    const { url, field } = BIN[item.kind];
    const items = this.#walk.items();
    const place = this.#place();
    const answer = await ask(`${url}bin/`, { [field]: item.id });
    if (!answer) return;
    const putBack = this.#walk.drop(item);
    const undo = async () => {
      if (!(await ask(`${url}restore/`, { [field]: item.id }))) return;
      putBack();
      if (!this.#life.signal.aborted) this.#show(item);
    };
    toast(answer.message, { action: { label: gettext("Undo"), run: undo } });
    const beside = items[place + 1] ?? items[place - 1];
    if (beside) await this.#show(beside);
    else this.close();
  }
}

/**
 * Ask the server for a change; what it refuses is said.
 *
 * @param {string} url
 * @param {Record<string, string>} fields
 * @returns {Promise<{message: string}|null>} its answer, `null` where it refused
 */
async function ask(url, fields) {
  try {
    return /** @type {{message: string}} */ (await post(url, fields));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    toast(error.message, { tone: "bad" });
    return null;
  }
}
