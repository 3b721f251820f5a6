import { useMemo, useState } from "react";
import { useHistory, useVariance } from "~/health/queries";
import { series, tell } from "~/health/story";
import { Card } from "~/parts/card";
import { Chart, type Line, type Mark } from "~/parts/chart/chart";
import { Sparkline } from "~/parts/sparkline";
import { Loading, Refusal } from "~/parts/states";
import { onDay, score } from "~/words/figures";
import { capital, type Component, type Platform, Word, word } from "~/words/vocabulary";
import { DayTable } from "./day-table";
import { IncidentList, type LoggedIncident } from "./incidents";
import styles from "./platform.module.css";
import { useIncidents, usePlatformHealth } from "./queries";

interface Thresholds {
  healthy: number;
  degraded: number;
  execution_floor: number;
}

/** Below this a component is called low, as the API does. */
const LOW = 70;
const FLOOR_OF_BLOCK = 40;
/** The chosen components, in colours that keep apart from the platform's. */
const HUES = ["--accent", "--hold-fill", "--block-fill", "--pass-fill", "--idle-fill"] as const;

/** Ninety days of one platform: the score on the grounds of the verdicts, its incidents, and what it is made of. */
export function PlatformStory({ platform, thresholds }: { platform: Platform; thresholds: Thresholds }) {
  const history = useHistory(platform);
  const health = usePlatformHealth(platform);
  const variance = useVariance();
  const incidents = useIncidents();
  const error = history.error ?? health.error;
  if (error !== null) return <Refusal problem={error} onAgain={() => void Promise.all([history.refetch(), health.refetch()])} />;
  if (history.data === undefined || health.data === undefined) return <Loading what={`ninety days of ${word(platform)}`} />;
  const claims = variance.data?.platforms.find((one) => one.platform === platform)?.revenue_variance_pct ?? null;
  const own = (incidents.data ?? []).filter((one) => one.platform === platform);
  return <Story platform={platform} thresholds={thresholds} days={history.data} weights={health.data.components} claims={claims} incidents={own} />;
}

interface StoryProps {
  platform: Platform;
  thresholds: Thresholds;
  days: NonNullable<ReturnType<typeof useHistory>["data"]>;
  weights: readonly { name: string; weight: number }[];
  claims: number | null;
  incidents: readonly LoggedIncident[];
}

function Story({ platform, thresholds, days, weights, claims, incidents }: StoryProps) {
  const story = tell(days, claims);
  const [chosen, setChosen] = useState<readonly Component[]>(story.component === null ? [] : [story.component]);
  const [picked, setPicked] = useState(days.length - 1);
  const needed = Math.max(thresholds.healthy, thresholds.execution_floor);
  const blocked = Math.max(thresholds.degraded, FLOOR_OF_BLOCK);
  const name = word(platform);
  const times = useMemo(() => days.map(({ timestamp }) => Date.parse(timestamp)), [days]);
  const lines = useMemo<Line[]>(
    () => [
      { label: "health", values: days.map(({ score: value }) => value), colour: `--${platform.toLowerCase()}`, width: 3, say: score },
      ...chosen.map((component, index) => ({ label: word(component), values: series(days, component), colour: HUES[index % HUES.length] ?? "--accent", width: 1.5, dash: [5, 3], say: score })),
    ],
    [days, chosen, platform],
  );
  const marks = useMemo<Mark[]>(() => {
    const last = times.at(-1) ?? 0;
    const first = times[0] ?? 0;
    const spans = incidents
      .filter(({ closed_at }) => closed_at === null || closed_at === undefined || Date.parse(closed_at) >= first)
      .map(({ opened_at, closed_at, severity }): Mark => ({ at: Math.max(first, Date.parse(opened_at)), until: closed_at ? Date.parse(closed_at) : last, tone: severity === "CRITICAL" ? "block" : "hold", label: "incident" }));
    const odd = story.marks.map((index): Mark => ({ at: times[index] ?? 0, tone: "hold", label: "odd day" }));
    return [...spans, ...odd, ...(picked === days.length - 1 ? [] : [{ at: times[picked] ?? 0, tone: "accent" as const }])];
  }, [incidents, story.marks, times, picked, days.length]);
  const bands = useMemo(
    () => [
      { from: needed, to: 100, tone: "pass" as const },
      { from: blocked, to: needed, tone: "hold" as const },
      { from: 0, to: blocked, tone: "block" as const },
    ],
    [needed, blocked],
  );
  const day = days[picked];
  const values = days.map(({ score: value }) => value);
  const sentence = `Health of ${name} over ${days.length - 1} days: now ${score(values.at(-1))}, lowest ${score(Math.min(...values))}, highest ${score(Math.max(...values))}; changes pass from ${needed}, are held from ${blocked} and blocked below. ${incidents.length === 0 ? "No incident." : `${incidents.length} ${incidents.length === 1 ? "incident" : "incidents"}.`} The table below has every day.`;
  const toggle = (component: Component) => setChosen((before) => (before.includes(component) ? before.filter((one) => one !== component) : [...before, component]));
  return (
    <div className={styles["story"]}>
      <Card title={`${capital(name)}: ${story.headline.toLowerCase()}`} id="story">
        <p className={styles["text"]}>{story.text}</p>
        <Chart label={sentence} times={times} lines={lines} range={[0, 100]} height={300} bands={bands} marks={marks} onPick={setPicked} />
        <p className={styles["key"]} aria-hidden="true">
          <span>
            <i className={styles["pass"]} /> passes from {needed}
          </span>
          <span>
            <i className={styles["hold"]} /> held
          </span>
          <span>
            <i className={styles["block"]} /> blocked below {blocked}
          </span>
          <span>click a day to see what it was made of</span>
        </p>
        <DayTable days={days} components={weights.map(({ name: component }) => component as Component)} needed={needed} blocked={blocked} name={name} />
        <IncidentList incidents={incidents} name={name} />
      </Card>
      <Card title={picked === days.length - 1 ? "What the score is made of" : `Made of, on ${onDay(day?.timestamp ?? 0)}`} id="parts">
        <label className={styles["day"]}>
          <span>{onDay(day?.timestamp ?? 0)}</span>
          <input type="range" min={0} max={days.length - 1} value={picked} aria-label="Day" aria-valuetext={onDay(day?.timestamp ?? 0)} onChange={(event) => setPicked(Number(event.target.value))} />
          <b className="number">{score(day?.score)}</b>
        </label>
        <ul className={styles["parts"]}>
          {weights.map(({ name: key, weight }) => {
            const component = key as Component;
            const value = (day?.components as Record<string, number | null | undefined> | undefined)?.[component] ?? null;
            return (
              <li key={component} className={value === null || value < LOW ? styles["low"] : ""}>
                <label className={styles["line"]}>
                  <input type="checkbox" checked={chosen.includes(component)} onChange={() => toggle(component)} aria-label={`Show ${word(component)} in the chart`} />
                  <span>
                    <span className={styles["what"]}>{Word(component)}</span> <span className="soft number">{`${Math.round(weight * 10) / 10}\u00a0%`}</span>
                  </span>
                </label>
                <span className={styles["spark"]}>
                  <Sparkline values={series(days, component)} bound={LOW} label={`${Word(component)} over ${days.length - 1} days, ${value === null ? "missing" : score(value)} on ${onDay(day?.timestamp ?? 0)}`} />
                </span>
                <b className={`${styles["value"]} number`}>{value === null ? "missing" : score(value)}</b>
              </li>
            );
          })}
        </ul>
        <p className={styles["hint"]}>Ticked components are drawn in the chart. Each counts by its weight; one that is missing counts nothing.</p>
      </Card>
    </div>
  );
}
