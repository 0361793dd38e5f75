import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useReadOnly } from "../ui/writable";

interface Props {
  value: string;
  label: string;
  /** shown where there is nothing yet */
  empty?: string;
  /** how it looks while nobody edits it */
  children?: ReactNode;
  lines?: boolean;
  /** `before` is what the edit began with */
  onSave: (value: string, before: string) => void;
}

/** A text that turns into a field when clicked: Enter or leaving saves, Escape does not. */
export function InPlace({ value, label, empty, children, lines, onSave }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const [before, setBefore] = useState(value);
  const readOnly = useReadOnly();
  const finish = (save: boolean) => {
    if (save && draft !== null && draft.trim() !== before) onSave(draft.trim(), before);
    setDraft(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return; // Enter that chooses a Chinese word is no end
    if (event.key === "Escape") finish(false);
    if (event.key === "Enter" && !(lines && event.shiftKey)) {
      event.preventDefault();
      finish(true);
    }
  };
  if (draft === null)
    return (
      <button
        type="button"
        className="run-inplace"
        disabled={readOnly !== undefined}
        data-tip={readOnly ?? label}
        aria-description={label}
        onClick={() => {
          setDraft(value);
          setBefore(value);
        }}
      >
        {children ?? (value || <span className="faint">{empty}</span>)}
      </button>
    );
  const field = {
    className: "run-inplace-field",
    "aria-label": label,
    value: draft,
    onKeyDown,
    onBlur: () => finish(true),
    // the person has just clicked what this field replaces
    autoFocus: true,
  };
  if (lines)
    return <textarea {...field} rows={3} onChange={(event) => setDraft(event.currentTarget.value)} />;
  return <input {...field} onChange={(event) => setDraft(event.currentTarget.value)} />;
}
