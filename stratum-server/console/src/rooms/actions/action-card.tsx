import { Link } from "react-router";
import { Badge } from "~/parts/badge";
import { ago, money, when } from "~/words/figures";
import { capital, inWords, TONE_OF_STATUS, Word, word } from "~/words/vocabulary";
import styles from "./action-card.module.css";
import { nameOf, proposal } from "./change";
import { Decide } from "./decide";
import type { Action } from "./queries";
import { Limits, Remedies, Verdict } from "./verdict";

/** One action: what is proposed, what the gate and the limits say, and what can be done. */
export function ActionCard({ action, isStopped, currency }: { action: Action; isStopped: boolean; currency: string }) {
  const open = action.status === "QUEUED" || action.status === "APPROVED";
  const heading = `action-${action.id}`;
  return (
    <article className={styles["card"]} aria-labelledby={heading}>
      <div className={styles["what"]}>
        <Headline action={action} id={heading} />
        <p className={styles["why"]}>
          {action.reason !== null && action.reason !== undefined && <>“{action.reason}” </>}
          <span className="soft">
            Proposed by {word(action.origin)} <time dateTime={action.created_at} title={when(action.created_at)}>{ago(action.created_at)}</time>
            {open && typeof action.expires_at === "string" && <> · ends {ago(action.expires_at)} without a decision</>}
          </span>
        </p>
        <Outcome action={action} />
        {open && action.gate && <Remedies gate={action.gate} />}
        <Decide action={action} isStopped={isStopped} />
      </div>
      {open && (
        <div className={styles["judged"]}>
          {action.gate && <Verdict gate={action.gate} />}
          <Limits violations={action.violations} currency={currency} />
        </div>
      )}
    </article>
  );
}

/** Platform, name and change, with the state; the name leads to the whole story. */
function Headline({ action, id }: { action: Action; id: string }) {
  const { verb, before, after, by } = proposal(action);
  return (
    <header className={styles["head"]}>
      <p className={styles["where"]}>
        <span className={styles["platform"]} style={{ color: `var(--${action.platform.toLowerCase()})` }}>
          {word(action.platform)}
        </span>
        <Badge tone={TONE_OF_STATUS[action.status] ?? "idle"}>{Word(action.status)}</Badge>
        {action.override_reason && <Badge tone="hold">by override</Badge>}
        {action.reverts && <Badge tone="idle">takes back another</Badge>}
      </p>
      <h3 id={id} className={styles["title"]}>
        {capital(verb)} of <Link to={`/actions/${action.id}`}>{nameOf(action)}</Link>
      </h3>
      <p className={`${styles["change"]} number`}>
        <span className={styles["before"]}>{before}</span>
        <span aria-hidden="true">→</span>
        <span className="heard">to</span>
        <b>{after}</b>
        {by !== null && <span className={styles["by"]}>{by}</span>}
      </p>
    </header>
  );
}

const WAITS: Record<string, string> = {
  GATE: "Approved. It runs by itself when the signals have recovered.",
  CONFIRMATION: "Approved. It waits for somebody to confirm the limit that it breaks.",
  MIN_INTERVAL: "Approved. It runs when the last change of the same campaign is long enough ago.",
  CHANGES_PER_DAY: "Approved. It runs tomorrow: the changes of today are used up.",
  KILL_SWITCH: "Approved. It waits until automation may run again.",
};

function Outcome({ action }: { action: Action }) {
  if (action.status === "APPROVED") return <p className={styles["waits"]}>{WAITS[action.waiting_for ?? ""] ?? "Approved. It is about to run."}</p>;
  if (action.status === "FAILED" && action.status_reason === "EXPIRED") {
    return <p className={styles["failed"]}>Approved, but it could not run in time, and was given up.</p>;
  }
  if (action.error) return <p className={styles["failed"]}>{capital(inWords(amounts(action)))}.</p>;
  if (action.status_reason) return <p className="soft">{Word(action.status_reason)}.</p>;
  if (action.applied_at) {
    return (
      <p className="soft">
        Done <time dateTime={action.applied_at} title={when(action.applied_at)}>{ago(action.applied_at)}</time>.
      </p>
    );
  }
  return null;
}

/** The server's sentence; where it tells that the platform showed another value, that is in minor units. */
function amounts(action: Action): string {
  const { error, status_reason, proposed_value } = action;
  const currency = proposed_value["currency"];
  if (!error || status_reason !== "STATE_CHANGED" || typeof currency !== "string") return error?.message ?? "";
  return error.message.replace(/\b\d+\b/g, (minor) => money(Number(minor), currency));
}
