import { type KeyboardEvent, useEffect, useRef } from "react";
import { useSay } from "../ui/words";
import { type Bench, chosen, screenOf } from "./bench";
import { type Asked, useDesk } from "./state";

/** One line that is asked for at the selected nodes: a name, a number, a note. */
export function Ask({ bench, asked }: { bench: Bench; asked: Asked }) {
  const say = useSay();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.showPopover();
    box.current?.querySelector("input")?.focus();
  }, []);
  const close = () => {
    useDesk.setState({ asked: null });
    bench.board?.focus({ preventScroll: true });
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    const { value } = event.currentTarget;
    close();
    asked.done(value.trim());
  };
  const [left, top] = screenOf(bench, chosen(bench)[0] ?? "");
  return (
    <div
      ref={box}
      popover="auto"
      className="popup draw-ask"
      style={{ left: Math.min(left, window.innerWidth - 260), top: Math.min(top, window.innerHeight - 80) }}
      onToggle={(event) => event.newState === "closed" && close()}
    >
      <label>
        <span>{say(asked.words)}</span>
        <input
          type={asked.number ? "number" : "text"}
          min={1}
          defaultValue={asked.value}
          onFocus={(event) => event.currentTarget.select()}
          onKeyDown={press}
        />
      </label>
    </div>
  );
}
