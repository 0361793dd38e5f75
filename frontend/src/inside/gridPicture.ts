import type { Grid } from "../api/messages";

const [LEAST, GAP] = [32, 2];

/** All cells of a page as one PNG, small ones larger by a whole factor so that each value is a square. */
export async function composed(grid: Grid): Promise<Blob | null> {
  const pictures = await Promise.all(grid.cells.map(({ picture }) => loaded(picture)));
  const factor = Math.max(1, Math.ceil(LEAST / Math.max(grid.width, grid.height)));
  const [width, height] = [grid.width * factor, grid.height * factor];
  const columns = Math.ceil(Math.sqrt(pictures.length));
  const canvas = document.createElement("canvas");
  canvas.width = columns * (width + GAP) - GAP;
  canvas.height = Math.ceil(pictures.length / columns) * (height + GAP) - GAP;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.imageSmoothingEnabled = false;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const [at, picture] of pictures.entries())
    context.drawImage(
      picture,
      (at % columns) * (width + GAP),
      Math.floor(at / columns) * (height + GAP),
      width,
      height,
    );
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

async function loaded(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
