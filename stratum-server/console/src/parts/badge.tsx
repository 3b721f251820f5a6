import type { ReactNode } from "react";
import type { Tone } from "~/words/vocabulary";
import styles from "./badge.module.css";

const MARKS: Record<Tone, string> = { pass: "M3.5 8.5l3 3 6-7", hold: "M6 4v8M10 4v8", block: "M4 4l8 8M12 4l-8 8", idle: "M4 8h8", accent: "M8 4v4l3 2" };

/** A verdict or a state: a word in its colour, with a mark, so that it does not hang on the colour alone. */
export function Badge({ tone, children, mark = true }: { tone: Tone; children: ReactNode; mark?: boolean }) {
  return (
    <span className={`${styles["badge"]} ${styles[tone]}`}>
      {mark && (
        <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
          <path d={MARKS[tone]} fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round" />
        </svg>
      )}
      {children}
    </span>
  );
}
