import { useState } from "react";
import { Button } from "~/parts/button";
import { ReasonDialog } from "~/parts/reason-dialog";
import { useSession } from "~/session/session";
import { ago } from "~/words/figures";
import styles from "./kill-switch.module.css";
import { useAutopilot, useKillSwitch } from "./queries";

/** Above every room while automation is stopped, so that nobody wonders why nothing happens. */
export function StoppedBanner() {
  const status = useAutopilot();
  const { can } = useSession();
  const [asking, setAsking] = useState(false);
  const { active = false, operator_frozen = false, reason, changed_at } = status.data?.kill_switch ?? {};
  if (!active && !operator_frozen) return null;
  const waiting = status.data?.counts.approved ?? 0;
  return (
    <section className={styles["banner"]} aria-label="Kill switch">
      <svg viewBox="0 0 24 24" width="30" height="30" aria-hidden="true">
        <path d="M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8z" fill="currentColor" />
        <path d="M9.2 8.5v7M14.8 8.5v7" stroke="var(--block-ground)" strokeWidth="2.4" strokeLinecap="round" />
      </svg>
      <div role="status">
        <strong>{active ? "Automation is stopped." : "The operator has stopped automation."}</strong>{" "}
        {active && changed_at && `Somebody stopped it ${ago(changed_at)}${reason ? `: “${reason}”` : ""}. `}
        {waiting > 0 && `${waiting} approved ${waiting === 1 ? "change waits" : "changes wait"}.`} Nothing is approved or executed.
      </div>
      {active && (
        <span className={styles["way"]}>
          <Button isDisabled={!can("autopilot:unfreeze")} onPress={() => setAsking(true)}>
            Let automation run again…
          </Button>
          {!can("autopilot:unfreeze") && <small>Only an admin can do that.</small>}
        </span>
      )}
      {asking && <Resume onClose={() => setAsking(false)} />}
    </section>
  );
}

function Resume({ onClose }: { onClose(): void }) {
  const turn = useKillSwitch();
  return (
    <ReasonDialog
      title="Let automation run again?"
      verb="Let it run"
      field="/reason"
      label="Why may it run again?"
      hint="Kept in the audit log."
      isRequired
      problem={turn.error}
      isPending={turn.isPending}
      onClose={onClose}
      onDecide={(reason) => turn.mutate({ enabled: true, reason }, { onSuccess: onClose })}
    >
      <p>Approved changes are checked by the gate again, and run where it passes.</p>
    </ReasonDialog>
  );
}

/** The way to stop everything, where it is not stopped. */
export function StopButton() {
  const { can } = useSession();
  const status = useAutopilot();
  const turn = useKillSwitch();
  const [asking, setAsking] = useState(false);
  if (status.data === undefined || status.data.kill_switch.active) return null;
  const { queued, approved } = status.data.counts;
  const allowed = can("autopilot:freeze");
  return (
    <div className={styles["stop"]}>
      <Button look="danger" isDisabled={!allowed} onPress={() => setAsking(true)}>
        Stop all automation…
      </Button>
      {!allowed && <small className="soft">A manager or an admin can stop automation.</small>}
      {asking && (
        <ReasonDialog
          title="Stop all automation?"
          verb="Stop everything"
          look="danger"
          field="/reason"
          label="Why?"
          hint="Everybody sees it, and it is kept in the audit log."
          problem={turn.error}
          isPending={turn.isPending}
          onClose={() => setAsking(false)}
          onDecide={(reason) => turn.mutate({ enabled: false, reason: reason === "" ? null : reason }, { onSuccess: () => setAsking(false) })}
        >
          <p>
            At once nothing is approved or executed on any platform: {approved} approved and {queued} waiting {queued + approved === 1 ? "change stays" : "changes stay"} where they are. What was
            already sent to a platform is not called back. An admin can let automation run again.
          </p>
        </ReasonDialog>
      )}
    </div>
  );
}
