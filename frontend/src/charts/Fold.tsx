import { type ReactNode, useSyncExternalStore } from "react";
import { kept } from "../ui/kept";

const folded = kept<string[]>("charts.folded", []);

interface Props {
  /** names the section among all that were folded */
  name: string;
  title: string;
  count: number;
  /** not to be folded: it holds the only chart */
  open?: boolean;
  children: ReactNode;
}

/** A section with a title that folds; what was folded stays so. */
export function Fold({ name, title, count, open = false, children }: Props) {
  const all = useSyncExternalStore(folded.subscribe, folded.get);
  const shut = all.includes(name) && !open;
  const toggle = () => folded.set(shut ? all.filter((other) => other !== name) : [...all, name]);
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
