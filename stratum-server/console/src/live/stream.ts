import { createParser, type EventSourceMessage } from "eventsource-parser";
import { accessToken, forgetAccess } from "~/session/tokens";

export type LiveState = "connecting" | "live" | "away";

interface Listening {
  onEvent(kind: string, payload: unknown): void;
  onState(state: LiveState): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * Listens to `/api/v1/events/stream` until stopped. `EventSource` cannot send a token, so the stream is read by `fetch`;
 * after a break it goes on where it was (`Last-Event-ID`), and the server says `resync` when that was too long ago.
 */
export function listen({ onEvent, onState }: Listening): () => void {
  const stop = new AbortController();
  void (async () => {
    let last: string | null = null;
    let wait = FIRST_WAIT_MS;
    const parser = createParser({
      onEvent(event: EventSourceMessage) {
        if (event.id !== undefined) last = event.id;
        onEvent(event.event ?? "message", event.data === "" ? null : JSON.parse(event.data));
      },
    });
    while (!stop.signal.aborted) {
      try {
        const response = await open(last, stop.signal);
        onState("live");
        wait = FIRST_WAIT_MS;
        await read(response, (text) => parser.feed(text));
      } catch {
        // Below, after a pause.
      }
      parser.reset();
      if (stop.signal.aborted) return;
      onState(wait > FIRST_WAIT_MS ? "away" : "connecting");
      await pause(wait, stop.signal);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  })();
  return () => stop.abort();
}

async function open(last: string | null, signal: AbortSignal): Promise<Response> {
  const token = await accessToken();
  if (token === null) throw new Error("signed out");
  const headers: Record<string, string> = { Accept: "text/event-stream", Authorization: `Bearer ${token}` };
  if (last !== null) headers["Last-Event-ID"] = last;
  const response = await fetch("/api/v1/events/stream", { headers, signal, cache: "no-store" });
  if (response.status === 401) forgetAccess();
  if (!response.ok) throw new Error(`the stream answered ${response.status}`);
  return response;
}

async function read(response: Response, take: (text: string) => void): Promise<void> {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
