import { Button, type ButtonProps } from "@mantine/core";
import {
  type ComponentProps,
  type FocusEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";

const GAP = 4;
const EDGE = 8;
const REACHED = "[data-autofocus], [role=menuitem], input, select, textarea, button, a[href]";

/** Puts a panel below its anchor, above it where there is more room; what does not fit scrolls. */
export function place(panel: HTMLElement, anchor: HTMLElement, align: "start" | "center" | "end"): void {
  const { left, right, top, bottom } = anchor.getBoundingClientRect();
  const { innerWidth, innerHeight } = window;
  const width = panel.offsetWidth;
  const from = { start: left, center: (left + right - width) / 2, end: right - width }[align];
  const below = innerHeight - bottom;
  const under = below >= panel.offsetHeight + GAP + EDGE || below >= top;
  panel.style.left = `${Math.max(EDGE, Math.min(from, innerWidth - width - EDGE))}px`;
  panel.style.top = under ? `${bottom + GAP}px` : "auto";
  panel.style.bottom = under ? "auto" : `${innerHeight - top + GAP}px`;
  panel.style.maxHeight = `${(under ? below : top) - GAP - EDGE}px`;
}

interface PanelProps {
  id?: string;
  anchor: RefObject<HTMLElement | null>;
  align?: "start" | "end" | undefined;
  className?: string | undefined;
  width?: number | undefined;
  role?: string;
  label?: string | undefined;
  /** it is open from its first moment on */
  opened?: boolean;
  onClose?: () => void;
  children: (close: () => void) => ReactNode;
}

/** A panel above the page: the browser closes it on Escape and on a click elsewhere, and gives the focus back. */
export function PopupPanel(props: PanelProps) {
  const {
    id,
    anchor,
    align = "end",
    className = "",
    width,
    role = "dialog",
    label,
    opened = false,
    onClose,
  } = props;
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = () => panel.current?.hidePopover();
  useEffect(() => {
    if (opened && !panel.current?.matches(":popover-open")) panel.current?.showPopover();
  }, [opened]);
  // what it holds is there before it is shown, its place before it is painted
  const show = () => {
    flushSync(() => setOpen(true));
    requestAnimationFrame(() => {
      if (!panel.current || !anchor.current) return;
      place(panel.current, anchor.current, align);
      panel.current.querySelector<HTMLElement>(REACHED)?.focus();
    });
  };
  const leave = (event: FocusEvent) => {
    const to = event.relatedTarget;
    if (to instanceof Node && to !== anchor.current && !event.currentTarget.contains(to)) close();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears that the focus leaves it
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it is a dialog or a menu
    <div
      ref={panel}
      id={id}
      popover="auto"
      role={role}
      aria-label={open ? label : undefined}
      className={`popup ${className}`}
      style={width ? { width } : undefined}
      onBlur={leave}
      onBeforeToggle={(event) => event.newState === "open" && show()}
      onToggle={(event) => {
        if (event.newState === "open") return;
        setOpen(false);
        onClose?.();
      }}
    >
      {open && props.children(close)}
    </div>
  );
}

interface PopupProps extends Omit<ButtonProps, "children"> {
  /** what the button says, where its text does not say enough */
  label?: string | undefined;
  /** what its tip says; the label where there is only a sign */
  tip?: string | undefined;
  text: ReactNode;
  /** another element than the page's usual button */
  button?: (props: ComponentProps<"button">) => ReactNode;
  align?: "start" | "end" | undefined;
  panelClass?: string | undefined;
  panelWidth?: number | undefined;
  role?: "dialog" | "menu";
  children: (close: () => void) => ReactNode;
}

/** A button with a panel that opens below it. */
export function Popup(props: PopupProps) {
  const {
    label,
    tip,
    text,
    button,
    align,
    panelClass,
    panelWidth,
    role = "dialog",
    children,
    ...rest
  } = props;
  const id = useId();
  const anchor = useRef<HTMLButtonElement>(null);
  const shared = {
    ref: anchor,
    popoverTarget: id,
    "aria-haspopup": role,
    "aria-label": label,
    "data-tip": tip,
    children: text,
  };
  return (
    <>
      {button ? button({ type: "button", ...shared }) : <Button {...shared} {...rest} />}
      <PopupPanel
        id={id}
        anchor={anchor}
        align={align}
        className={panelClass}
        width={panelWidth}
        role={role}
        label={label ?? (typeof text === "string" ? text : undefined)}
      >
        {children}
      </PopupPanel>
    </>
  );
}
