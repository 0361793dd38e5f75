import type { DataView as Described } from "../api/messages";
import { useSay, type Words } from "../ui/words";

const W = {
  mask: ["Masks", "掩码"],
  labels: ["Masks", "掩码"],
  box: ["Boxes", "边界框"],
} satisfies Record<string, Words>;

/** Whether what lies over the pictures is drawn, and which colour is which class. */
export function Legend({
  data,
  shown,
  onShown,
}: {
  data: Described;
  shown: boolean;
  onShown: (shown: boolean) => void;
}) {
  const say = useSay();
  if (!data.attached) return null;
  return (
    <div className="data-legend">
      <label>
        <input type="checkbox" checked={shown} onChange={(event) => onShown(event.currentTarget.checked)} />
        {say(W[data.attached])}
      </label>
      {shown &&
        data.legend.map(([name, colour]) => (
          <span key={name} className="data-key">
            <i style={{ background: colour }} /> {name}
          </span>
        ))}
    </div>
  );
}
