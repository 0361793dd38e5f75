import type { KeyboardEvent } from "react";
import { useForms } from "./context";
import { useTyped } from "./useTyped";

interface Props {
  label: string;
  value: string;
  mono?: boolean;
  placeholder?: string;
  onSend: (value: string) => void;
}

/** A line of text that is sent on Enter and when it is left; Escape brings back what stood there. */
export function TextLine({ label, value, mono = true, placeholder, onSend }: Props) {
  const { readOnly } = useForms();
  const { typed, setTyped, sent } = useTyped(value);
  const send = () => {
    const next = typed.trim();
    sent(typed);
    if (next !== value && next) onSend(next);
    else setTyped(value);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) send();
    else if (event.key === "Escape" && typed !== value) setTyped(value);
    else return;
    event.stopPropagation();
    event.preventDefault();
  };
  return (
    <span className="form-line">
      <input
        type="text"
        className={mono ? "mono" : undefined}
        aria-label={label}
        placeholder={placeholder}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        disabled={readOnly !== undefined}
        data-typed={typed !== value || undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={send}
        onKeyDown={press}
      />
    </span>
  );
}
