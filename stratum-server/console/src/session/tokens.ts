// The access token lives in memory only. The refresh token is kept in the browser, so that a reload or a second tab stays
// signed in; the server gives a new one for each, and ends the session when an old one comes again, so tabs take turns.

import { ApiProblem } from "~/api/problem";
import type { components } from "~/api/schema";

type Pair = components["schemas"]["TokenPair"];

const REFRESH = "stratum.refresh";
/** A token that ends within this time is exchanged before it is used. */
const SPARE_MS = 30_000;

let access: { token: string; endsAt: number } | null = null;
let renewing: Promise<string | null> | null = null;
const listeners = new Set<() => void>();

/** Calls back when the person is signed out, here or in another tab. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

addEventListener("storage", (event) => {
  if (event.key === REFRESH && event.newValue === null) end();
});

/** Takes over a new pair. */
export function keep(pair: Pair): void {
  access = { token: pair.access_token, endsAt: Date.now() + pair.expires_in * 1000 };
  localStorage.setItem(REFRESH, pair.refresh_token);
}

/** Whether there is anything to come back with. */
export function mayBeSignedIn(): boolean {
  return access !== null || localStorage.getItem(REFRESH) !== null;
}

/** Lets the next request ask for a new token. */
export function forgetAccess(): void {
  access = null;
}

/** Forgets the session; gives the refresh token that it had. */
export function end(): void {
  access = null;
  localStorage.removeItem(REFRESH);
  for (const listener of listeners) listener();
}

/** A token that is good for a while, or null where nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (access !== null && access.endsAt - Date.now() > SPARE_MS) return access.token;
  renewing ??= inTurn(renew).finally(() => {
    renewing = null;
  });
  return renewing;
}

/** One tab at a time. */
async function inTurn(work: () => Promise<string | null>): Promise<string | null> {
  // Only pages that came over TLS or from this machine have locks.
  return "locks" in navigator ? await navigator.locks.request(REFRESH, work) : await work();
}

async function renew(): Promise<string | null> {
  const token = localStorage.getItem(REFRESH);
  if (token === null) return null;
  let response: Response;
  try {
    response = await fetch("/api/v1/auth/refresh", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: token }),
    });
  } catch (cause) {
    throw ApiProblem.unreachable(cause);
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) {
    keep((body as { data: Pair }).data);
    return access?.token ?? null;
  }
  if (response.status === 401) {
    end();
    return null;
  }
  throw ApiProblem.read(response, body);
}
