import type { Template } from "../api/messages";
import { outline } from "./LayerPicture";
import { structure } from "./structure";

const HEIGHT = 64;
const ARCH = 12;
const LEAST = 120;
/** A wider network is stretched, so that it fills as much of its card. */
const USUAL = 190;

/** A network with definitions: what each holds stands in a frame, and what is passed by is an arc above. */
export function StructurePicture({ template }: { template: Template }) {
  const { blocks, frames, arcs, width } = structure(template.levels);
  const room = Math.max(width, LEAST);
  const middle = HEIGHT / 2;
  const stretch = Math.max(1, room / USUAL);
  return (
    <svg
      className="start-picture small"
      viewBox={`${-(room - width) / 2 - 2} ${-ARCH * stretch} ${room + 4} ${(HEIGHT + ARCH) * stretch}`}
      role="img"
      aria-label={[...new Set(blocks.map((block) => block.name))].join(", ")}
    >
      <g transform={`scale(1 ${stretch})`}>
        {frames.map(({ name, x, width: wide, height, depth }) => (
          <rect
            key={`${x} ${depth}`}
            x={x - 1.2}
            y={middle - height / 2 - 2.5}
            width={wide + 2.4}
            height={height + 5}
            rx={2}
            className="start-frame"
          >
            <title>{name}</title>
          </rect>
        ))}
        {arcs.map((arc) => {
          const [y0, y1] = [middle - arc.fromHeight / 2, middle - arc.toHeight / 2];
          const top = Math.min(y0, y1) - Math.min(ARCH, 5 + (arc.to - arc.from) / 12);
          return (
            <path
              key={`${arc.from} ${arc.to}`}
              className="start-arc"
              d={`M${arc.from} ${y0}C${arc.from} ${top} ${arc.to} ${top} ${arc.to} ${y1}`}
            />
          );
        })}
        {blocks.map((block) => (
          <path key={block.x} d={outline(block)} className={`start-block ${block.kind}`}>
            <title>{block.name}</title>
          </path>
        ))}
      </g>
    </svg>
  );
}
