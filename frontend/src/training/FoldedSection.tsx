import { type ReactNode, useState } from "react";
import { faultsAt } from "../forms/places";
import type { Settings } from "../forms/useSettings";
import { textOf } from "../forms/values";

interface Props {
  settings: Settings;
  title: string;
  place: string;
  children: ReactNode;
}

/** A section that is folded until it is asked for; closed it says in short what is written in it. */
export function FoldedSection({ settings, title, place, children }: Props) {
  const value = settings.at(place);
  const wrong = faultsAt(settings.faults, place, true).length > 0;
  const [open, setOpen] = useState(false);
  const gist =
    typeof value === "object" && value !== null
      ? Object.entries(value)
          .map(([name, one]) => `${name} ${textOf(one)}`)
          .join(", ")
      : "";
  return (
    <section className="form-section" aria-label={title}>
      <h2>
        <button
          type="button"
          className="form-fold"
          aria-expanded={open || wrong}
          onClick={() => setOpen(!open)}
        >
          <span aria-hidden>{open || wrong ? "▾" : "▸"}</span> {title}
          {!open && <span className="faint mono">{gist}</span>}
        </button>
      </h2>
      {(open || wrong) && children}
    </section>
  );
}
