import { Badge } from "~/parts/badge";
import type { Day } from "~/health/story";
import { onDay, score } from "~/words/figures";
import { type Component, type Decision, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import styles from "./table.module.css";

interface Props {
  days: readonly Day[];
  components: readonly Component[];
  needed: number;
  blocked: number;
  name: string;
}

/** What the chart shows, in figures. */
export function DayTable({ days, components, needed, blocked, name }: Props) {
  const said = (value: number): Decision => (value >= needed ? "PASS" : value >= blocked ? "HOLD" : "BLOCK");
  return (
    <details className={styles["more"]}>
      <summary>Every day in a table</summary>
      <div className={styles["scroll"]} role="region" aria-label={`The health of ${name} by day`} tabIndex={0}>
        <table className={styles["table"]}>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Health</th>
              <th scope="col">By today's thresholds</th>
              {components.map((component) => (
                <th key={component} scope="col">
                  {Word(component)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...days].reverse().map((day) => (
              <tr key={day.timestamp}>
                <th scope="row" className="number">
                  {onDay(day.timestamp)}
                </th>
                <td className="number">{score(day.score)}</td>
                <td>
                  <Badge tone={TONE_OF_DECISION[said(day.score)]}>{word(said(day.score))}</Badge>
                </td>
                {components.map((component) => {
                  const value = day.components[component];
                  return (
                    <td key={component} className="number">
                      {typeof value === "number" ? score(value) : "missing"}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
