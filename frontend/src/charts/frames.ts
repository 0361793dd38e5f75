/** One animation frame for all charts: what asked to be drawn since the last one is drawn together. */
const light = new Set<() => void>();
const heavy = new Set<() => void>();
let asked = false;

/** Painting a whole chart takes a browser milliseconds after our code is done: so many in one frame as it bears. */
const MOST = 4;
const SLOW = 25;
let share = 2;
let before = Number.NEGATIVE_INFINITY;

/** Draw at the next frame, once however often it was asked; the returned function takes it back. */
export function onFrame(draw: () => void): () => void {
  light.add(draw);
  plan();
  return () => light.delete(draw);
}

/** The same for a whole chart: a few in each frame, so that the page stays quick when all of them change. */
export function onFreeFrame(draw: () => void): () => void {
  heavy.add(draw);
  plan();
  return () => heavy.delete(draw);
}

function plan(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(run);
}

function run(time: number): void {
  asked = false;
  const gap = time - before;
  before = time;
  // a frame that came late had too much to paint; after a pause nothing is known
  if (gap < 200) share = gap > SLOW ? 1 : Math.min(MOST, share + 1);
  const now = [...light, ...[...heavy].slice(0, share)];
  light.clear();
  for (const draw of now) {
    heavy.delete(draw);
    draw();
  }
  if (heavy.size) plan();
}
