import type {
  ActionType,
  Applied,
  Call,
  CallOutcome,
  ChainHead,
  Change,
  ChangeRequest,
  DecisionPolicy,
  EmqBand,
  EnforcementCheck,
  EnforcementFacts,
  EntityRef,
  EntityType,
  GateDecision,
  GateFacts,
  GateReason,
  GateResponse,
  HealthStatus,
  Instant,
  OperationName,
  Platform,
  PlatformErrorCode,
  StoredRecord,
} from "./types/operations.js";

export type * from "./types/operations.js";
export * from "./types/decisions.js";

/** One thing that is wrong with an input. */
export interface Problem {
  /** Where: a JSON pointer into the input; empty for the input as a whole. */
  readonly path: string;
  /** What kind: stable, for programs, such as `"missing_field"`. */
  readonly code: string;
  /** What was wrong, in a sentence. */
  readonly message: string;
  /** What to write instead, where that can be said. */
  readonly help?: string;
}

/** An input was refused, or an operation broke inside. `problems` lists everything that is wrong. */
export declare class StratumError extends Error {
  constructor(problems: readonly Problem[], operation?: string, options?: { cause?: unknown });
  readonly name: "StratumError";
  /** The code of the first problem; `"internal"` is a bug of ours, and later calls work. */
  readonly code: string;
  readonly operation: string | undefined;
  readonly problems: readonly Problem[];
}

/** Runs an operation by its name: an object in, an object out. */
export declare const call: Call;

/** Runs an operation by its name on JSON text. */
export declare function callJson(name: OperationName, body: string): string;

/** An operation as the table lists it; the schemas stand by themselves. */
export interface Operation {
  readonly name: OperationName;
  readonly doc: string;
  readonly request: Record<string, unknown>;
  readonly response: Record<string, unknown>;
  readonly columns?: readonly {
    readonly name: string;
    readonly doc: string;
    readonly required: boolean;
    readonly type: "number" | "integer" | "instant" | "id" | "any" | "boolean" | "string";
    readonly values?: readonly string[];
  }[];
  /** Whether the policy names further columns. */
  readonly columns_of_the_policy?: boolean;
}

/** Every operation. */
export declare function operations(): Operation[];

/** The document with all schemas, as text. */
export declare function schemaJson(): string;

/**
 * What can be given for a column: numbers (NaN or null is missing), texts of a vocabulary or their positions, flags, texts
 * (a list, or parts of them in Arrow's layout), whole numbers, and instants (milliseconds since 1970, Dates, RFC 3339 texts).
 * In a list, a value of another type is refused with its row (`wrong_type`), and so is a flag that is missing (`missing_value`).
 */
export type Column =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | TextParts
  | readonly (number | bigint | string | boolean | Date | null)[];

/** Texts in one buffer: row `n` stands in `bytes` (UTF-8) from `offsets[n]` to `offsets[n + 1]`. */
export interface TextParts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  /** A bit for each row, the lowest of a byte first: whether the row is there. Left out or empty: all are. */
  readonly valid?: Uint8Array;
}

/** A column of texts of an answer. */
export declare class Texts implements TextParts, Iterable<string | null> {
  constructor(parts: TextParts);
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  readonly valid: Uint8Array;
  readonly length: number;
  /** The text of a row; null where it is missing. */
  at(row: number): string | null;
  /** All texts; null where one is missing. */
  toArray(): (string | null)[];
  toJSON(): (string | null)[];
  [Symbol.iterator](): Iterator<string | null>;
}

/** Columns by name, in any case; those that the operation does not read are left alone. */
export type Columns = Readonly<Record<string, Column>>;

/** The columns of an answer by name. */
export interface BatchAnswers {
  "health.evaluate": { score: Float64Array; status: Codes<HealthStatus>; coverage_pct: Float64Array };
  "gate.evaluate": { decision: Codes<GateDecision>; reason: Codes<GateReason>; reasons: Sets<GateReason> };
  "emq.event": { score: Float64Array; band: Codes<EmqBand>; refusal: Codes<string> };
  "identifier.normalize": { readonly [column: string]: Texts };
  "person.normalize": { readonly [column: string]: Texts };
  "identity.stitch": {
    /** Of links by text: the identifiers that they name. */
    identifier?: Texts;
    /** The cluster of each row (of links by number: of each node, NaN where there is none). */
    cluster: Texts | Float64Array;
    tables: {
      held: { cluster: Texts | Float64Array; identifiers: Float64Array; reasons: Sets<string> };
      summary: { clusters: Float64Array; weak_links: Float64Array };
      /** Of events. */
      identifiers?: { identifier: Texts; cluster: Texts };
    };
  };
  "rfm.score": {
    recency_score: Float64Array;
    frequency_score: Float64Array;
    monetary_score: Float64Array;
    rfm_cell: Texts;
    rfm_score: Float64Array;
    segment: Codes<string>;
  };
  "rfm.aggregate": {
    customer_id: Texts | Float64Array;
    recency_days: Float64Array;
    frequency: Float64Array;
    monetary_cents: Float64Array;
  };
  "prediction.evaluate": {
    churn_probability: Float64Array;
    churn_band: Codes<"LOW" | "MEDIUM" | "HIGH" | "CRITICAL">;
    ltv_365_cents: Float64Array;
    ltv_class: Codes<"VIP" | "HIGH" | "MEDIUM" | "LOW">;
    gap_days: Float64Array;
    gap_source: Codes<"OWN" | "TENANT" | "DEFAULT">;
  };
  "clv.predict": {
    p_alive: Float64Array;
    /** Intervals (`_low`, `_high`) are there unless `confidence` is null; NaN where a model has no covariance. */
    p_alive_low?: Float64Array;
    p_alive_high?: Float64Array;
    expected_purchases: Float64Array;
    expected_purchases_low?: Float64Array;
    expected_purchases_high?: Float64Array;
    /** Amounts and values are there where `monetary_value` is. */
    expected_average?: Float64Array;
    expected_average_low?: Float64Array;
    expected_average_high?: Float64Array;
    clv?: Float64Array;
    clv_low?: Float64Array;
    clv_high?: Float64Array;
    tables: {
      parameters: {
        model: Texts;
        parameter: Texts;
        value: Float64Array;
        value_low: Float64Array;
        value_high: Float64Array;
      };
      /** Of the models that were fitted. */
      fits: { model: Texts; log_likelihood: Float64Array; converged: Uint8Array };
      bgnbd_covariance?: Record<"r" | "alpha" | "a" | "b", Float64Array>;
      gamma_gamma_covariance?: Record<"p" | "q" | "v", Float64Array>;
    };
  };
  "segment.evaluate": { profile_id?: Texts | Float64Array; member: Uint8Array };
  "traits.compute": {
    profile_id: Texts | Float64Array;
    readonly [trait: string]: Float64Array | Uint8Array | Texts;
  };
  "funnel.evaluate": {
    step: Float64Array;
    name: Texts;
    event_name: Texts;
    count: Float64Array;
    conversion_rate: Float64Array;
    drop_off_rate: Float64Array;
    drop_off_count: Float64Array;
    median_seconds_from_previous: Float64Array;
    tables: {
      summary: {
        entered: Float64Array;
        converted: Float64Array;
        conversion_rate: Float64Array;
        median_seconds_to_convert: Float64Array;
      };
      /** Where a property breaks it down. */
      groups?: { readonly [column: string]: Float64Array | Texts };
    };
  };
}

/** Positions in a vocabulary; 255 is none. */
export interface Codes<Word extends string> {
  readonly codes: Uint8Array;
  readonly values: readonly Word[];
}

/** Sets of a vocabulary, a bit for each position. */
export interface Sets<Word extends string> {
  readonly sets: Uint16Array;
  readonly values: readonly Word[];
}

export interface BatchOptions {
  /** The policy under which the rows are evaluated; left out: the defaults. */
  policy?: object | null;
}

/** Runs an operation over columns of equal length. */
export declare function batch<Name extends keyof BatchAnswers>(
  name: Name,
  columns: Columns,
  options?: BatchOptions,
): BatchAnswers[Name];

export interface AsyncBatchOptions extends BatchOptions {
  /** Calls the work off; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Hears of the share that is done, 1 at the end. */
  onProgress?: (share: number) => void;
}

/** The same beside the main thread, on a copy of the columns. */
export declare function batchAsync<Name extends keyof BatchAnswers>(
  name: Name,
  columns: Columns,
  options?: AsyncBatchOptions,
): Promise<BatchAnswers[Name]>;

/** How long work is told of, and called off. */
export type WorkOptions = Pick<AsyncBatchOptions, "signal" | "onProgress">;

/**
 * The customer library over columns, beside the main thread: identifiers, persons, scores, segments and funnels of millions of
 * rows. Whole numbers and instants are given as Float64Array (milliseconds since 1970; NaN is missing), BigInt64Array, or
 * lists; texts as lists of strings or as {@link TextParts}.
 */
export declare const cdp: {
  /**
   * Brings the columns `email`, `phone`, `external_id`, `device_id`, `anonymous_id` and those of a person (`first_name`,
   * `last_name`, `city`, `state`, `zip`, `country`, `date_of_birth`, `gender`) into their normal form: for each `x` that is
   * there `x`, `x_refusal` (why it has none) and `x_meta`, … for each platform that is asked for. State and postal code are
   * read as those of the row's country; `latest_birth` (`YYYY-MM-DD`) is the last day on which a person can be born.
   */
  normalize(
    columns: Columns,
    options?: { settings?: object; platforms?: readonly Platform[]; latest_birth?: string } & WorkOptions,
  ): Promise<BatchAnswers["identifier.normalize"]>;
  /**
   * Finds who is the same person: of events (a column for each type of identifier) the cluster of each row, of links (`left`
   * and `right` as `type:value`, or `left_node` and `right_node`) that of each identifier. Events are
   * resolved under `identity`, a policy of `identity.resolve` (left out: strict), as if one came after the other; `event_time`
   * is for the checks that look at time. Of links, `policy` is that of `identity.stitch`: what it holds stays parted.
   */
  resolve(
    columns: Columns,
    options?: { policy?: object | null; identity?: object } & WorkOptions,
  ): Promise<BatchAnswers["identity.stitch"]>;
  /**
   * Adds purchases (`customer_id`, `at`, `amount_cents`, and `refunded_cents` if you have it) up to a row for each customer who
   * bought in the `window_days` (365) before `now`: the columns that `rfm` reads.
   */
  rfmAggregate(
    columns: Columns,
    options: { now: Instant | Date; window_days?: number } & WorkOptions,
  ): Promise<BatchAnswers["rfm.aggregate"]>;
  /**
   * Predicts who will leave and what the next 365 days will bring, a row for each customer: `purchases`,
   * `days_since_last_purchase`, `revenue_cents`, and if you have them `median_gap_days`, `days_since_first_purchase`,
   * `repeat_revenue_cents`. Who has no purchase has no prediction.
   */
  predict(
    columns: Columns,
    options?: {
      model?: "HEURISTIC" | "BG_NBD";
      currency?: string;
      base?: object;
      fitted?: object;
    } & WorkOptions,
  ): Promise<BatchAnswers["prediction.evaluate"]>;
  /**
   * Predicts what customers will buy and be worth within `months` (12), a row each: `frequency` (purchases after the first),
   * `recency` (the age at the last one), `T` (the age now), in one unit of time of which a month has `periods_per_month`, and
   * `monetary_value` (the mean amount of the repeat purchases) if it is known. Models that are left out are fitted to these
   * customers. `confidence: null` leaves out the intervals, which takes a tenth of the time.
   */
  lifetimeValue(
    columns: Columns,
    options: {
      periods_per_month: number;
      months?: number;
      monthly_discount?: number;
      bgnbd?: Readonly<Record<"r" | "alpha" | "a" | "b", number>>;
      gamma_gamma?: Readonly<Record<"p" | "q" | "v", number>>;
      bgnbd_covariance?: readonly (readonly number[])[];
      gamma_gamma_covariance?: readonly (readonly number[])[];
      confidence?: number | null;
    } & WorkOptions,
  ): Promise<BatchAnswers["clv.predict"]>;
  /** Scores customers, a row each, by `recency_days`, `frequency` and `monetary_cents`. */
  rfm(
    columns: Columns,
    options?: { policy?: object; currency?: string; ties?: "min" | "first" } & WorkOptions,
  ): Promise<BatchAnswers["rfm.score"]>;
  /**
   * Finds the members of a segment: a column for each field of profiles that the rules name, or events (`profile_id`,
   * `event_name`, `event_time` and a column for each property), then with a row for each profile.
   */
  segment(
    columns: Columns,
    rules: object,
    options: { now: Instant | Date } & WorkOptions,
  ): Promise<BatchAnswers["segment.evaluate"]>;
  /** Counts how many people took each of 2 to 20 steps, from events (`profile_id`, `event_name`, `event_time`) in any order. */
  funnel(
    columns: Columns,
    steps: readonly (string | { event_name: string; step_name?: string; conditions?: readonly object[] })[],
    options?: {
      order?: "ordered" | "unordered";
      conversion_window_days?: number;
      step_timeout_hours?: number;
      break_down?: string;
    } & WorkOptions,
  ): Promise<BatchAnswers["funnel.evaluate"]>;
  /**
   * Computes traits of profiles from events (`profile_id`, `event_name`, `event_time`, `event_id` if you have one, and a column
   * for each property that a trait reads): a row for each profile, a column for each trait (numbers and instants as numbers).
   */
  traits(
    columns: Columns,
    definitions: readonly object[],
    options: { now: Instant | Date } & WorkOptions,
  ): Promise<BatchAnswers["traits.compute"]>;
};

/** An action with its state. */
export interface Action {
  readonly id: string;
  readonly tenant_id: string;
  readonly action_type: ActionType;
  readonly platform: Platform;
  readonly entity_type: EntityType;
  readonly entity_id: string;
  readonly change: Change;
  /** The status as its tenant sees it. */
  readonly status: "QUEUED" | "APPROVED" | "APPLIED" | "FAILED" | "DISMISSED";
  /** The state inside the engine: an action that is being applied is shown as approved. */
  readonly state: "QUEUED" | "APPROVED" | "APPLYING" | "APPLIED" | "FAILED" | "DISMISSED";
  /** Why it failed or was dismissed. */
  readonly status_reason?: string | null;
  /** When the present state expires; null for a final one. */
  readonly expires_at: string | null;
}

/** An action to queue. */
export interface NewAction {
  now: Instant;
  tenant_id: string;
  action_type: ActionType;
  platform: Platform;
  entity_type: EntityType;
  entity_id: string;
  change: Change;
  /** A UUID; left out: a new one. The same id again is the same action. */
  id?: string;
  entity_name?: string;
  created_by?: string;
  reason?: string;
  reverts?: string;
  /** After how many hours it expires unapproved. Left out: 24. */
  ttl_hours?: number;
}

/** What a platform of yours has: it makes one change, once for each `idempotency_key`, and not after `not_after`. */
export interface AdPlatform {
  /**
   * Makes the change and gives your reference, a receipt, or nothing. Throws a `PlatformError` when the change was
   * certainly not made; after any other error nobody knows.
   */
  apply(change: ChangeRequest): Promise<string | Applied | null | void> | string | Applied | null | void;
  /** What became of a call whose answer was lost; without it such a call stays unknown. */
  outcomeOf?(entity: EntityRef, idempotencyKey: string, now: Instant): Promise<CallOutcome> | CallOutcome;
}

/** Thrown by a platform that you write: why a call gave no receipt. */
export declare class PlatformError extends Error {
  constructor(code: PlatformErrorCode, message: string, options?: { retry_after_ms?: number; cause?: unknown });
  readonly name: "PlatformError";
  readonly code: PlatformErrorCode;
  readonly retry_after_ms: number | undefined;
}

/** What is known of an action when it is to be executed, freshly read. */
export interface ExecutionFacts {
  gate: GateFacts;
  limits: EnforcementFacts;
}

/** What a run did with one action. */
export interface PilotStep {
  /** `EXECUTE`: the platform was called. `WAIT`: the action stays approved. `FAIL`: a hard limit forbids it. */
  readonly step: "EXECUTE" | "WAIT" | "FAIL";
  readonly action: Action;
  readonly waiting_for: string | null;
  /** From when the change limits allow it, where they are all it waits for. */
  readonly until: string | null;
  readonly gate: GateResponse;
  readonly enforcement: EnforcementCheck;
  /** Of a call: the platform's receipt. */
  readonly receipt?: Applied | null;
  /** Of a call: why there is no receipt. */
  readonly error?: { readonly code: PlatformErrorCode; readonly message: string; readonly retry_after_ms?: number } | null;
}

/** Queues, approves and executes actions on a platform that you write; keeps them and their audit chain in memory. */
export declare class Autopilot {
  constructor(platform: AdPlatform, policy?: DecisionPolicy | null);
  /** Every action, oldest first. */
  readonly actions: Action[];
  action(id: string): Action;
  queue(action: NewAction): Action;
  /** An `override_reason` executes it by hand although the gate holds. */
  approve(id: string, by: { by: string; now: Instant; override_reason?: string }): Action;
  dismiss(id: string, by: { by: string; now: Instant }): Action;
  /** Executes every approved action that gate and limits let through now, oldest first. */
  run(
    facts: (action: Action) => ExecutionFacts | Promise<ExecutionFacts>,
    options: { now: Instant },
  ): Promise<PilotStep[]>;
  /** The audit chain of a tenant; `call("audit.verify", …)` checks it. */
  records(tenantId: string): StoredRecord[];
  /** Where the chain of a tenant ends: keep it elsewhere, and a truncation shows. */
  head(tenantId: string): ChainHead;
}
