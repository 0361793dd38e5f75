import { useSyncExternalStore } from "react";

/** Where the page is: a path and its parameters. Everything that a link should bring back stands here. */
export interface Route {
  path: string;
  params: URLSearchParams;
}

const listeners = new Set<() => void>();
let current = read();

function read(): Route {
  return { path: location.pathname, params: new URLSearchParams(location.search) };
}

function changed(): void {
  current = read();
  for (const listener of listeners) listener();
}

window.addEventListener("popstate", changed);

/** An address in the page; parameters with several values are repeated. */
export function address(path: string, params: Record<string, string | readonly string[]> = {}): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const item of typeof value === "string" ? [value] : value) found.append(name, item);
  }
  const text = found.toString();
  return text ? `${path}?${text}` : path;
}

/** Go to an address; `replace` leaves no trace in the history. */
export function go(to: string, replace = false): void {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  changed();
}

/** Change parameters of this address; null removes one. Small changes (a slider) replace, a new view pushes. */
export function setParams(values: Record<string, string | readonly string[] | null>, replace = true): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    params.delete(name);
    if (value === null) continue;
    for (const item of typeof value === "string" ? [value] : value) params.append(name, item);
  }
  const text = params.toString();
  go(text ? `${location.pathname}?${text}` : location.pathname, replace);
}

export function useRoute(): Route {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** One parameter of the address, and how to change it; its `first` value is not written. */
export function useParam(name: string, first: string): [string, (value: string) => void] {
  const { params } = useRoute();
  return [params.get(name) ?? first, (value) => setParams({ [name]: value === first ? null : value })];
}

/** The token of the address is a cookie by now: it must not stay where it can be read or shared. */
export function forgetToken(): void {
  if (new URLSearchParams(location.search).has("token")) setParams({ token: null });
}
