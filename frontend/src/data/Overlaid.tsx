import type { Over } from "../api/messages";

/** A picture with what lies over it: its mask translucent, its box as an outline. */
export function Overlaid({
  picture,
  alt,
  over,
  shown = true,
}: {
  picture: string;
  alt: string;
  over: Over | null | undefined;
  shown?: boolean;
}) {
  const [x1, y1, x2, y2] = over?.box ?? [];
  return (
    <span className="data-overlaid">
      <img src={picture} alt={alt} />
      {shown && over?.mask && <img className="data-mask" src={over.mask} alt="" />}
      {shown && x1 !== undefined && (
        <svg className="data-box" viewBox={`0 0 ${over?.size.join(" ")}`} aria-hidden="true">
          {["around", "line"].map((name) => (
            <rect
              key={name}
              className={name}
              x={Number(x1)}
              y={Number(y1)}
              width={Number(x2) - Number(x1)}
              height={Number(y2) - Number(y1)}
            />
          ))}
        </svg>
      )}
    </span>
  );
}
