import { chosenFiles, droppedFiles } from "./files.js";

/**
 * Take files in any way a person offers them: chosen, or dropped anywhere on the page.
 *
 * @param {{inputs: HTMLInputElement[], drop: HTMLElement}} places `drop` shows that what is dragged may be let go
 * @param {(chosen: import("./files.js").Chosen[], unreadable: import("./files.js").PassedOver[]) => unknown} take
 * @param {AbortSignal} signal
 */
export function takeOffers({ inputs, drop }, take, signal) {
  for (const input of inputs) {
    const takeChosen = () => (take(chosenFiles(input.files ?? []), []), (input.value = ""));
    input.addEventListener("change", takeChosen, { signal });
    // Somebody may have been faster than the scripts came over a slow connection.
    if (input.files?.length) takeChosen();
  }
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => (event.preventDefault(), drop.classList.add("is-over")), { signal });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && drop.classList.remove("is-over"), { signal });
  document.addEventListener(
    "drop",
    async (event) => {
      event.preventDefault();
      drop.classList.remove("is-over");
      if (!event.dataTransfer) return;
      const { chosen, unreadable } = await droppedFiles(event.dataTransfer);
      take(chosen, unreadable);
    },
    { signal },
  );
}
