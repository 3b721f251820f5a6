import { Badge } from "~/parts/badge";
import { Button } from "~/parts/button";
import { Choices, Dialog } from "~/parts/dialog";
import { Loading, Nothing, Refusal } from "~/parts/states";
import { useAutopilot } from "~/autopilot/queries";
import { useSession } from "~/session/session";
import { score, when } from "~/words/figures";
import { capital, type Decision, TONE_OF_DECISION, TONE_OF_STATUS, Word, word } from "~/words/vocabulary";
import { nameOf, proposal, sentence } from "./change";
import { Decide } from "./decide";
import styles from "./detail.module.css";
import { type Action, useAction, useAudit } from "./queries";
import { Limits, Remedies, Verdict } from "./verdict";

/** All of one action: the proposal, the verdict, what happened, and its entries in the audit chain. */
export function Detail({ id, onClose }: { id: string; onClose(): void }) {
  const action = useAction(id);
  const title = action.data ? `${capital(proposal(action.data).verb)} of ${nameOf(action.data)}` : "The action";
  return (
    <Dialog title={title} kind="side" isOpen onClose={onClose}>
      {action.error !== null ? <Refusal problem={action.error} onAgain={() => void action.refetch()} /> : action.data === undefined ? <Loading what="the action" /> : <Whole action={action.data} />}
      <Choices>
        <Button onPress={onClose}>Close</Button>
      </Choices>
    </Dialog>
  );
}

function Whole({ action }: { action: Action & { history: readonly { from?: string | null; to: string; at: string; note?: string | null; actor_id?: string | null }[] } }) {
  const { tenant, me } = useSession();
  const autopilot = useAutopilot();
  return (
    <>
      <p>
        <Badge tone={TONE_OF_STATUS[action.status] ?? "idle"}>{Word(action.status)}</Badge> {word(action.platform)}: {sentence(action)}.
      </p>
      {action.gate && <Verdict gate={action.gate} />}
      {action.gate && <Remedies gate={action.gate} />}
      <Limits violations={action.violations} currency={tenant.currency} />
      <Decide action={action} isStopped={autopilot.data?.enabled === false} />
      <section aria-labelledby="history" className={styles["part"]}>
        <h3 id="history">What happened</h3>
        <ol className={styles["line"]}>
          {action.history.map((step) => (
            <li key={`${step.at} ${step.to}`}>
              <b>{Word(step.to)}</b>
              <span className="soft">
                {when(step.at)}, by {step.actor_id === me.user.id ? "you" : step.actor_id ? "a person" : "the server"}
              </span>
              {step.note && <span>“{step.note}”</span>}
            </li>
          ))}
        </ol>
      </section>
      <Trail action={action} />
    </>
  );
}

const SAYS: Record<string, string> = {
  QUEUED: "Queued",
  GATE_EVALUATED: "The gate was asked",
  APPROVED: "Approved",
  REVOKED: "Approval taken back",
  DISMISSED: "Dismissed",
  EXPIRED: "Ran out of time",
  INTENT: "About to be sent to the platform",
  APPLIED: "Applied by the platform",
  FAILED: "Failed",
  BLOCKED: "Blocked",
  WARNED: "Warned",
  OVERRIDE_LOGGED: "Override asked for",
  CONFIRMATION_ISSUED: "Confirmation asked for",
  CONFIRMED: "Confirmed",
  ROLLED_BACK: "Rolled back",
};

function Trail({ action }: { action: Action }) {
  const { can } = useSession();
  const audit = useAudit(action.entity_id);
  const own = audit.data?.data.filter((entry) => entry.action_id === action.id).reverse();
  return (
    <section aria-labelledby="audit" className={styles["part"]}>
      <h3 id="audit">Audit chain</h3>
      {!can("reports:write") ? (
        <Nothing>Analysts and above see the audit chain.</Nothing>
      ) : audit.error !== null ? (
        <Refusal problem={audit.error} />
      ) : own === undefined ? (
        <Loading what="the audit chain" />
      ) : (
        <div className={styles["scroll"]} role="region" aria-labelledby="audit" tabIndex={0}>
          <table className={styles["table"]}>
            <thead>
              <tr>
                <th scope="col">No.</th>
                <th scope="col">What</th>
                <th scope="col">Gate</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {own.map((entry) => (
                <tr key={entry.id}>
                  <td className="number">{entry.audit_seq}</td>
                  <td>
                    {SAYS[entry.intervention_action] ?? Word(entry.intervention_action)}
                    {entry.override_reason && <div className="soft">“{entry.override_reason}”</div>}
                  </td>
                  <td>
                    {entry.gate_decision && (
                      <Badge tone={TONE_OF_DECISION[entry.gate_decision as Decision]} mark={false}>
                        {word(entry.gate_decision)} {score(entry.health_score)}
                      </Badge>
                    )}
                  </td>
                  <td className="number">{when(entry.timestamp)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
