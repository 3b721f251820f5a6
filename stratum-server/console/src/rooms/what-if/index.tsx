import type { HealthComponent } from "@stratum-trust/wasm";
import { memo, useCallback, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { type Answer, asked } from "~/engine/answer";
import { type Engine, useEngine } from "~/engine/engine";
import { Badge } from "~/parts/badge";
import { Button } from "~/parts/button";
import { Room } from "~/parts/room";
import { Loading, Nothing, Refusal } from "~/parts/states";
import { useSession } from "~/session/session";
import { ago, score } from "~/words/figures";
import { type Platform, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import { nextMidnight } from "~/words/zone";
import { type InForce, useInForce, useStart } from "./begin";
import { Comparison } from "./comparison";
import { Signals, TheChange, TheLimits } from "./controls";
import styles from "./index.module.css";
import { tryOn, usePast } from "./past";
import { follow, type Present } from "./present";
import { ThePolicy } from "./policy";
import { decide, type Outcome, PRESETS, type Scenario, type Trust, trustPolicy } from "./scenario";
import { BrokenLink, Sharing } from "./sharing";
import { decode } from "./share";
import { TheVerdict } from "./verdict";
import { rebalance } from "./weights";

const NO_PLATFORM: readonly Platform[] = [];

/** Signals, a change and a policy to play with; the page decides with the library of the server. */
export default function WhatIf() {
  const engine = useEngine();
  const inForce = useInForce();
  const past = usePast(inForce.data?.platforms ?? NO_PLATFORM);
  const [search, setSearch] = useSearchParams();
  const link = search.get("s");
  const read = useMemo(() => (link === null ? null : decode(link)), [link]);
  const shared = read?.ok === true ? read.scenario : null;
  const [platform, setPlatform] = useState<Platform | null>(null);
  const from = platform ?? shared?.platform ?? inForce.data?.platforms[0] ?? null;
  const start = useStart(from);
  // The platform in trouble is where the question begins; which one that is may change while a person thinks.
  if (platform === null && shared === null && from !== null) setPlatform(from);
  const measured = useMemo((): Scenario | undefined => {
    if (start.data === undefined || inForce.data === undefined) return undefined;
    const { notes: _, ...stands } = start.data;
    return { ...stands, trust: inForce.data.trust, limits: inForce.data.limits };
  }, [start.data, inForce.data]);
  // A link is where the question begins; from then on it is the person's own.
  const [opened, setOpened] = useState<{ scenario: Scenario; turn: number } | null>(null);
  const begin = opened?.scenario ?? shared ?? measured;
  // What could be read once stays; that it could not be read again is said beside it.
  const error = [engine, inForce, start].find((read) => read.data === undefined && read.error !== null)?.error ?? null;
  const isOld = inForce.error !== null || start.error !== null;
  const notes = [...(begin === measured ? (start.data?.notes ?? []) : []), ...(isOld ? [`What is in force and measured could not be read again; this is how it stood ${ago(new Date(Math.min(start.dataUpdatedAt, inForce.dataUpdatedAt)).toISOString())}.`] : [])];
  return (
    <Room title="What if?" lead="Move anything: the page decides with the same library as the server, at once. Nothing here changes anything.">
      {read?.ok === false && <BrokenLink problems={read.problems} onClose={() => setSearch({}, { replace: true })} />}
      {error !== null ? (
        <Refusal problem={error} onAgain={() => void Promise.all([engine.refetch(), inForce.refetch(), start.refetch()])} />
      ) : inForce.data?.platforms.length === 0 ? (
        <Nothing>No platform is connected yet, so there is nothing to begin with.</Nothing>
      ) : engine.data === undefined || inForce.data === undefined || measured === undefined || begin === undefined || from === null ? (
        <Loading what="what is measured now" />
      ) : (
        <Question
          key={`${opened === null ? (shared === null ? from : link) : `opened ${opened.turn}`}`}
          engine={engine.data}
          inForce={inForce.data}
          past={past}
          begin={begin}
          measured={measured}
          notes={notes}
          onPlatform={(next) => {
            setOpened(null);
            setSearch({}, { replace: true });
            setPlatform(next);
          }}
          onOpen={(scenario) => {
            setPlatform(scenario.platform);
            setOpened({ scenario, turn: (opened?.turn ?? 0) + 1 });
          }}
        />
      )}
    </Room>
  );
}

/** Policies that are worth a look, each as a difference from the one in force. */
const IDEAS: readonly (readonly [string, (inForce: Trust) => Partial<Trust>])[] = [
  ["85 before anything runs", () => ({ healthy: 85 })],
  ["from 80, agreement with GA4 half of it", ({ weights }) => ({ healthy: 80, preset: "CUSTOM", weights: "VARIANCE" in weights ? rebalance(weights, "VARIANCE", 50) : PRESETS.FOUR })],
  ["normal behaviour counts more", ({ weights }) => ({ preset: "CUSTOM", weights: "ANOMALY" in weights ? rebalance(weights, "ANOMALY", 40) : PRESETS.FOUR })],
  ["cautious about raises", () => ({ profile: "CAUTIOUS" })],
];

interface Props {
  engine: Engine;
  inForce: InForce;
  past: ReturnType<typeof usePast>;
  begin: Scenario;
  measured: Scenario;
  /** What of it is assumed. */
  notes: readonly string[];
  onPlatform(platform: Platform): void;
  onOpen(scenario: Scenario): void;
}

function Question({ engine, inForce, past, begin, measured, notes, onPlatform, onOpen }: Props) {
  const { tenant } = useSession();
  const [scenario, setScenario] = useState(begin);
  // The instant of the question: it does not move while a person thinks, unless what is measured does.
  const [now, setNow] = useState(Date.now);
  const [from, setFrom] = useState(begin);
  if (from !== begin) {
    setFrom(begin);
    setScenario((mine) => follow(from, begin, mine));
    setNow(Date.now());
  }
  const midnight = useMemo(() => nextMidnight(now, tenant.timezone), [now, tenant.timezone]);
  const change = useCallback((part: Partial<Scenario>) => setScenario((before) => ({ ...before, ...part })), []);
  const answer = useMemo(() => asked(() => decide(engine, scenario, { tenant_id: tenant.id, currency: tenant.currency, now, midnight: midnight ?? nextMidnight(now, "UTC") ?? now })), [engine, scenario, tenant, now, midnight]);
  const outcome = useLast(answer);
  const type = scenario.change.type;
  const { history } = past;
  const current = useMemo(() => (history === undefined ? null : tryOn(engine, history, type, trustPolicy(inForce.trust))), [engine, history, type, inForce.trust]);
  const tried = useLast(
    useMemo(() => (history === undefined ? undefined : asked(() => tryOn(engine, history, type, trustPolicy(scenario.trust)))), [engine, history, type, scenario.trust]),
  );
  const bounds = useSame(outcome === null ? NONE : enough(outcome));
  const toMeasured = useCallback(() => change(signalsOf(measured)), [change, measured]);
  const latest = useRef(scenario);
  latest.current = scenario;
  const asItIs = useCallback(() => latest.current, []);
  if (outcome === null) return <Nothing>{answer.ok ? "" : answer.problems.map(({ message }) => message).join("; ")}</Nothing>;
  return (
    <>
      <div className={styles["head"]}>
        <div className={styles["platforms"]} role="group" aria-label="Begin with what is measured on">
          {[...inForce.platforms].map((platform) => (
            <button key={platform} type="button" aria-pressed={platform === scenario.platform} onClick={() => onPlatform(platform)}>
              <span className={styles["dot"]} style={{ background: `var(--${platform.toLowerCase()})` }} aria-hidden="true" />
              {word(platform)}
            </button>
          ))}
        </div>
        <Sharing scenario={asItIs} suggestion={`${word(scenario.platform)}: ${word(type)}`} onOpen={onOpen} />
      </div>
      <Notes notes={midnight === null ? [...notes, `This browser does not know the time zone ${tenant.timezone}; the day is assumed to end at midnight UTC.`] : notes} />
      <div className={styles["table"]}>
        <div className={styles["answer"]}>
          <TheVerdict outcome={outcome} scenario={scenario} currency={tenant.currency} problems={answer.ok ? [] : answer.problems} onTry={change} />
        </div>
        <div className={styles["controls"]}>
          <p className={styles["mini"]} aria-hidden="true">
            <Badge tone={TONE_OF_DECISION[outcome.decision.decision]}>{Word(outcome.decision.decision)}</Badge>
            <span className="number">
              {score(outcome.health.score)} of {outcome.decision.gate.threshold} needed
            </span>
          </p>
          <Signals
            platform={scenario.platform}
            weights={scenario.trust.weights}
            blend={scenario.trust.blend}
            scores={scenario.scores}
            dataAgeHours={scenario.dataAgeHours}
            snapshotMinutes={scenario.snapshotMinutes}
            incident={scenario.incident}
            apiDown={scenario.apiDown}
            frozen={scenario.frozen}
            enough={bounds}
            onChange={change}
            onMeasured={toMeasured}
          />
          <TheChange change={scenario.change} hasDailyLimit={scenario.limits.dailySpend !== null} currency={tenant.currency} onChange={change} />
          <TheLimits limits={scenario.limits} currency={tenant.currency} onChange={change} />
        </div>
      </div>
      <div className={styles["second"]}>
        <h2>Which policy would have served you better?</h2>
        <Ideas inForce={inForce.trust} onChange={change} />
      </div>
      <div className={styles["two"]}>
        <ThePolicy scenario={scenario} inForce={inForce.trust} outcome={outcome} onChange={change} />
        {past.error !== null ? (
          <Refusal problem={past.error} />
        ) : current === null || tried === null ? (
          <Loading what="ninety days of health" />
        ) : (
          <Comparison inForce={current} tried={tried} change={word(type)} />
        )}
      </div>
      <p className={styles["foot"]}>
        The days are tried on the health that was recorded: the gate alone, with what no series tells (incidents, kill switch, age of data) taken as in order. Custom rules of enforcement are not tried here.
      </p>
    </>
  );
}

const Ideas = memo(function Ideas({ inForce, onChange }: { inForce: Trust; onChange(part: Partial<Scenario>): void }) {
  return (
    <div className={styles["ideas"]} role="group" aria-label="Policies to try">
      Try
      {IDEAS.map(([name, idea]) => (
        <Button key={name} size="small" onPress={() => onChange({ trust: { ...inForce, ...idea(inForce) } })}>
          {name}
        </Button>
      ))}
    </div>
  );
});

/** What of it is assumed, so that nobody takes it for measured. */
function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={styles["notes"]} aria-label="What is assumed">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

function signalsOf({ scores, dataAgeHours, snapshotMinutes, incident, frozen, apiDown }: Scenario): Present {
  return { scores, dataAgeHours, snapshotMinutes, incident, frozen, apiDown };
}

/** The last answer that was none of problems. */
function useLast<T>(answer: Answer<T> | undefined): T | null {
  const last = useRef<T | null>(null);
  if (answer?.ok === true) last.current = answer.value;
  return answer?.ok === true ? answer.value : last.current;
}

const NONE: ReturnType<typeof enough> = {};

/** The same object as long as it says the same, so that what shows it need not be drawn again. */
function useSame<T>(value: T): T {
  const last = useRef(value);
  if (JSON.stringify(last.current) !== JSON.stringify(value)) last.current = value;
  return last.current;
}

/** From which score a component alone would make the change pass. */
function enough({ decision }: Outcome): Partial<Record<HealthComponent, number>> {
  return Object.fromEntries(
    decision.would_change.remedies.flatMap(({ code, component, to }) => (code === "RAISE_COMPONENT" && component !== null && to !== null ? [[component, Math.ceil(to * 10) / 10]] : [])),
  );
}
