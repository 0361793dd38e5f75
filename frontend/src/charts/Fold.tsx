import { type ReactNode, useSyncExternalStore } from "react";
import { kept } from "../ui/kept";

const folded = kept<string[]>("charts.folded", []);
/** of those that are folded at first */
const unfolded = kept<string[]>("charts.unfolded", []);

interface Props {
  /** names the section among all that were folded */
  name: string;
  title: string;
  count: number;
  /** not to be folded: it holds the only chart */
  open?: boolean;
  /** folded until somebody opens it */
  shy?: boolean;
  children: ReactNode;
}

/** A section with a title that folds; what was folded stays so. */
export function Fold({ name, title, count, open = false, shy = false, children }: Props) {
  const store = shy ? unfolded : folded;
  const turned = useSyncExternalStore(store.subscribe, store.get);
  const shut = turned.includes(name) !== shy && !open;
  const toggle = () =>
    store.set(turned.includes(name) ? turned.filter((other) => other !== name) : [...turned, name]);
  return (
    <section className="chart-section">
      <h3>
        <button type="button" aria-expanded={!shut} onClick={toggle} disabled={open}>
          <span aria-hidden="true">{shut ? "▸" : "▾"}</span>
          {title}
          <span className="faint">{count}</span>
        </button>
      </h3>
      {!shut && children}
    </section>
  );
}
