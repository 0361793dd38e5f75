import { notify } from "./notices";
import { say, type Words } from "./words";

const W = {
  renewed: ["Torchwork was updated, so this page was loaded anew.", "Torchwork 已更新，页面已重新加载。"],
} satisfies Record<string, Words>;

const KEY = "torchwork.renewed";
/** Milliseconds within which a second failure is no sign of an update. */
const ONCE = 30_000;

/** A page that was open while Torchwork was updated asks for parts that are gone: it is loaded anew, once. */
export function renewWhenUpdated(reload = () => location.reload()): void {
  const before = Number(sessionStorage.getItem(KEY) ?? 0);
  if (before && Date.now() - before < ONCE) notify(say(W.renewed));
  addEventListener("vite:preloadError", () => {
    if (Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < ONCE) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    reload();
  });
}
