import type {
  ActionType,
  CheckSubject,
  EmqBand,
  EnforcementCheck,
  EnforcementFacts,
  EnforcementMode,
  EnforcementSettings,
  GateDecision,
  GateFacts,
  GateReason,
  GateResponse,
  HealthFacts,
  HealthSnapshot,
  Reason,
  Remedy,
  TrustPolicy,
  Violation,
  ViolationType,
} from "./operations.js";

/**
 * The trust gate under one tenant's policy: validated once, then asked as often as you like, a million times a second.
 * Request and answer are those of `call("gate.evaluate", { policy, facts })`.
 */
export declare class Gate {
  /** Left out: the defaults. */
  constructor(policy?: TrustPolicy | null);
  /** Asks whether a change may run now. */
  evaluate(facts: GateFacts): GateAnswer;
  /** The score from which a change of this type passes: at least 70. */
  threshold(actionType: ActionType | "AUDIENCE_SYNC"): number;
  /** The policy, defaults included. */
  readonly policy: Required<TrustPolicy>;
  /** SHA-256 of the policy: what a recorded decision names it by. */
  readonly policy_digest: string;
}

/**
 * What the gate said. Decision, score, threshold and codes are there at once; the rest is worked out when it is read
 * first, from the facts as they were.
 */
export declare class GateAnswer implements GateResponse {
  private constructor();
  readonly decision: GateDecision;
  /** Whether the decision is `PASS`. */
  readonly passed: boolean;
  /** The lowest score among the platforms; null where one has no snapshot. */
  readonly score: number | null;
  /** The score from which this change passes, 70 to 100. */
  readonly threshold: number;
  /** The codes of the reasons, in their order. */
  readonly codes: GateReason[];
  /** Block before hold; a pass has the reason `OK`. */
  readonly reasons: Reason[];
  /** What would change a refusal; empty for a pass. */
  readonly remedies: Remedy[];
  /** Until when a pass holds; null otherwise. */
  readonly valid_until: string | null;
  readonly evaluated_at: string;
  /** SHA-256 of the policy that decided. */
  readonly policy_digest: string;
  /** The whole answer as a plain object. */
  toJSON(): GateResponse;
}

/** Signal health under one tenant's policy. */
export declare class Health {
  /** Left out: the defaults. */
  constructor(policy?: TrustPolicy | null);
  /** Evaluates the signal health of one platform. */
  evaluate(facts: HealthFacts): HealthSnapshot;
  /** The policy, defaults included. */
  readonly policy: Required<TrustPolicy>;
  /** SHA-256 of the policy. */
  readonly policy_digest: string;
}

/** A tenant's limits on what automation may change. */
export declare class Enforcement {
  /** Left out: the defaults. */
  constructor(policy?: EnforcementSettings | null);
  /** Checks a change against every limit: all violations, and what would be allowed. */
  check(facts: { change: CheckSubject; known: EnforcementFacts }): EnforcementAnswer;
  /** The limits, defaults included. */
  readonly policy: Required<EnforcementSettings>;
}

/** What the limits said. The violations are worked out when they are read first. */
export declare class EnforcementAnswer implements EnforcementCheck {
  private constructor();
  /** Whether the change may run: no violation, or advisory ones only. */
  readonly allowed: boolean;
  /** The strictest mode among the violated limits. */
  readonly mode: EnforcementMode;
  /** Whether a person's confirmation would allow it. */
  readonly requires_confirmation: boolean;
  /** The types of the violations, in their order. */
  readonly codes: ViolationType[];
  /** Every violated limit. */
  readonly violations: Violation[];
  /** The campaign that ought to be paused. */
  readonly propose_pause_of?: string | null;
  /** The whole answer as a plain object. */
  toJSON(): EnforcementCheck;
}

/** What the EMQ of an event depends on; an identifier or a signal that is left out is not there. */
export interface EventFacts {
  /** How complete the properties are, 0 to 100. */
  completeness: number;
  /** Seconds from the event to its receipt; negative if the event's clock runs ahead. */
  latency_s: number;
  /** Whether the event carries a valid e-mail address or its hash. */
  email?: boolean;
  phone?: boolean;
  external_id?: boolean;
  device_id?: boolean;
  anonymous_id?: boolean;
  click_id?: boolean;
  user_agent?: boolean;
  client_ip?: boolean;
  campaign?: boolean;
  page?: boolean;
}

/** The EMQ of an event, or why it has none. */
export interface EventAnswer {
  score: number | null;
  band: EmqBand | null;
  refusal: "EVENT_TIME_IN_FUTURE" | "NO_VALID_IDENTIFIER" | "INVALID_INPUT" | null;
  /** Each 0 to 100. */
  factors: {
    identifier_quality: number;
    data_completeness: number;
    timeliness: number;
    context_richness: number;
  } | null;
}

/** Event match quality. */
export declare const emq: {
  /** Scores an event of which the facts are known; `call("emq.event", …)` reads an event. */
  score(facts: EventFacts): EventAnswer;
};
