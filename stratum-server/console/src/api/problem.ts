/** One problem of an input, at its place. */
export interface Detail {
  path: string;
  code: string;
  message: string;
  help?: string;
}

/** A refusal of the API, with all that it said. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly Detail[] = [],
    /** What some refusals carry beside, such as a confirmation token. */
    readonly extra: Readonly<Record<string, unknown>> = {},
    readonly requestId: string | null = null,
  ) {
    super(message);
    this.name = "ApiProblem";
  }

  static read(response: Response, body: unknown): ApiProblem {
    const id = response.headers.get("X-Request-Id");
    const error = (body as { error?: Record<string, unknown> } | undefined)?.error;
    if (typeof error !== "object" || error === null) {
      return new ApiProblem(response.status, "UNREADABLE", "the server gave an answer that the console cannot read", [], {}, id);
    }
    const { code, message, details, ...extra } = error;
    return new ApiProblem(response.status, String(code), String(message), (details as Detail[] | undefined) ?? [], extra, id);
  }

  static unreachable(cause: unknown): ApiProblem {
    const problem = new ApiProblem(0, "UNREACHABLE", "the server does not answer; is it running?");
    problem.cause = cause;
    return problem;
  }

  /** The problem of a field, for its error line: `/reason` or `?days`. */
  at(path: string): string | undefined {
    const found = this.details.filter((detail) => detail.path === path);
    // At its field nobody needs the name that the API has for it.
    const name = path.replace(/^[/?]/, "");
    const said = found.map(({ message, help }) => [message.replace(new RegExp(`^${name}\\b`), "This"), help].filter(Boolean).join("; "));
    return said.length === 0 ? undefined : said.map((text) => text.charAt(0).toUpperCase() + text.slice(1)).join(". ");
  }

  /** The problems that belong to none of the fields that a form shows. */
  elsewhere(fields: readonly string[]): readonly Detail[] {
    return this.details.filter((detail) => !fields.includes(detail.path));
  }
}

/** Any thrown thing as a problem. */
export function problemOf(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  return new ApiProblem(0, "UNEXPECTED", thrown instanceof Error ? thrown.message : String(thrown));
}
