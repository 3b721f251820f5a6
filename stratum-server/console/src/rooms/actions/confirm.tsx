import { type ApiProblem, problemOf } from "~/api/problem";
import { useNotices } from "~/parts/notices";
import { ReasonDialog } from "~/parts/reason-dialog";
import { useSession } from "~/session/session";
import { sentence } from "./change";
import { type Action, useConfirm } from "./queries";
import { Limits } from "./verdict";

/** A soft limit stops the change: the person sees which, says why it is right, and the token of the refusal is used up. */
export function ConfirmDialog({ action, approvalKey, problem, onClose }: { action: Action; approvalKey: string; problem: unknown; onClose(): void }) {
  const confirm = useConfirm();
  const { tell } = useNotices();
  const { tenant } = useSession();
  // A new violation answers with a new token.
  const newest = confirm.error !== null && problemOf(confirm.error).extra["confirmation_token"] !== undefined ? problemOf(confirm.error) : problemOf(problem);
  return (
    <ReasonDialog
      title="This change breaks a limit of yours"
      verb="Confirm and approve"
      field="/override_reason"
      label="Why is it right all the same?"
      hint="10 to 1000 characters, kept in the audit log."
      isRequired
      problem={confirm.error === newest ? null : confirm.error}
      isPending={confirm.isPending}
      onClose={onClose}
      onDecide={(reason) =>
        confirm.mutateAsync({ action, key: approvalKey, confirmation_token: String(newest.extra["confirmation_token"]), reason }).then(
          () => {
            onClose();
            tell(`Confirmed and approved: ${sentence(action)}.`, "pass");
          },
          // The dialog shows what was refused.
          () => undefined,
        )
      }
    >
      <p>You are about to {sentence(action)}.</p>
      <Limits violations={violationsOf(newest)} currency={tenant.currency} />
    </ReasonDialog>
  );
}

function violationsOf(problem: ApiProblem): Action["violations"] {
  return (problem.extra["violations"] as Action["violations"] | undefined) ?? [];
}
