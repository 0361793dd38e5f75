import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { go } from "./route";

/** A link inside the page: a real one, so that it can be copied and opened in a new tab. */
export function Link({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const open = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0)
      return;
    event.preventDefault();
    go(href);
  };
  return <a href={href} onClick={open} {...rest} />;
}
