// The names of the API in the words of the people who read the page. A name that is not here is shown as it reads best.

export type Platform = "META" | "GOOGLE" | "TIKTOK" | "SNAPCHAT";
export type Decision = "PASS" | "HOLD" | "BLOCK";
export type Status = "QUEUED" | "APPROVED" | "APPLIED" | "FAILED" | "DISMISSED";
export type Component = "EMQ" | "API_HEALTH" | "EVENT_LOSS" | "PLATFORM_STABILITY" | "DATA_QUALITY" | "FRESHNESS" | "VARIANCE" | "ANOMALY" | "CDP_EMQ";
export type Tone = "pass" | "hold" | "block" | "idle" | "accent";

const WORDS: Record<string, string> = {
  META: "Meta",
  GOOGLE: "Google",
  TIKTOK: "TikTok",
  SNAPCHAT: "Snapchat",
  EMQ: "match quality",
  API_HEALTH: "API health",
  EVENT_LOSS: "event delivery",
  PLATFORM_STABILITY: "platform stability",
  DATA_QUALITY: "data quality",
  FRESHNESS: "data freshness",
  VARIANCE: "agreement with GA4",
  ANOMALY: "normal behaviour",
  CDP_EMQ: "match quality of your own events",
  PASS: "passes",
  HOLD: "held",
  BLOCK: "blocked",
  QUEUED: "waiting for you",
  APPROVED: "approved",
  APPLIED: "applied",
  FAILED: "failed",
  DISMISSED: "dismissed",
  BUDGET_INCREASE: "raise the budget",
  BUDGET_DECREASE: "lower the budget",
  BID_INCREASE: "raise the bid",
  BID_DECREASE: "lower the bid",
  PAUSE_CAMPAIGN: "pause the campaign",
  PAUSE_ADSET: "pause the ad set",
  PAUSE_CREATIVE: "pause the creative",
  ENABLE_CAMPAIGN: "switch the campaign on",
  ENABLE_ADSET: "switch the ad set on",
  ENABLE_CREATIVE: "switch the creative on",
  CAMPAIGN: "campaign",
  ADSET: "ad set",
  CREATIVE: "creative",
  ACTIVE: "running",
  PAUSED: "paused",
  DAILY: "a day",
  LIFETIME: "in all",
  HEALTHY: "healthy",
  DEGRADED: "degraded",
  UNHEALTHY: "unhealthy",
  MANUAL: "a person",
  RULE: "a rule",
  RECOMMENDATION: "a recommendation",
  AUTOPILOT: "the autopilot",
  EXPIRED: "nobody decided in time",
  STATE_CHANGED: "the platform showed another value than expected",
  OUTCOME_UNKNOWN: "the platform did not say what became of it",
  ENFORCEMENT_BLOCKED: "a hard limit forbids it",
  PLATFORM_REFUSED: "the platform refused it",
  SUGGEST_ONLY: "suggestions only",
  APPROVAL_REQUIRED: "people approve",
  GUARDED_AUTO: "guarded automation",
  VIEWER: "Viewer",
  ANALYST: "Analyst",
  MANAGER: "Manager",
  ADMIN: "Admin",
  SUPERADMIN: "Operator",
};

/** A name of the API in words: `BUDGET_INCREASE` becomes `raise the budget`. */
export function word(name: string): string {
  return WORDS[name] ?? name.toLowerCase().replaceAll("_", " ");
}

/** The same at the beginning of a line. */
export function Word(name: string): string {
  return capital(word(name));
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A sentence of the API with its names in words and its numbers as the page shows scores (floored to one decimal). */
export function inWords(sentence: string): string {
  return sentence
    .replace(/\bto (\d+\.\d+)\b/g, (_, needed: string) => `to ${Math.ceil(Number(needed) * 10) / 10}`)
    .replace(/\d+\.\d{2,}/g, (exact) => String(Math.floor(Number(exact) * 10) / 10))
    .replace(/\b[A-Z][A-Z0-9_]{2,}\b/g, (name) => WORDS[name] ?? name);
}

export const TONE_OF_DECISION: Record<Decision, Tone> = { PASS: "pass", HOLD: "hold", BLOCK: "block" };
export const TONE_OF_STATUS: Record<string, Tone> = {
  QUEUED: "accent",
  APPROVED: "accent",
  APPLIED: "pass",
  FAILED: "block",
  DISMISSED: "idle",
};
export const TONE_OF_HEALTH: Record<string, Tone> = { HEALTHY: "pass", DEGRADED: "hold", UNHEALTHY: "block" };
