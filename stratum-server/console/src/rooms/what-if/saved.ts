// Scenarios that a person keeps by name, in this browser and for this tenant. They are kept as links, so that what is
// read back is checked as a link is.

import { useCallback, useSyncExternalStore } from "react";

export interface Saved {
  name: string;
  link: string;
}

const listeners = new Set<() => void>();
const key = (tenant: string) => `stratum.what-if.${tenant}`;
const MOST = 50;

export function readSaved(text: string | null): readonly Saved[] {
  if (text === null) return [];
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) return [];
    return list.filter((one): one is Saved => typeof one?.name === "string" && typeof one?.link === "string");
  } catch {
    return [];
  }
}

/** One more under this name, the newest first; one of the same name is replaced. */
export function withOne(saved: readonly Saved[], one: Saved): readonly Saved[] {
  return [one, ...saved.filter(({ name }) => name !== one.name)].slice(0, MOST);
}

let cache: { text: string | null; list: readonly Saved[] } = { text: null, list: [] };

function snapshot(tenant: string): readonly Saved[] {
  const text = localStorage.getItem(key(tenant));
  if (text !== cache.text) cache = { text, list: readSaved(text) };
  return cache.list;
}

export function useSaved(tenant: string) {
  const subscribe = useCallback((listener: () => void) => {
    listeners.add(listener);
    addEventListener("storage", listener);
    return () => {
      listeners.delete(listener);
      removeEventListener("storage", listener);
    };
  }, []);
  const list = useSyncExternalStore(subscribe, () => snapshot(tenant));
  const write = (next: readonly Saved[]) => {
    localStorage.setItem(key(tenant), JSON.stringify(next));
    for (const listener of listeners) listener();
  };
  return {
    list,
    keep: (one: Saved) => write(withOne(list, one)),
    forget: (name: string) => write(list.filter((one) => one.name !== name)),
  };
}
