import "./chooser.css";
import {
  type DragEvent,
  Fragment,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { useSay, type Words } from "../ui/words";
import type { Place } from "./layout";
import { type Findable, ranked } from "./ranking";

const W = { none: ["Nothing fits.", "没有匹配项。"] } satisfies Record<string, Words>;

export interface Choice extends Findable {
  id: string;
  /** what it is shown as; its name where there is no other */
  label?: string;
  detail?: string;
  keys?: string;
  hue?: string;
  disabled?: boolean;
  /** its heading, while nothing is typed */
  group?: string;
}

interface Props<T extends Choice> {
  label: string;
  placeholder: string;
  /** what is said where there is nothing to choose */
  none?: string | undefined;
  items: readonly T[];
  /** a point of the window; null: in the middle, at the top */
  at: Place | null;
  head?: ReactNode;
  foot?: (item: T | undefined) => ReactNode;
  /** the part of what was typed that names the thing */
  nameOf?: (typed: string) => string;
  drag?: (item: T, event: DragEvent) => void;
  onChoose: (item: T, typed: string) => void;
  onClose: () => void;
}

const [BOX_WIDTH, BOX_HEIGHT, EDGE] = [340, 380, 8];

/** A search with a list below it: arrows and Enter choose, Escape leaves. */
export function Chooser<T extends Choice>(props: Props<T>) {
  const {
    label,
    placeholder,
    none,
    items,
    at,
    head,
    foot,
    nameOf = (typed) => typed,
    drag,
    onChoose,
    onClose,
  } = props;
  const say = useSay();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const [place, setPlace] = useState(0);
  const name = nameOf(typed);
  const found = useMemo(() => ranked(name, items, 120), [name, items]);
  const current = found[Math.min(place, found.length - 1)];
  useEffect(() => {
    box.current?.showPopover();
    box.current?.querySelector("input")?.focus();
  }, []);
  useEffect(() => {
    document.getElementById(`${id}-${current?.id}`)?.scrollIntoView({ block: "nearest" });
  }, [id, current]);
  const choose = (item: T | undefined) => {
    if (item && !item.disabled) onChoose(item, typed);
  };
  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + 8, PageUp: place - 8 }[
      event.key
    ];
    if (to !== undefined) setPlace(Math.max(0, Math.min(found.length - 1, to)));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) choose(current);
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={box}
      popover="auto"
      role="dialog"
      aria-label={label}
      className="popup bare draw-chooser"
      style={placed(at)}
      onToggle={(event) => event.newState === "closed" && onClose()}
    >
      {head}
      <input
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={current ? `${id}-${current.id}` : undefined}
        aria-label={label}
        placeholder={placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={press}
      />
      <div role="listbox" id={id} aria-label={label} className="draw-choices">
        {found.map((item, at) => (
          <Fragment key={item.id}>
            {!name && item.group && item.group !== found[at - 1]?.group && (
              <div role="presentation">{item.group}</div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above */}
            <div
              id={`${id}-${item.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={item === current}
              aria-disabled={item.disabled}
              className={item.hue ? `hue-${item.hue}` : undefined}
              draggable={drag !== undefined}
              onDragStart={(event) => drag?.(item, event)}
              onPointerMove={() => item !== current && setPlace(found.indexOf(item))}
              onClick={() => choose(item)}
            >
              <span>{item.label ?? item.name}</span>
              {item.detail && <span className="draw-detail">{item.detail}</span>}
              {item.keys && <kbd>{item.keys}</kbd>}
            </div>
          </Fragment>
        ))}
        {found.length === 0 && <p className="faint">{none ?? say(W.none)}</p>}
      </div>
      {foot?.(current)}
    </div>
  );
}

function placed(at: Place | null) {
  if (!at) return { left: `calc(50vw - ${BOX_WIDTH * 0.65}px)`, top: "14vh", width: BOX_WIDTH * 1.3 };
  return {
    left: Math.max(EDGE, Math.min(at[0], window.innerWidth - BOX_WIDTH - EDGE)),
    top: Math.max(EDGE, Math.min(at[1], window.innerHeight - BOX_HEIGHT - EDGE)),
    width: BOX_WIDTH,
  };
}
