import type { KeyboardEvent } from "react";

interface Props<T extends string> {
  /** the tab of a view has the id `{name}-tab-{view}`, its panel `{name}-view` */
  name: string;
  label: string;
  tab: T;
  tabs: readonly (readonly [tab: T, text: string])[];
  onOpen: (tab: T) => void;
}

/** The heads of views of which one is shown: one of them is reached by Tab, the others by arrows. */
export function TabList<T extends string>({ name, label, tab, tabs, onOpen }: Props<T>) {
  const press = (event: KeyboardEvent, at: number) => {
    const to = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    const next = to === undefined ? undefined : tabs.at(to);
    if (!next) return;
    event.preventDefault();
    onOpen(next[0]);
    document.getElementById(`${name}-tab-${next[0]}`)?.focus();
  };
  return (
    <div role="tablist" aria-label={label} className="tablist">
      {tabs.map(([one, text], at) => (
        <button
          key={one}
          id={`${name}-tab-${one}`}
          type="button"
          role="tab"
          aria-selected={one === tab}
          aria-controls={`${name}-view`}
          tabIndex={one === tab ? 0 : -1}
          onClick={() => onOpen(one)}
          onKeyDown={(event) => press(event, at)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
