import { type Block, blocks } from "./layers";

const HEIGHT = 64;
const LEAST = 100;

/** A network as blocks from left to right, told by height, thickness and colour; the names stand in the tips. */
export function LayerPicture({ layers }: { layers: readonly string[] }) {
  const all = blocks(layers);
  const last = all.at(-1) as Block;
  const width = last.x + last.width;
  const room = Math.max(width, LEAST);
  return (
    <svg
      className="start-picture"
      viewBox={`${-(room - width) / 2} 0 ${room} ${HEIGHT}`}
      role="img"
      aria-label={layers.join(", ")}
      preserveAspectRatio="xMidYMid meet"
    >
      <line x1={0} x2={width} y1={HEIGHT / 2} y2={HEIGHT / 2} className="start-wire" />
      {all.map((block) => (
        <path key={block.x} d={outline(block)} className={`start-block ${block.kind}`}>
          <title>{block.name}</title>
        </path>
      ))}
    </svg>
  );
}

/** A block, which is a funnel where its sides differ. */
export function outline({ x, width, left, right }: Block): string {
  const middle = HEIGHT / 2;
  return `M${x} ${middle - left / 2}L${x + width} ${middle - right / 2}V${middle + right / 2}L${x} ${middle + left / 2}Z`;
}
