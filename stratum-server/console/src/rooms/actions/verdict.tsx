import type { Schema } from "~/api/client";
import { Badge } from "~/parts/badge";
import { ago, money, score, when } from "~/words/figures";
import { capital, type Decision, inWords, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import type { Action } from "./queries";
import styles from "./verdict.module.css";

const HEADLINES: Record<Decision, string> = {
  PASS: "The signals are good enough",
  HOLD: "Held until the signals recover",
  BLOCK: "Blocked",
};

/** What the gate says: the score against its threshold, and every reason. */
export function Verdict({ gate }: { gate: Schema<"GateEvaluation"> }) {
  const decision = gate.decision as Decision;
  const tone = TONE_OF_DECISION[decision];
  return (
    <div className={`${styles["verdict"]} ${styles[tone]}`}>
      <div className={styles["top"]}>
        <Badge tone={tone}>{Word(decision)}</Badge>
        <strong>{HEADLINES[decision]}</strong>
      </div>
      {gate.score !== null && gate.score !== undefined && (
        <Meter score={gate.score} threshold={gate.threshold} at={gate.evaluated_at} label={`Signal health of ${gate.platforms.map(word).join(" and ")}`} />
      )}
      {decision !== "PASS" && (
        <ul className={styles["reasons"]}>
          {gate.reasons.map((reason) => (
            <li key={`${reason.code} ${String(reason.values["platform"])} ${String(reason.values["component"])}`}>{inWords(reason.message)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What would change the verdict. */
export function Remedies({ gate }: { gate: Schema<"GateEvaluation"> }) {
  if (gate.remedies.length === 0) return null;
  return (
    <div className={styles["remedies"]}>
      <h4>What would change it</h4>
      <ul>
        {gate.remedies.map((remedy) => (
          <li key={remedy}>{capital(inWords(remedy))}</li>
        ))}
      </ul>
    </div>
  );
}

function Meter({ score: value, threshold, at, label }: { score: number; threshold: number; at: string; label: string }) {
  return (
    <div className={styles["meter"]}>
      <div className={styles["track"]} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={value} aria-valuetext={`${score(value)}, needs ${threshold}`}>
        <span className={styles["fill"]} style={{ width: `${value}%` }} />
        <span className={styles["bound"]} style={{ left: `${threshold}%` }} />
      </div>
      <p className="number">
        Signal health <b>{score(value)}</b>{" "}
        <span className="soft">
          needs {threshold}; asked{" "}
          <time dateTime={at} title={when(at)}>
            {ago(at)}
          </time>
        </span>
      </p>
    </div>
  );
}

const MODES: Record<string, string> = {
  ADVISORY: "a warning",
  SOFT_BLOCK: "needs your confirmation",
  HARD_BLOCK: "forbids the change",
};

/** The limits that the change would break. */
export function Limits({ violations, currency }: { violations: Action["violations"]; currency: string }) {
  if (violations.length === 0) return null;
  return (
    <div className={styles["limits"]}>
      <h4>Your limits</h4>
      <ul>
        {violations.map((violation) => (
          <li key={`${violation.type} ${violation.kind} ${violation.rule_id}`}>
            <Badge tone={violation.mode === "HARD_BLOCK" ? "block" : "hold"} mark={false}>
              {MODES[violation.mode] ?? word(violation.mode)}
            </Badge>{" "}
            {capital(inWords(violation.message))}
            {typeof violation.allowed_max_cents === "number" && `; up to ${money(violation.allowed_max_cents, currency)} is allowed now`}
            {typeof violation.allowed_from === "string" && (
              <>
                ; allowed <time dateTime={violation.allowed_from} title={when(violation.allowed_from)}>{ago(violation.allowed_from)}</time>
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
