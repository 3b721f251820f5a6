import { type ReactNode, useState } from "react";
import { Form } from "react-aria-components";
import { problemOf } from "~/api/problem";
import { Button } from "./button";
import { Choices, Dialog } from "./dialog";
import { Field } from "./field";
import { Refusal } from "./states";

interface Props {
  title: string;
  verb: string;
  look?: "main" | "danger";
  /** Where the API names the reason, so that its problems stand at the field. */
  field: string;
  label: string;
  hint?: string;
  isRequired?: boolean;
  problem: unknown;
  isPending: boolean;
  children?: ReactNode;
  onClose(): void;
  onDecide(reason: string): void;
}

/** Asks for a decision with its reason. The server checks the reason; what it says stands at the field. */
export function ReasonDialog({ title, verb, look = "main", field, label, hint, isRequired = false, problem: thrown, isPending, children, onClose, onDecide }: Props) {
  const [reason, setReason] = useState("");
  const problem = thrown === null || thrown === undefined ? null : problemOf(thrown);
  const here = problem?.at(field);
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      {children}
      {problem !== null && here === undefined && <Refusal problem={problem} fields={[field]} />}
      <Form
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          onDecide(reason.trim());
        }}
      >
        <div style={{ display: "grid", gap: "1rem" }}>
          <Field long autoFocus label={isRequired ? label : `${label} (optional)`} hint={hint} isRequired={isRequired} value={reason} onChange={setReason} problem={here} />
          <Choices>
            <Button onPress={onClose}>Cancel</Button>
            <Button type="submit" look={look} isPending={isPending}>
              {verb}
            </Button>
          </Choices>
        </div>
      </Form>
    </Dialog>
  );
}
