/**
 * The point of a picture that must stay in sight when it is cut to a square.
 *
 * @param {string|undefined} box "x1 y1 x2 y2", as shares of width and height
 * @returns {{x: string, y: string}|null} percentages for `object-position`; `null` without a box
 */
export function faceCentre(box) {
  const edges = (box ?? "").split(" ").map(Number);
  if (edges.length !== 4 || edges.some((edge) => !Number.isFinite(edge))) return null;
  const percent = (/** @type {number} */ share) => `${Math.round(100 * Math.min(1, Math.max(0, share)))}%`;
  return { x: percent((edges[0] + edges[2]) / 2), y: percent((edges[1] + edges[3]) / 2) };
}

/**
 * Keep the star's face in sight on every picture below a root that says where it is.
 *
 * @param {ParentNode} root
 */
export function centreFaces(root) {
  for (const image of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("img[data-box]"))) {
    const centre = faceCentre(image.dataset.box);
    if (!centre) continue;
    image.style.setProperty("--face-x", centre.x);
    image.style.setProperty("--face-y", centre.y);
  }
}
