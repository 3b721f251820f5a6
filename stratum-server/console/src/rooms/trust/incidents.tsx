import { Badge } from "~/parts/badge";
import { onDay, when } from "~/words/figures";
import styles from "./incidents.module.css";
import type { useIncidents } from "./queries";

export type LoggedIncident = NonNullable<ReturnType<typeof useIncidents>["data"]>[number];

const KINDS: Record<string, string> = {
  SIGNAL_HEALTH: "Signal health was low",
  EMQ: "Match quality fell",
  ANOMALY: "Figures left their range",
  PLATFORM: "The platform's API failed",
};

/** What was wrong, from when to when. */
export function IncidentList({ incidents, name }: { incidents: readonly LoggedIncident[]; name: string }) {
  if (incidents.length === 0) return <p className={styles["none"]}>No incident on {name}.</p>;
  return (
    <section aria-labelledby="incidents" className={styles["incidents"]}>
      <h3 id="incidents">Incidents</h3>
      <ul>
        {incidents.map(({ id, kind, severity, status, opened_at, closed_at, recovery_hours, emq_impact }) => (
          <li key={id}>
            <Badge tone={status === "CLOSED" ? "idle" : severity === "CRITICAL" ? "block" : "hold"}>{status === "CLOSED" ? "over" : "open"}</Badge>
            <b>{KINDS[kind] ?? kind}</b>
            <span className="soft">
              <time dateTime={opened_at} title={when(opened_at)}>
                {onDay(opened_at)}
              </time>
              {closed_at ? ` to ${onDay(closed_at)}` : " until now"}
              {typeof recovery_hours === "number" && `, ${lasted(recovery_hours)}`}
              {typeof emq_impact === "number" && `; match quality ${emq_impact < 0 ? "−" : "+"}${Math.abs(emq_impact).toFixed(1)}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function lasted(hours: number): string {
  return hours < 48 ? `${Math.round(hours)} hours` : `${(hours / 24).toFixed(1)} days`;
}
