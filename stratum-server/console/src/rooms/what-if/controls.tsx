import type { HealthComponent } from "@stratum-trust/wasm";
import { memo } from "react";
import { Button } from "~/parts/button";
import { Card } from "~/parts/card";
import { Choice, Tick } from "~/parts/choice";
import { Slider } from "~/parts/slider";
import { Word, word } from "~/words/vocabulary";
import styles from "./controls.module.css";
import { ACTIONS, type Change, counted, hasAmounts, type Limits, type Scenario } from "./scenario";

// Each card is given the part of the scenario that it shows and no more: a move of a slider then draws its own card again
// and leaves the others as they are.

interface Props {
  onChange(part: Partial<Scenario>): void;
}

type OfSignals = Pick<Scenario, "platform" | "scores" | "dataAgeHours" | "snapshotMinutes" | "incident" | "apiDown" | "frozen"> & Pick<Scenario["trust"], "weights" | "blend">;

interface SignalsProps extends Props, OfSignals {
  /** From which score of a component the change would pass, where one component could do it. */
  enough: Partial<Record<HealthComponent, number>>;
  onMeasured(): void;
}

const tenth = (value: number) => Math.round(value * 10) / 10;

/** What the signals of the platform are like. */
export const Signals = memo(function Signals({ platform, weights, blend, scores, dataAgeHours, snapshotMinutes, incident, apiDown, frozen, enough, onChange, onMeasured }: SignalsProps) {
  return (
    <Card
      title={`Signals of ${word(platform)}`}
      id="signals"
      actions={
        <Button size="small" look="quiet" onPress={onMeasured}>
          As measured now
        </Button>
      }
    >
      <div className={styles["rows"]}>
        {counted({ weights, blend }).map((name) => (
          <Slider
            key={name}
            label={Word(name)}
            note={name in weights ? `${tenth(weights[name] ?? 0)} %` : "10 %"}
            min={0}
            max={100}
            step={0.5}
            value={scores[name] === null || scores[name] === undefined ? null : tenth(scores[name])}
            bound={enough[name] ?? null}
            onChange={(value) => onChange({ scores: { ...scores, [name]: value } })}
            onMissing={(missing) => onChange({ scores: { ...scores, [name]: missing ? null : 90 } })}
          />
        ))}
        <Slider label="Age of the newest data" unit="h" min={0} max={72} step={0.5} value={dataAgeHours} onChange={(dataAgeHours) => onChange({ dataAgeHours })} />
        <Slider label="Health was taken" unit="min ago" min={0} max={180} value={snapshotMinutes} onChange={(snapshotMinutes) => onChange({ snapshotMinutes })} />
      </div>
      <p className={styles["hint"]}>The box beside a slider says that the signal was measured: untick it to see what the gate does without. A green mark is the score that would be enough.</p>
      <div className={styles["ticks"]}>
        <Tick label="A critical incident is open" isOn={incident} onChange={(incident) => onChange({ incident })} />
        <Tick label="The platform's API is down or refuses the credentials" isOn={apiDown} onChange={(apiDown) => onChange({ apiDown })} />
        <Tick label="The kill switch is engaged" isOn={frozen} onChange={(frozen) => onChange({ frozen })} />
      </div>
    </Card>
  );
});

/** What is to be changed, and what is known about it. */
export const TheChange = memo(function TheChange({ change, hasDailyLimit, currency, onChange }: Props & { change: Change; hasDailyLimit: boolean; currency: string }) {
  const set = (part: Partial<Change>) => onChange({ change: { ...change, ...part } });
  const most = Math.max(1000, Math.ceil((change.before * 3) / 10_000) * 100);
  return (
    <Card title="The change" id="change">
      <div className={styles["rows"]}>
        <Choice label="What is done" value={change.type} options={ACTIONS.map((type) => [type, Word(type)] as const)} onChange={(type) => set({ type })} />
        {hasAmounts(change.type) && (
          <>
            <Slider label="From" unit={currency} min={1} max={most} value={change.before / 100} onChange={(value) => set({ before: Math.round(value * 100), ...(change.opening === change.before ? { opening: Math.round(value * 100) } : {}) })} />
            <Slider label="To" unit={currency} note={percent(change)} min={1} max={most} value={change.after / 100} onChange={(value) => set({ after: Math.round(value * 100) })} />
          </>
        )}
        <Slider label="Return on ad spend" note="last days" min={0} max={10} step={0.05} value={change.roas} onChange={(roas) => set({ roas })} onMissing={(missing) => set({ roas: missing ? null : 3 })} />
        <Slider label="Views per person" note="7 days" min={0} max={10} step={0.05} value={change.frequency} onChange={(frequency) => set({ frequency })} onMissing={(missing) => set({ frequency: missing ? null : 1.8 })} />
      </div>
      <details className={styles["more"]}>
        <summary>What happened before today</summary>
        <div className={styles["rows"]}>
          {change.type.startsWith("BUDGET") && (
            <Slider label="Budget this morning" unit={currency} min={1} max={most} value={change.opening / 100} onChange={(value) => set({ opening: Math.round(value * 100) })} />
          )}
          <Slider label="Other changes today" min={0} max={30} value={change.changesToday} onChange={(value) => set({ changesToday: Math.round(value) })} />
          <Slider label="Last change" unit="h ago" min={0} max={72} step={0.5} value={change.hoursSince} onChange={(hoursSince) => set({ hoursSince })} onMissing={(missing) => set({ hoursSince: missing ? null : 2 })} missingText="never" />
          {hasDailyLimit && (
            <>
              <Slider label="Other daily budgets" unit={currency} min={0} max={50_000} value={change.otherBudgets / 100} onChange={(value) => set({ otherBudgets: Math.round(value * 100) })} />
              <Slider label="Spent today" unit={currency} min={0} max={50_000} value={change.spentToday / 100} onChange={(value) => set({ spentToday: Math.round(value * 100) })} />
            </>
          )}
        </div>
      </details>
    </Card>
  );
});

function percent({ before, after }: Change): string {
  const by = ((after - before) / before) * 100;
  return `${by > 0 ? "+" : by < 0 ? "−" : "±"}${tenth(Math.abs(by))} %`;
}

/** How far a change may go. */
export const TheLimits = memo(function TheLimits({ limits, currency, onChange }: Props & { limits: Limits; currency: string }) {
  const set = (part: Partial<Limits>) => onChange({ limits: { ...limits, ...part } });
  return (
    <Card title="Your limits" id="limits">
      <div className={styles["rows"]}>
        <Choice
          label="A broken limit"
          value={limits.mode}
          options={[
            ["ADVISORY", "is only a warning"],
            ["SOFT_BLOCK", "asks for confirmation"],
            ["HARD_BLOCK", "forbids the change"],
          ]}
          onChange={(mode) => set({ mode })}
        />
        <Slider label="Largest raise in a day" unit="%" min={1} max={100} value={limits.maxIncreasePct} onChange={(maxIncreasePct) => set({ maxIncreasePct })} />
        <Slider label="Largest budget" unit={currency} min={1} max={Math.max(20_000, limits.maxBudget / 50)} value={limits.maxBudget / 100} onChange={(value) => set({ maxBudget: Math.round(value * 100) })} />
        <Slider label="Least return" min={0} max={10} step={0.1} value={limits.roas} onChange={(roas) => set({ roas })} />
        <Slider label="Most views per person" min={0.5} max={10} step={0.1} value={limits.frequencyCap} onChange={(frequencyCap) => set({ frequencyCap })} />
        <Slider label="Changes a day" min={1} max={50} value={limits.changesPerDay} onChange={(value) => set({ changesPerDay: Math.round(value) })} />
        <Slider label="Between two changes" unit="h" min={0} max={72} value={limits.hoursBetween} onChange={(value) => set({ hoursBetween: Math.round(value) })} />
        <Slider
          label="Spend in a day"
          unit={currency}
          min={0}
          max={100_000}
          value={limits.dailySpend === null ? null : limits.dailySpend / 100}
          onChange={(value) => set({ dailySpend: Math.round(value * 100) })}
          onMissing={(missing) => set({ dailySpend: missing ? null : 1_000_000 })}
          missingText="no limit"
        />
      </div>
    </Card>
  );
});
