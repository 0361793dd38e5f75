/** One animation frame for all charts: what asked to be drawn since the last one is drawn together. */
const waiting = new Set<() => void>();
let asked = false;

/** Draw at the next frame, once however often it was asked; the returned function takes it back. */
export function onFrame(draw: () => void): () => void {
  waiting.add(draw);
  if (!asked) {
    asked = true;
    requestAnimationFrame(run);
  }
  return () => waiting.delete(draw);
}

function run(): void {
  asked = false;
  const now = [...waiting];
  waiting.clear();
  for (const draw of now) draw();
}
