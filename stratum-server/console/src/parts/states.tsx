import type { ReactNode } from "react";
import { problemOf } from "~/api/problem";
import { inWords } from "~/words/vocabulary";
import { Button } from "./button";
import styles from "./states.module.css";

/** While something is loaded for the first time. */
export function Loading({ what }: { what: string }) {
  return (
    <p role="status" className={styles["state"]}>
      <span className={styles["spinner"]} aria-hidden="true" />
      Loading {what}…
    </p>
  );
}

/** Where there is nothing to show, and why that is so. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className={styles["state"]}>{children}</p>;
}

/** A refusal: the sentence, every problem that belongs to no field, and the id under which the log has it. */
export function Refusal({ problem: thrown, fields = [], onAgain }: { problem: unknown; fields?: readonly string[]; onAgain?: () => void }) {
  const problem = problemOf(thrown);
  const rest = problem.elsewhere(fields).filter((detail) => detail.code !== "CONFIRMATION_TOKEN");
  return (
    <div role="alert" className={styles["refusal"]}>
      <p>
        <strong>{inWords(problem.message)}</strong>
      </p>
      {rest.length > 0 && (
        <ul>
          {rest.map((detail) => (
            <li key={`${detail.path} ${detail.code} ${detail.message}`}>
              {inWords(detail.message)}
              {detail.help !== undefined && `; ${detail.help}`}
            </li>
          ))}
        </ul>
      )}
      {problem.status >= 500 && problem.requestId !== null && <p className={styles["id"]}>Request {problem.requestId}</p>}
      {onAgain && (
        <Button size="small" onPress={onAgain}>
          Try again
        </Button>
      )}
    </div>
  );
}
