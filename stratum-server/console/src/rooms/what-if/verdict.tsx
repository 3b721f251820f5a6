import type { HealthComponent, Remedy } from "@stratum-trust/wasm";
import { memo, useCallback, useId, useRef } from "react";
import type { Wrong } from "~/engine/answer";
import { Badge } from "~/parts/badge";
import { Button } from "~/parts/button";
import { money, score, when } from "~/words/figures";
import { capital, inWords, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import type { Outcome, Scenario } from "./scenario";
import styles from "./verdict.module.css";

const HEADLINE = { PASS: "It would run", HOLD: "It would wait", BLOCK: "It would be blocked" } as const;

interface Props {
  outcome: Outcome;
  scenario: Scenario;
  currency: string;
  /** All that is wrong with the question; the outcome is then the last one that could be decided. */
  problems: readonly Wrong[];
  onTry(part: Partial<Scenario>): void;
}

/** The decision as the server would make it, with its reasons and with what would change it, each to try at once. */
export function TheVerdict({ outcome, scenario, currency, problems, onTry }: Props) {
  const { health, decision } = outcome;
  const tone = TONE_OF_DECISION[decision.decision];
  const { forbidden, not_permitted, not_evaluated } = decision.refusals;
  const reasons = [...forbidden, ...not_permitted, ...not_evaluated];
  return (
    <section className={`${styles["verdict"]} ${styles[tone]}`} aria-labelledby="verdict">
      <div className={styles["top"]}>
        <h2 id="verdict" role="status">
          {HEADLINE[decision.decision]}
        </h2>
        <Badge tone={tone}>{Word(decision.decision)}</Badge>
      </div>
      {problems.length > 0 && (
        <div className={styles["wrong"]} role="alert">
          <b>This cannot be decided; below is the last verdict that could.</b>
          <ul>
            {problems.map(({ path, message, help }) => (
              <li key={`${path} ${message}`}>
                {capital(inWords(message))}
                {help !== undefined && `; ${inWords(help)}`}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Composition health={health} threshold={decision.gate.threshold} />
      {reasons.length > 0 && (
        <div className={styles["part"]}>
          <h3>Why</h3>
          <ul className={styles["reasons"]}>
            {reasons.map((reason) => (
              <li key={`${reason.code} ${reason.component} ${reason.violation_kind} ${reason.rule_id}`}>{capital(plain(reason.message))}</li>
            ))}
          </ul>
        </div>
      )}
      <Changes outcome={outcome} scenario={scenario} currency={currency} onTry={onTry} />
    </section>
  );
}

/** Without the name of the platform, which stands above. */
function plain(message: string): string {
  return inWords(message.replace(/^[A-Z]+: /, "").replace(/ of [A-Z]{4,8}\b/, ""));
}

const HUES: Partial<Record<HealthComponent, number>> = { EMQ: 0, EVENT_LOSS: 1, API_HEALTH: 2, FRESHNESS: 3, VARIANCE: 4, ANOMALY: 5, PLATFORM_STABILITY: 3, DATA_QUALITY: 4, CDP_EMQ: 5 };

/** Where the points come from, and where they are lost. */
function Composition({ health, threshold }: { health: Outcome["health"]; threshold: number }) {
  return (
    <div className={styles["composition"]}>
      <p className={`${styles["score"]} number`}>
        {score(health.score)}
        <span className="soft"> health, needs {threshold}</span>
      </p>
      <div className={styles["bar"]} role="img" aria-label={`Health ${score(health.score)} of 100, needs ${threshold}: ${health.components.map(({ name, contribution, weight }) => `${word(name)} gives ${score(contribution)} of ${score(weight)}`).join(", ")}`}>
        {health.components.map(({ name, contribution, weight }) => (
          <span key={name} className={styles["share"]} style={{ width: `${weight}%` }} title={`${Word(name)}: ${score(contribution)} of ${score(weight)} points`}>
            <span className={styles[`hue${HUES[name] ?? 0}`]} style={{ width: `${weight === 0 ? 0 : (contribution / weight) * 100}%` }} />
          </span>
        ))}
      </div>
      <div className={styles["scale"]} aria-hidden="true">
        <span className={styles["reached"]} style={{ width: `${health.score}%` }} />
        <span className={styles["needed"]} style={{ left: `${threshold}%` }} />
      </div>
      <ul className={styles["key"]} aria-hidden="true">
        {health.components.map(({ name, contribution, weight }) => (
          <li key={name}>
            <span className={`${styles["dot"]} ${styles[`hue${HUES[name] ?? 0}`]}`} />
            {word(name)} <b className="number">{score(contribution)}</b>
            <span className="soft number"> / {score(weight)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Changes({ outcome, scenario, currency, onTry }: Omit<Props, "problems">) {
  const { decision } = outcome;
  const { remedies, allowed_max_cents, allowed_from, confirmation, gate_override } = decision.would_change;
  const { change } = scenario;
  const lines = remedies.map((remedy) => ({ key: `${remedy.code} ${remedy.component}`, text: plain(remedy.message), part: tryOf(remedy, scenario) }));
  if (allowed_max_cents !== null && allowed_max_cents !== change.after && allowed_max_cents > change.before) {
    lines.push({ key: "most", text: `${money(allowed_max_cents, currency)} would be within your limits`, part: { change: { ...change, after: allowed_max_cents } } });
  }
  if (lines.length === 0 && allowed_from === null && !confirmation && !gate_override) return null;
  return (
    <div className={styles["part"]}>
      <h3>What would change it</h3>
      <ul className={styles["changes"]}>
        {lines.map(({ key, text, part }) => (
          <Line key={key} text={capital(text)} part={part} onTry={onTry} />
        ))}
        {allowed_from !== null && <li>Waiting until {when(allowed_from)}</li>}
        {confirmation && <li>A person's confirmation of the broken limits</li>}
        {gate_override && <li>An admin's override, with a written reason</li>}
      </ul>
    </div>
  );
}

interface LineProps {
  text: string;
  part: Partial<Scenario> | null;
  onTry: Props["onTry"];
}

/** The figures of a line move with every slider; its button is named by the line, so that it need not be drawn again. */
function Line({ text, part, onTry }: LineProps) {
  const id = useId();
  const latest = useRef(part);
  latest.current = part;
  const press = useCallback(() => latest.current !== null && onTry(latest.current), [onTry]);
  return (
    <li>
      <span id={id}>{text}</span>
      {part !== null && <Try line={id} onPress={press} />}
    </li>
  );
}

const Try = memo(function Try({ line, onPress }: { line: string; onPress(): void }) {
  const id = useId();
  return (
    <Button size="small" id={id} aria-label="Try it:" aria-labelledby={`${id} ${line}`} onPress={onPress}>
      Try it
    </Button>
  );
});

const up = (value: number) => Math.min(100, Math.ceil(value * 10) / 10);

/** The part of the scenario that a remedy changes. */
function tryOf({ code, component, to }: Remedy, scenario: Scenario): Partial<Scenario> | null {
  switch (code) {
    case "RAISE_COMPONENT":
    case "MEASURE_COMPONENT":
      return component === null || (to === null && code === "RAISE_COMPONENT") ? null : { scores: { ...scenario.scores, [component]: up(to ?? 100) } };
    case "CHECK_SYNC":
      return { dataAgeHours: 0, snapshotMinutes: 0 };
    case "CLOSE_INCIDENT":
      return { incident: false };
    case "RECONNECT":
      return { apiDown: false };
    case "ASK_ADMIN":
      return { frozen: false };
    default:
      return null;
  }
}
