import { Link } from "react-router";
import { Badge } from "~/parts/badge";
import { Button } from "~/parts/button";
import { Choices, Dialog } from "~/parts/dialog";
import { Loading, Refusal } from "~/parts/states";
import { encode } from "~/rooms/what-if/share";
import { ago, money, score, when } from "~/words/figures";
import { capital, type Decision, inWords, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import styles from "./decision.module.css";
import { Proof } from "./proving";
import { scenarioOf } from "./to-what-if";
import { type GateRecord, useDecision } from "./queries";
import table from "./table.module.css";

/** One decision: what was known, why it came out so, what would have changed it, and the proof of it. */
export function DecisionDialog({ id, onClose }: { id: string; onClose(): void }) {
  const decision = useDecision(id);
  const title = decision.data === undefined ? "A decision" : `${Word(decision.data.action_type)} on ${decision.data.platforms.map(word).join(" and ")}`;
  return (
    <Dialog title={title} kind="side" isOpen onClose={onClose}>
      {decision.error !== null ? <Refusal problem={decision.error} onAgain={() => void decision.refetch()} /> : decision.data === undefined ? <Loading what="the decision" /> : <Whole record={decision.data} />}
      <Choices>
        <Button onPress={onClose}>Close</Button>
      </Choices>
    </Dialog>
  );
}

/** What is read of the facts here; the library has checked them when it decided. */
interface Facts {
  gate: {
    entity_id?: string | null;
    entity_type?: string | null;
    frozen: boolean;
    incidents: readonly { platform: string; severity: string }[];
    now: string;
    snapshots: readonly {
      platform: string;
      score: number;
      computed_at: string;
      data_as_of: string | null;
      components: readonly { name: string; score: number | null; weight: number; contribution: number; required: boolean }[];
    }[];
  };
  limits?: { change?: { change?: { before_cents?: number; after_cents?: number; currency?: string; before?: string; after?: string } } } | null;
}

function Whole({ record }: { record: GateRecord }) {
  const tone = TONE_OF_DECISION[record.decision as Decision];
  const facts = record.facts as unknown as Facts;
  const change = facts.limits?.change?.change;
  return (
    <>
      <div className={`${styles["top"]} ${styles[tone]}`}>
        <Badge tone={tone}>{Word(record.decision)}</Badge>
        <p>
          <b className="number">{score(record.score)}</b> health, needed {record.threshold};{" "}
          <time dateTime={record.evaluated_at} title={when(record.evaluated_at)}>
            {ago(record.evaluated_at)}
          </time>
        </p>
      </div>
      <section className={styles["part"]} aria-labelledby="why">
        <h3 id="why">Why</h3>
        <ul className={styles["list"]}>
          {record.reasons.map(({ code, message }, index) => (
            <li key={`${code} ${index}`}>{capital(inWords(message))}</li>
          ))}
        </ul>
      </section>
      {record.remedies.length > 0 && (
        <section className={styles["part"]} aria-labelledby="remedies">
          <h3 id="remedies">What would have changed it</h3>
          <ul className={styles["list"]}>
            {record.remedies.map((remedy) => (
              <li key={remedy}>{capital(inWords(remedy))}</li>
            ))}
          </ul>
        </section>
      )}
      <section className={styles["part"]} aria-labelledby="facts">
        <h3 id="facts">What was known</h3>
        <p className={styles["known"]}>
          {change !== undefined && <span>{described(change)}</span>}
          {facts.gate.entity_id && (
            <span>
              {word(facts.gate.entity_type ?? "")} {facts.gate.entity_id}
            </span>
          )}
          <span>{facts.gate.frozen ? "kill switch engaged" : "kill switch off"}</span>
          <span>{facts.gate.incidents.length === 0 ? "no open incident" : `open incidents: ${facts.gate.incidents.map(({ severity }) => severity.toLowerCase()).join(", ")}`}</span>
        </p>
        {facts.gate.snapshots.map((snapshot) => (
          <div key={snapshot.platform} className={table["scroll"]} role="region" aria-label={`Health of ${word(snapshot.platform)} at the time`} tabIndex={0}>
            <table className={table["table"]}>
              <caption className={styles["caption"]}>
                {word(snapshot.platform)}, taken {seconds(snapshot.computed_at, facts.gate.now)} before, {snapshot.data_as_of === null ? "age of data unknown" : `data ${seconds(snapshot.data_as_of, facts.gate.now)} old`}
              </caption>
              <thead>
                <tr>
                  <th scope="col">Component</th>
                  <th scope="col">Score</th>
                  <th scope="col">Weight</th>
                  <th scope="col">Gives</th>
                </tr>
              </thead>
              <tbody>
                {snapshot.components.map(({ name, score: value, weight, contribution, required }) => (
                  <tr key={name} className={value === null || value < 70 ? styles["low"] : ""}>
                    <th scope="row">
                      {Word(name)} {required && <span className="soft">required</span>}
                    </th>
                    <td className="number">{value === null ? "missing" : score(value)}</td>
                    <td className="number">{Math.round(weight * 10) / 10} %</td>
                    <td className="number">{score(contribution)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
        <details className={table["more"]}>
          <summary>Facts and policy as they were hashed</summary>
          <pre className={styles["json"]} tabIndex={0}>
            {JSON.stringify({ facts: record.facts, policy: record.policy, outcome: record.outcome }, null, 2)}
          </pre>
        </details>
      </section>
      <Proof record={record} />
      <Ways record={record} />
    </>
  );
}

function Ways({ record }: { record: GateRecord }) {
  const scenario = scenarioOf(record);
  return (
    <p className={styles["ways"]}>
      {record.action_id && <Link to={`/actions/${record.action_id}`}>The action that asked</Link>}
      {scenario !== null && <Link to={`/what-if?s=${encode(scenario)}`}>Take it to What-if</Link>}
    </p>
  );
}

function described({ before_cents, after_cents, currency, before, after }: { before_cents?: number; after_cents?: number; currency?: string; before?: string; after?: string }): string {
  if (before_cents !== undefined && after_cents !== undefined && currency !== undefined) return `${money(before_cents, currency)} to ${money(after_cents, currency)}`;
  return `${word(before ?? "unknown")} to ${word(after ?? "unknown")}`;
}

function seconds(from: string, to: string): string {
  const s = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (s < 120) return `${s} s`;
  return s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
}
