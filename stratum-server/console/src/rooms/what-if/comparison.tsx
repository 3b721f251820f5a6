import type { BacktestRun, GateDecision } from "@stratum-trust/wasm";
import { memo, type MouseEventHandler, useCallback, useMemo, useState } from "react";
import { Badge } from "~/parts/badge";
import { Card } from "~/parts/card";
import { Nothing } from "~/parts/states";
import { onDay, score } from "~/words/figures";
import { why } from "~/words/reasons";
import { type Platform, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import styles from "./comparison.module.css";
import { type Counts, type Lane, lanes, type Run, runs, type Said } from "./lanes";

const DECISIONS: readonly GateDecision[] = ["PASS", "HOLD", "BLOCK"];
const MOST_ROWS = 12;

/** Two policies on the last ninety days: a strip of days for each platform and policy, counts, and the days that differ. */
export const Comparison = memo(function Comparison({ inForce, tried, change }: { inForce: BacktestRun; tried: BacktestRun; change: string }) {
  // What is in force does not move with a slider.
  const before = useMemo(() => runs(inForce), [inForce]);
  const all = useMemo(() => lanes(before, runs(tried)), [before, tried]);
  const [picked, setPicked] = useState<{ lane: number; day: number } | null>(null);
  const pick = useCallback((lane: number, day: number) => setPicked({ lane, day }), []);
  const days = all[0]?.current.days ?? [];
  const chosen = picked === null ? undefined : all[picked.lane];
  return (
    <Card title="The last 90 days under both policies" id="past">
      <p className={styles["sum"]}>{sentence(inForce, tried, all, change)}</p>
      <div className={styles["lanes"]}>
        <div className={styles["heads"]} aria-hidden="true">
          <span>days</span>
          {DECISIONS.map((decision) => (
            <span key={decision}>{word(decision)}</span>
          ))}
        </div>
        {all.map((lane, index) => (
          <LaneRow key={lane.current.platform} index={index} lane={lane} picked={picked?.lane === index ? picked.day : null} onPick={pick} />
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
        <span>bars: health from 40 to 100; dotted line: what is needed; click a day to see why</span>
      </p>
      {chosen !== undefined && picked !== null && <Chosen lane={chosen} day={picked.day} />}
      <Differences all={all} />
    </Card>
  );
});

function sentence(inForce: BacktestRun, tried: BacktestRun, all: readonly Lane[], change: string): string {
  const count = all.reduce((sum, { differing }) => sum + differing.length, 0);
  const differ = count === 0 ? "The two say the same on every day" : count === 1 ? "They differ once" : `They differ ${count} times`;
  return `Had somebody asked to ${change} once a day on every platform, ${inForce.executed} of ${inForce.verdicts.length} would have run under the policy in force and ${tried.executed} under the one you try. ${differ}.`;
}

interface LaneProps {
  index: number;
  lane: Lane;
  picked: number | null;
  onPick(lane: number, day: number): void;
}

function LaneRow({ index, lane: { current, proposed, differing }, picked, onPick }: LaneProps) {
  const { platform } = current;
  const count = current.days.length;
  const pick = useCallback<MouseEventHandler<SVGSVGElement>>(
    (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      onPick(index, Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count))));
    },
    [index, count, onPick],
  );
  const strip = ({ drawn, bound }: Run) => ({ ...drawn, count, bound, picked, onClick: pick });
  return (
    <div className={styles["lane"]}>
      <h3>
        <span className={styles["dot"]} style={{ background: `var(--${platform.toLowerCase()})` }} aria-hidden="true" />
        {word(platform)}
      </h3>
      <div className={styles["strips"]}>
        <Strip {...strip(current)} label={`${word(platform)}, policy in force: ${said(current.counts)}`} />
        <svg viewBox={`0 0 ${count} 1`} preserveAspectRatio="none" className={styles["marks"]} aria-hidden="true">
          <path d={differing.map((day) => `M${day} 0h1v1h-1z`).join("")} />
        </svg>
        <Strip {...strip(proposed)} label={`${word(platform)}, the policy you try: ${said(proposed.counts)}`} />
      </div>
      <div className={`${styles["counts"]} number`}>
        <Row {...current.counts} name="in force" />
        <Row {...proposed.counts} name="yours" />
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

function Chosen({ lane: { current, proposed }, day }: { lane: Lane; day: number }) {
  const [before, after] = [current.days[day], proposed.days[day]];
  if (before === undefined || after === undefined) return null;
  return (
    <p className={styles["chosen"]} role="status">
      <b>
        {word(current.platform)}, {onDay(before.timestamp)}
      </b>
      <Told name="in force" said={before} />
      <Told name="yours" said={after} />
    </p>
  );
}

function Told({ name, said: { decision, score: health, threshold, reasons } }: { name: string; said: Said }) {
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
  const rows = all.flatMap(({ current, proposed, differing }) =>
    differing.flatMap((day) => {
      const [before, after] = [current.days[day], proposed.days[day]];
      return before === undefined || after === undefined ? [] : [{ platform: current.platform, before, after }];
    }),
  );
  // All are written alike, so their texts are in the order of time.
  rows.sort((a, b) => (a.before.timestamp < b.before.timestamp ? 1 : a.before.timestamp > b.before.timestamp ? -1 : 0));
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
          {shown.map(({ platform, before, after }) => {
            const stricter = RANK[after.decision] > RANK[before.decision] ? after : before;
            return (
              <DayRow
                key={`${platform} ${before.timestamp}`}
                timestamp={before.timestamp}
                platform={platform}
                current={before.decision}
                currentScore={before.score}
                proposed={after.decision}
                proposedScore={after.score}
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
