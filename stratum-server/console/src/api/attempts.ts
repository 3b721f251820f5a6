import { problemOf } from "./problem";

/** The answers after which nobody knows whether the server did it: it was not reached, or still works on it. */
function isOpen(thrown: unknown): boolean {
  const { status, code } = problemOf(thrown);
  return code === "UNREACHABLE" || code === "IDEMPOTENCY_IN_PROGRESS" || [502, 503, 504].includes(status);
}

/**
 * The idempotency keys of one form. The server keeps its answer under a key, refusals too, so each press has a key of its
 * own; only the same request again, after one of which nobody knows what became of it, keeps the key.
 */
export class Attempts {
  #open: { content: string; key: string } | null = null;

  /** Sends a request with its key, and remembers the key where the outcome stays unknown. */
  async send<T>(content: unknown, request: (key: string) => Promise<T>): Promise<T> {
    const text = JSON.stringify(content);
    const key = this.#open?.content === text ? this.#open.key : crypto.randomUUID();
    try {
      const answer = await request(key);
      this.#open = null;
      return answer;
    } catch (thrown) {
      this.#open = isOpen(thrown) ? { content: text, key } : null;
      throw thrown;
    }
  }
}
