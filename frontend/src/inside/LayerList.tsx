import type { LayerNumbers } from "../api/messages";
import { Marks } from "./Marks";

interface Props {
  layers: readonly LayerNumbers[];
  layer: string;
  onLayer: (layer: string) => void;
}

/** The layers of a network that has no document to be drawn. */
export function LayerList({ layers, layer, onLayer }: Props) {
  return (
    <ol className="inside-list">
      {layers.map(({ name }) => (
        <li key={name}>
          <button type="button" aria-pressed={name === layer} onClick={() => onLayer(name)}>
            <span title={name}>{name || "·"}</span>
            <Marks path={name} />
          </button>
        </li>
      ))}
    </ol>
  );
}
