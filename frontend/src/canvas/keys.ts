/** The keys of an event as commands name them: `Ctrl+Shift+Z`, `A`, `.`. */
export function comboOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">,
): string {
  const { key } = event;
  const name = key.length === 1 ? key.toUpperCase() : key;
  const letter = /^[A-Z]$/.test(name) || key.length > 1;
  const parts = [
    (event.ctrlKey || event.metaKey) && "Ctrl",
    event.altKey && "Alt",
    event.shiftKey && letter && "Shift",
    name,
  ];
  return parts.filter(Boolean).join("+");
}

/** A key that is written somewhere is no command. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable=true], .popup") !== null
  );
}
