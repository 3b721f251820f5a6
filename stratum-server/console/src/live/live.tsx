import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type LiveState, listen } from "./stream";

/** Which queries an event makes old, by the first word of their keys. */
const MAKES_OLD: Record<string, readonly string[]> = {
  action_status_update: ["actions", "autopilot", "audit"],
  action_recommendation: ["actions"],
  autopilot_mode_change: ["autopilot", "what-if"],
  kill_switch_change: ["autopilot", "actions", "audit", "what-if"],
  signal_health_update: ["health", "autopilot", "what-if"],
  incident_opened: ["health", "incidents", "what-if"],
  incident_closed: ["health", "incidents", "what-if"],
  job_update: ["jobs"],
};
/** Many events of one transaction become one reload. */
const GATHER_MS = 60;

type Handler = (payload: unknown) => void;

interface Live {
  state: LiveState;
  hear(kind: string, handler: Handler): () => void;
}

const Context = createContext<Live | null>(null);

/** Listens to the server's events while the person is signed in, and reloads what they make old. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  const handlers = useRef(new Map<string, Set<Handler>>());

  useEffect(() => {
    const refresh = gathered(queries);
    return listen({
      onState: setState,
      onEvent(kind, payload) {
        refresh(kind);
        for (const handler of handlers.current.get(kind) ?? []) handler(payload);
      },
    });
  }, [queries]);

  const live = useMemo<Live>(
    () => ({
      state,
      hear(kind, handler) {
        const all = handlers.current.get(kind) ?? new Set();
        handlers.current.set(kind, all.add(handler));
        return () => all.delete(handler);
      },
    }),
    [state],
  );
  return <Context value={live}>{children}</Context>;
}

function gathered(queries: QueryClient): (kind: string) => void {
  const old = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (kind) => {
    // `resync`: events were missed, so everything may have changed.
    const subjects = kind === "resync" ? ["*"] : (MAKES_OLD[kind] ?? []);
    for (const subject of subjects) old.add(subject);
    if (old.size === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      const all = old.has("*");
      const now = new Set(old);
      old.clear();
      void queries.invalidateQueries({
        predicate: ({ queryKey: [subject] }) => subject !== "me" && (all || now.has(String(subject))),
      });
    }, GATHER_MS);
  };
}

function useLive(): Live {
  const live = useContext(Context);
  if (live === null) throw new Error("useLive outside of LiveProvider");
  return live;
}

/** Whether events arrive. */
export function useLiveState(): LiveState {
  return useLive().state;
}

/** Calls back on each event of a kind, such as `action_status_update`. */
export function useLiveEvent(kind: string, handler: Handler): void {
  const { hear } = useLive();
  const newest = useRef(handler);
  useEffect(() => {
    newest.current = handler;
  });
  useEffect(() => hear(kind, (payload) => newest.current(payload)), [hear, kind]);
}
