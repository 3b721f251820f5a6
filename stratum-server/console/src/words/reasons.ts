import type { GateReason } from "@stratum-trust/wasm";

/** Why the gate refused, in a few words. */
export const WHY: Record<GateReason, string> = {
  OK: "nothing against it",
  INVALID_INPUT: "the question is not valid",
  FROZEN: "the kill switch is engaged",
  NO_DATA: "no data",
  API_DOWN: "the platform's API does not answer",
  HEALTH_EXPIRED: "the health is older than a day",
  HEALTH_STALE: "the health is older than an hour",
  DATA_STALE: "the data are older than two days",
  INCIDENT_OPEN: "a critical incident is open",
  COMPONENT_MISSING: "a required component is missing",
  HEALTH_UNHEALTHY: "health below the block limit",
  HEALTH_BELOW_THRESHOLD: "health below the threshold",
};

export function why(code: string): string {
  return WHY[code as GateReason] ?? code.toLowerCase().replaceAll("_", " ");
}
