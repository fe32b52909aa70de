/** Notes every annotated frame that a camera page has painted, and what the page says; read by live_browser.py. */
{
  const notes = { frames: [], words: [] };
  const painted = new MessageChannel();
  const waiting = [];
  let result = null;

  /** A message posted in an animation frame arrives when that frame has been painted. */
  painted.port1.onmessage = () => {
    const [now, at] = [performance.now(), Date.now()];
    for (const { captured_at, faces, width } of waiting.splice(0)) {
      const isNamed = faces.some((face) => face.name);
      notes.frames.push({ at, latency_ms: now - captured_at, faces: faces.length, is_named: isNamed, width });
    }
  };

  window.WebSocket = class extends window.WebSocket {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", ({ data }) => {
        const message = typeof data === "string" ? JSON.parse(data) : {};
        if (message.type === "result") result = message;
      });
    }
  };

  const { drawImage } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.drawImage = function (...options) {
    drawImage.apply(this, options);
    if (!result || !this.canvas.closest("[data-live-camera]")) return;
    waiting.push(result);
    result = null;
    requestAnimationFrame(() => painted.port2.postMessage(null));
  };

  document.addEventListener("DOMContentLoaded", () => {
    const words = document.querySelector("[data-words-text]");
    if (!words) return;
    const note = () => notes.words.push({ at: Date.now(), text: words.textContent });
    new MutationObserver(note).observe(words, { childList: true, characterData: true, subtree: true });
  });

  /** Hand over what was noted since the last time; nothing piles up in the page that is measured. */
  window.takeNotes = () => ({ frames: notes.frames.splice(0), words: notes.words.splice(0) });
}
