import { useState } from "react";
import { problemOf } from "~/api/problem";
import { Button } from "~/parts/button";
import { useNotices } from "~/parts/notices";
import { ReasonDialog } from "~/parts/reason-dialog";
import { useSession } from "~/session/session";
import { capital, word } from "~/words/vocabulary";
import { nameOf, sentence } from "./change";
import { ConfirmDialog } from "./confirm";
import styles from "./decide.module.css";
import { type Action, useApprove, useDismiss, useRevoke, useRollback } from "./queries";

type Asking = { what: "override" | "dismiss" | "revoke" | "rollback" } | { what: "confirm"; problem: unknown; overrideReason?: string } | null;

/** What this person may do with the action now, with the dialogs that it takes. */
export function Decide({ action, isStopped }: { action: Action; isStopped: boolean }) {
  const { can, me } = useSession();
  const { tell } = useNotices();
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => setAsking(null);
  const approve = useApprove();
  const dismiss = useDismiss();
  const revoke = useRevoke();
  const rollback = useRollback();
  const mayApprove = can("autopilot:approve");

  function onApprove() {
    // By promise: what `mutate` calls back is lost when the card is gone, and an approved one leaves this list.
    approve.mutateAsync({ action }).then(
      (now) => tell(now.waiting_for === "GATE" ? `Approved: ${nameOf(action)} runs when the gate passes.` : `Approved: ${sentence(action)}.`, "pass"),
      (thrown) => {
        const problem = problemOf(thrown);
        if (problem.extra["confirmation_token"] !== undefined) setAsking({ what: "confirm", problem });
        else tell(`${capital(problem.message)}.`, "block");
      },
    );
  }

  const ask = (what: "override" | "dismiss" | "revoke" | "rollback") => {
    // What was refused before belongs to no dialog that opens now.
    for (const verb of [approve, dismiss, revoke, rollback]) verb.reset();
    setAsking({ what });
  };
  const passes = action.gate?.decision === "PASS";
  const forbidden = action.violations.some((violation) => violation.mode === "HARD_BLOCK");
  const notes = [
    !mayApprove && ["QUEUED", "APPROVED", "APPLIED"].includes(action.status) ? `As ${word(me.user.role)} you may read; a manager or an admin decides.` : null,
    mayApprove && action.status === "QUEUED" && !passes && action.gate?.override_possible && !can("autopilot:override") ? "Only an admin can run it against the gate." : null,
    action.status === "QUEUED" && !passes && action.gate && !action.gate.override_possible ? "Nobody can run it against this verdict." : null,
    isStopped && action.status === "QUEUED" ? "Automation is stopped." : null,
  ].filter((note) => note !== null);

  return (
    <div className={styles["decide"]}>
      <div className={styles["buttons"]}>
        {action.status === "QUEUED" && (
          <>
            <Button look={passes && !forbidden ? "main" : "plain"} isDisabled={!mayApprove || isStopped} isPending={approve.isPending} onPress={onApprove}>
              {passes ? "Approve" : "Approve, and wait for the gate"}
            </Button>
            {!passes && action.gate?.override_possible && (
              <Button look="danger" isDisabled={!can("autopilot:override") || isStopped} onPress={() => ask("override")}>
                Override…
              </Button>
            )}
            <Button look="quiet" isDisabled={!mayApprove} onPress={() => ask("dismiss")}>
              Dismiss…
            </Button>
          </>
        )}
        {action.status === "APPROVED" && (
          <Button isDisabled={!mayApprove} onPress={() => ask("revoke")}>
            Take the approval back…
          </Button>
        )}
        {action.status === "APPLIED" && (
          <Button look="quiet" isDisabled={!mayApprove} onPress={() => ask("rollback")}>
            Roll back…
          </Button>
        )}
      </div>
      {notes.length > 0 && <p className={styles["note"]}>{notes.join(" ")}</p>}

      {asking?.what === "confirm" && <ConfirmDialog action={action} problem={asking.problem} overrideReason={asking.overrideReason} onClose={close} />}
      {asking?.what === "override" && (
        <ReasonDialog
          title="Run it against the gate?"
          verb="Run it now"
          look="danger"
          field="/override_reason"
          label="Why is it right all the same?"
          hint="10 to 1000 characters. Kept in the audit log as your own decision."
          isRequired
          problem={approve.error}
          isPending={approve.isPending}
          onClose={close}
          onDecide={(override_reason) =>
            approve.mutateAsync({ action, override_reason }).then(
              () => {
                close();
                tell(`Overridden: ${sentence(action)}.`, "hold");
              },
              // The dialog shows what was refused; a limit that can be confirmed has a dialog of its own.
              (thrown) => {
                const problem = problemOf(thrown);
                if (problem.extra["confirmation_token"] !== undefined) setAsking({ what: "confirm", problem, overrideReason: override_reason });
              },
            )
          }
        >
          <p>
            The gate {word(action.gate?.decision ?? "HOLD") === "held" ? "holds" : "blocks"} this change because the signals cannot be trusted. You would {sentence(action)} by hand.
          </p>
        </ReasonDialog>
      )}
      {asking?.what === "dismiss" && (
        <ReasonDialog title={`Dismiss the change of ${nameOf(action)}?`} verb="Dismiss" field="/reason" label="Why?" problem={dismiss.error} isPending={dismiss.isPending} onClose={close} onDecide={(reason) => dismiss.mutate({ action, reason }, { onSuccess: close })}>
          <p>It is not carried out, and can be proposed again.</p>
        </ReasonDialog>
      )}
      {asking?.what === "revoke" && (
        <ReasonDialog title="Take the approval back?" verb="Take it back" field="/reason" label="Why?" problem={revoke.error} isPending={revoke.isPending} onClose={close} onDecide={(reason) => revoke.mutate({ action, reason }, { onSuccess: close })}>
          <p>The change waits for a decision again.</p>
        </ReasonDialog>
      )}
      {asking?.what === "rollback" && (
        <ReasonDialog title={`Roll back the change of ${nameOf(action)}?`} verb="Queue the reverse" field="/reason" label="Why?" hint="3 to 1000 characters." isRequired problem={rollback.error} isPending={rollback.isPending} onClose={close} onDecide={(reason) => rollback.mutate({ action, reason }, { onSuccess: close })}>
          <p>The reverse is queued as a change of its own, and passes the gate and your limits like any other.</p>
        </ReasonDialog>
      )}
    </div>
  );
}
