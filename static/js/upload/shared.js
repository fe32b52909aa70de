/**
 * The photos that another app shared with Encore; its service worker holds them until they are asked for, once.
 *
 * @param {Location} place
 * @param {Pick<ServiceWorkerContainer, "ready">|undefined} workers
 * @returns {Promise<File[]>} empty where nothing was shared
 */
export async function sharedPhotos(place, workers) {
  if (!new URLSearchParams(place.search).has("shared") || !workers) return [];
  const { active } = await workers.ready;
  const { port1, port2 } = new MessageChannel();
  /** @type {Promise<File[]>} */
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  active?.postMessage("give-shared-photos", [port2]);
  const photos = active ? await answer : [];
  port1.close();
  return photos;
}
