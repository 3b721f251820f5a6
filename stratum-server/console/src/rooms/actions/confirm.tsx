import { useState } from "react";
import { type ApiProblem, problemOf } from "~/api/problem";
import { useNotices } from "~/parts/notices";
import { ReasonDialog } from "~/parts/reason-dialog";
import { useSession } from "~/session/session";
import { sentence } from "./change";
import { type Action, useConfirm } from "./queries";
import { Limits } from "./verdict";

interface Props {
  action: Action;
  /** The refusal that carries the token. */
  problem: unknown;
  /** Where the gate was to be overridden: why. */
  overrideReason?: string | undefined;
  onClose(): void;
}

/** A soft limit stops the change: the person sees which, says why it is right, and the token of the refusal is used up. */
export function ConfirmDialog({ action, problem, overrideReason, onClose }: Props) {
  const confirm = useConfirm();
  const { tell } = useNotices();
  const { tenant } = useSession();
  const [newest, setNewest] = useState(() => problemOf(problem));
  const refused = confirm.error === null || confirm.error === newest ? null : problemOf(confirm.error);
  return (
    <ReasonDialog
      title="This change breaks a limit of yours"
      verb="Confirm and approve"
      field="/override_reason"
      label="Why is it right all the same?"
      hint="10 to 1000 characters, kept in the audit log."
      isRequired
      problem={refused}
      isPending={confirm.isPending}
      onClose={onClose}
      onDecide={(reason) =>
        confirm.mutateAsync({ action, confirmation_token: String(newest.extra["confirmation_token"]), reason, ...(overrideReason === undefined ? {} : { override_reason: overrideReason }) }).then(
          () => {
            onClose();
            tell(`${overrideReason === undefined ? "Confirmed and approved" : "Confirmed and overridden"}: ${sentence(action)}.`, overrideReason === undefined ? "pass" : "hold");
          },
          // The dialog shows what was refused. A new violation answers with a new token, which counts from then on.
          (thrown) => {
            if (problemOf(thrown).extra["confirmation_token"] !== undefined) setNewest(problemOf(thrown));
          },
        )
      }
    >
      <p>
        You are about to {sentence(action)}
        {overrideReason !== undefined && ", against the gate"}.
      </p>
      {refused?.code === "GATE_NOT_PASSED" && <p>A limit can be confirmed once the gate passes: wait for the signals, or have the limit changed and override again.</p>}
      <Limits violations={violationsOf(newest)} currency={tenant.currency} />
    </ReasonDialog>
  );
}

function violationsOf(problem: ApiProblem): Action["violations"] {
  return (problem.extra["violations"] as Action["violations"] | undefined) ?? [];
}
