import createClient, { type Middleware } from "openapi-fetch";
import { accessToken, forgetAccess } from "~/session/tokens";
import { ApiProblem } from "./problem";
import type { components, paths } from "./schema";

/** A schema of the OpenAPI document by its name. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

const signed: Middleware = {
  async onRequest({ request, schemaPath }) {
    if (schemaPath.startsWith("/api/v1/auth/") && schemaPath !== "/api/v1/auth/me" && schemaPath !== "/api/v1/auth/logout") return;
    const token = await accessToken();
    if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
  onResponse({ response, request }) {
    // The session was ended elsewhere. The next request asks for a new token, and finds out.
    if (response.status === 401 && request.headers.has("Authorization")) forgetAccess();
  },
};

/** The API of this server, typed by its OpenAPI document. */
export const api = createClient<paths>({ baseUrl: "" });
api.use(signed);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer, or the refusal as an [`ApiProblem`]. A server that is not there is one, too. */
async function body<T>(pending: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await pending;
  } catch (cause) {
    if (cause instanceof ApiProblem) throw cause;
    throw ApiProblem.unreachable(cause);
  }
  if (!answer.response.ok) throw ApiProblem.read(answer.response, answer.error);
  return answer.data as T;
}

/** What is in the envelope of an answer: `await data(api.GET(…))`. */
export async function data<T>(pending: Promise<Answer<{ data: T }>>): Promise<T> {
  return (await body(pending)).data;
}

/** A list with its `meta`, or an answer without an envelope. */
export const whole = body;

/** The headers of a write. The key comes from `Attempts`, so that a repetition has its effect once. */
export function keyed(key: string): Record<string, string> {
  return { "Idempotency-Key": key };
}
