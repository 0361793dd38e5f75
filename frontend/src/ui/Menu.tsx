import {
  type AnchorHTMLAttributes,
  type ButtonHTMLAttributes,
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
  useRef,
} from "react";
import { Popup, PopupPanel } from "./Popup";
import { keysOf } from "./tips";

/** Arrows, Home and End go through the entries. */
function press(event: KeyboardEvent<HTMLElement>): void {
  const items = [
    ...event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]:not([aria-disabled=true])"),
  ];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items.at(to === items.length ? 0 : to)?.focus();
}

/** What a menu holds: after a choice it closes. */
export function MenuList({ close, children }: { close: () => void; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears what its entries are told
    <div
      className="menu"
      onKeyDown={press}
      onClick={(event) =>
        (event.target as Element).closest("[role=menuitem]:not([aria-disabled=true])") && close()
      }
    >
      {children}
    </div>
  );
}

interface ItemProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  danger?: boolean;
  /** the keys that do the same */
  keys?: string;
}

/** An entry that does something; with `aria-disabled` it is greyed and does nothing, its tip says why. */
export function MenuItem({ danger = false, keys, children, onClick, ...rest }: ItemProps) {
  const barred = rest["aria-disabled"] === true;
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={danger ? "danger" : undefined}
      {...rest}
      onClick={barred ? undefined : onClick}
    >
      {children}
      {keys && <kbd aria-hidden>{keysOf(keys)}</kbd>}
    </button>
  );
}

/** An entry that leads somewhere; with nothing there (no address) it is greyed. */
export function MenuLink({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <a role="menuitem" tabIndex={-1} href={href} aria-disabled={href === undefined} {...rest} />;
}

interface MenuProps {
  text: ReactNode;
  label?: string;
  tip?: string;
  loading?: boolean;
  button?: (props: ComponentProps<"button">) => ReactNode;
  children: ReactNode;
}

/** A button with a menu below it. */
export function Menu({ children, ...rest }: MenuProps) {
  return (
    <Popup role="menu" {...rest}>
      {(close) => <MenuList close={close}>{children}</MenuList>}
    </Popup>
  );
}

/** A menu that is open already, at the button that asked for it. */
export function MenuAt(props: {
  anchor: HTMLElement;
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const anchor = useRef(props.anchor);
  return (
    <PopupPanel role="menu" label={props.label} anchor={anchor} opened onClose={props.onClose}>
      {(close) => <MenuList close={close}>{props.children}</MenuList>}
    </PopupPanel>
  );
}
