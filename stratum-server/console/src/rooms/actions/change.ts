import { change, money } from "~/words/figures";
import { word } from "~/words/vocabulary";
import type { Action } from "./queries";

/** A proposed change, taken apart for the page. */
export interface Proposal {
  verb: string;
  before: string;
  after: string;
  /** The change in per cent, where there are two amounts. */
  by: string | null;
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const cents = (value: unknown): number | null => (typeof value === "number" ? value : null);

export function proposal(action: Action): Proposal {
  const { proposed_value: to, current_value: from } = action;
  const after = cents(to["after_cents"]);
  const before = cents(to["before_cents"]);
  const currency = text(to["currency"]);
  if (after !== null && before !== null && currency !== null) {
    const kind = text(to["budget_kind"]);
    const per = kind === null ? "" : ` ${word(kind)}`;
    return { verb: word(action.action_type), before: money(before, currency), after: money(after, currency) + per, by: change(before, after) };
  }
  const status = (value: unknown) => word(text(value) ?? "unknown");
  return { verb: word(action.action_type), before: status(from?.["status"]), after: status(to["status"]), by: null };
}

/** One line for dialogs and announcements: “raise the budget of Creators from $350 to $402.50 a day”. */
export function sentence(action: Action): string {
  const { verb, before, after } = proposal(action);
  return `${verb} of ${nameOf(action)} from ${before} to ${after}`;
}

export function nameOf(action: Action): string {
  return action.entity_name ?? action.entity_id;
}
