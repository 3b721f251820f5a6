import type { BacktestRun, GateDecision } from "@stratum-trust/wasm";
import { memo, type MouseEventHandler, useCallback, useState } from "react";
import { Badge } from "~/parts/badge";
import { Card } from "~/parts/card";
import { Nothing } from "~/parts/states";
import { onDay, score } from "~/words/figures";
import { why } from "~/words/reasons";
import { type Platform, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import styles from "./comparison.module.css";
import { bars, type Counts, type Day, height, type Lane, lanes, type Said } from "./lanes";

const DECISIONS: readonly GateDecision[] = ["PASS", "HOLD", "BLOCK"];
const MOST_ROWS = 12;

/** Two policies on the last ninety days: a strip of days for each platform and policy, counts, and the days that differ. */
export const Comparison = memo(function Comparison({ inForce, tried, change }: { inForce: BacktestRun; tried: BacktestRun; change: string }) {
  const all = lanes(inForce, tried);
  const [picked, setPicked] = useState<{ lane: number; day: number } | null>(null);
  const pick = useCallback((lane: number, day: number) => setPicked({ lane, day }), []);
  const days = all[0]?.days ?? [];
  const chosen = picked === null ? undefined : all[picked.lane]?.days[picked.day];
  return (
    <Card title="The last 90 days under both policies" id="past">
      <p className={styles["sum"]}>{sentence(inForce, tried, all, change)}</p>
      <div className={styles["lanes"]}>
        {all.map((lane, index) => (
          <LaneRow key={lane.platform} index={index} lane={lane} picked={picked?.lane === index ? picked.day : null} onPick={pick} />
        ))}
        <div className={styles["axis"]} aria-hidden="true">
          <span>{onDay(days[0]?.timestamp ?? 0)}</span>
          <span>{onDay(days[Math.floor(days.length / 2)]?.timestamp ?? 0)}</span>
          <span>{onDay(days.at(-1)?.timestamp ?? 0)}</span>
        </div>
      </div>
      <p className={styles["legend"]} aria-hidden="true">
        {DECISIONS.map((decision) => (
          <span key={decision}>
            <i className={styles[TONE_OF_DECISION[decision]]} /> {word(decision)}
          </span>
        ))}
        <span>
          <i className={styles["mark"]} /> the policies differ
        </span>
        <span>bars: health from 40 to 100; line: what is needed</span>
      </p>
      {chosen !== undefined && picked !== null && <Chosen platform={all[picked.lane]?.platform ?? ""} day={chosen} />}
      <Differences all={all} />
    </Card>
  );
});

function sentence(inForce: BacktestRun, tried: BacktestRun, all: readonly Lane[], change: string): string {
  const count = all.reduce((sum, { days }) => sum + days.filter(({ differs }) => differs).length, 0);
  const differ = count === 0 ? "The two say the same on every day" : count === 1 ? "They differ once" : `They differ ${count} times`;
  return `Had somebody asked to ${change} once a day on every platform, ${inForce.executed} of ${inForce.verdicts.length} would have run under the policy in force and ${tried.executed} under the one you try. ${differ}.`;
}

interface LaneProps {
  index: number;
  lane: Lane;
  picked: number | null;
  onPick(lane: number, day: number): void;
}

function LaneRow({ index, lane, picked, onPick }: LaneProps) {
  const { platform, days } = lane;
  const count = days.length;
  const pick = useCallback<MouseEventHandler<SVGSVGElement>>(
    (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      onPick(index, Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count))));
    },
    [index, count, onPick],
  );
  const marks = days.map((day, at) => (day.differs ? `M${at} 0h1v1h-1z` : "")).join("");
  const strip = (said: readonly Said[]) => ({ ...bars(said), count, bound: height(said.at(-1)?.threshold ?? 70), picked, onClick: pick });
  return (
    <div className={styles["lane"]}>
      <h3>
        <span className={styles["dot"]} style={{ background: `var(--${platform.toLowerCase()})` }} aria-hidden="true" />
        {word(platform)}
      </h3>
      <div className={styles["strips"]}>
        <Strip {...strip(days.map(({ current }) => current))} label={`${word(platform)}, policy in force: ${said(lane.current)}`} />
        <svg viewBox={`0 0 ${count} 1`} preserveAspectRatio="none" className={styles["marks"]} aria-hidden="true">
          <path d={marks} />
        </svg>
        <Strip {...strip(days.map(({ proposed }) => proposed))} label={`${word(platform)}, the policy you try: ${said(lane.proposed)}`} />
      </div>
      <div className={`${styles["counts"]} number`}>
        <Row {...lane.current} name="in force" />
        <Row {...lane.proposed} name="yours" />
      </div>
    </div>
  );
}

const said = (counts: Counts) => `${counts.PASS} days pass, ${counts.HOLD} held, ${counts.BLOCK} blocked`;

// What follows is told in texts and numbers, so that a move draws again only what says something else.

const Row = memo(function Row({ name, ...counts }: Counts & { name: string }) {
  return (
    <span>
      <span className={styles["name"]}>{name}</span>
      {DECISIONS.map((decision) => (
        <b key={decision} className={counts[decision] === 0 ? styles["zero"] : styles[`said-${TONE_OF_DECISION[decision]}`]} title={word(decision)}>
          {counts[decision]}
        </b>
      ))}
    </span>
  );
});

interface StripProps extends Record<GateDecision, string> {
  /** How many days. */
  count: number;
  bound: number;
  label: string;
  picked: number | null;
  onClick: MouseEventHandler<SVGSVGElement>;
}

const Strip = memo(function Strip({ count, bound, label, picked, onClick, ...drawn }: StripProps) {
  return (
    <svg viewBox={`0 0 ${count} 100`} preserveAspectRatio="none" className={styles["strip"]} role="img" aria-label={label} onClick={onClick}>
      {DECISIONS.map((decision) => (
        <path key={decision} d={drawn[decision]} className={styles[TONE_OF_DECISION[decision]]} />
      ))}
      <path d={`M0 ${bound}h${count}`} className={styles["bound"]} />
      {picked !== null && <rect x={picked} width="1" height="100" className={styles["picked"]} />}
    </svg>
  );
});

function Chosen({ platform, day }: { platform: string; day: Day }) {
  return (
    <p className={styles["chosen"]} role="status">
      <b>
        {word(platform)}, {onDay(day.timestamp)}
      </b>
      <Told name="in force" said={day.current} />
      <Told name="yours" said={day.proposed} />
    </p>
  );
}

function Told({ name, said: { decision, score: health, threshold, reasons } }: { name: string; said: Day["current"] }) {
  return (
    <span>
      {name}{" "}
      <Badge tone={TONE_OF_DECISION[decision]} mark={false}>
        {word(decision)}
      </Badge>{" "}
      health {score(health)}, needs {threshold}
      {decision !== "PASS" && `: ${reasons.map(why).join(", ")}`}
    </span>
  );
}

function Differences({ all }: { all: readonly Lane[] }) {
  const rows = all.flatMap(({ platform, days }) => days.filter(({ differs }) => differs).map((day) => ({ platform, day })));
  rows.sort((a, b) => b.day.timestamp.localeCompare(a.day.timestamp));
  const [isWhole, setWhole] = useState(false);
  if (rows.length === 0) return <Nothing>No day differs. Move a threshold or a weight of the policy you try.</Nothing>;
  const shown = isWhole ? rows : rows.slice(0, MOST_ROWS);
  return (
    <div className={styles["scroll"]} role="region" aria-label="The days that differ" tabIndex={0}>
      <table className={styles["table"]}>
        <caption>The days that differ, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Platform</th>
            <th scope="col">In force</th>
            <th scope="col">Yours</th>
            <th scope="col">Because</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ platform, day }) => {
            const stricter = RANK[day.proposed.decision] > RANK[day.current.decision] ? day.proposed : day.current;
            return (
              <DayRow
                key={`${platform} ${day.timestamp}`}
                timestamp={day.timestamp}
                platform={platform}
                current={day.current.decision}
                currentScore={day.current.score}
                proposed={day.proposed.decision}
                proposedScore={day.proposed.score}
                because={stricter.reasons.map(why).join(", ")}
                needs={stricter.threshold}
              />
            );
          })}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && (
        <button type="button" className={styles["all"]} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${rows.length}`}
        </button>
      )}
    </div>
  );
}

const RANK: Record<GateDecision, number> = { PASS: 0, HOLD: 1, BLOCK: 2 };

interface DayProps {
  timestamp: string;
  platform: Platform;
  current: GateDecision;
  currentScore: number;
  proposed: GateDecision;
  proposedScore: number;
  because: string;
  needs: number;
}

const DayRow = memo(function DayRow({ timestamp, platform, current, currentScore, proposed, proposedScore, because, needs }: DayProps) {
  return (
    <tr>
      <td className="number">{onDay(timestamp)}</td>
      <td>{word(platform)}</td>
      <Cell decision={current} health={currentScore} />
      <Cell decision={proposed} health={proposedScore} />
      <td>
        {because} <span className="soft number">(needs {needs})</span>
      </td>
    </tr>
  );
});

const Cell = memo(function Cell({ decision, health }: { decision: GateDecision; health: number }) {
  return (
    <td className={styles["said"]}>
      <Badge tone={TONE_OF_DECISION[decision]}>{Word(decision)}</Badge> <span className="soft number">{score(health)}</span>
    </td>
  );
});
