import { useEffect, useRef, useState } from "react";

/** What stands in a line while one writes: a value that comes from elsewhere meanwhile does not take it away. */
export function useTyped(value: string) {
  const [typed, setTyped] = useState(value);
  const shown = useRef(value);
  const handed = useRef(value);
  useEffect(() => {
    const settled = [shown.current, handed.current];
    shown.current = value;
    setTyped((now) => (settled.includes(now) ? value : now));
  }, [value]);
  /** It was sent: whatever the answer says stands here then. */
  const sent = (text: string) => {
    handed.current = text;
  };
  return { typed, setTyped, sent };
}
