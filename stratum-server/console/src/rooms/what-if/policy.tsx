import type { ActionType, HealthPreset } from "@stratum-trust/wasm";
import { memo, useCallback } from "react";
import { Button } from "~/parts/button";
import { Card } from "~/parts/card";
import { Choice, Tick } from "~/parts/choice";
import { Slider } from "~/parts/slider";
import { Badge } from "~/parts/badge";
import { score } from "~/words/figures";
import { TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import styles from "./controls.module.css";
import { COMPONENTS, counted, type Outcome, type Overrides, PRESETS, type Scenario, type Trust } from "./scenario";
import { rebalance } from "./weights";

interface Props {
  scenario: Scenario;
  inForce: Trust;
  outcome: Outcome;
  onChange(part: Partial<Scenario>): void;
}

function without(overrides: Overrides, type: keyof Overrides): Overrides {
  return Object.fromEntries(Object.entries(overrides).filter(([name]) => name !== type));
}

/** The policy that is tried, beginning with the one in force; nothing is saved on the server. */
export function ThePolicy({ scenario, inForce, outcome, onChange }: Props) {
  const { trust, change } = scenario;
  const isOwn = JSON.stringify(trust) !== JSON.stringify(inForce);
  const back = useCallback(() => onChange({ trust: inForce }), [onChange, inForce]);
  return (
    <Card title="The policy you try" id="policy" actions={<AsInForce isDisabled={!isOwn} onPress={back} />}>
      <p className={styles["now"]}>
        <Badge tone={TONE_OF_DECISION[outcome.decision.decision]}>{Word(outcome.decision.decision)}</Badge>
        <span className="number">
          above, {score(outcome.health.score)} of {outcome.decision.gate.threshold}
        </span>
      </p>
      <Rows trust={trust} type={change.type} onChange={onChange} />
    </Card>
  );
}

const AsInForce = memo(function AsInForce({ isDisabled, onPress }: { isDisabled: boolean; onPress(): void }) {
  return (
    <Button size="small" look="quiet" isDisabled={isDisabled} onPress={onPress}>
      As in force
    </Button>
  );
});

/** What does not change with the verdict: a move of a signal leaves it as it is. */
const Rows = memo(function Rows({ trust, type, onChange }: { trust: Trust; type: ActionType; onChange: Props["onChange"] }) {
  const set = (part: Partial<Trust>) => onChange({ trust: { ...trust, ...part } });
  const weighed = COMPONENTS.filter((name) => name in trust.weights);
  const preset = (name: HealthPreset) => set({ preset: name, weights: name === "CUSTOM" ? trust.weights : PRESETS[name] });
  return (
    <>
      <div className={styles["rows"]}>
        <Slider label="Healthy from" note="passes" min={41} max={100} step={0.5} value={trust.healthy} onChange={(healthy) => set({ healthy, degraded: Math.min(trust.degraded, healthy - 0.5) })} />
        <Slider label="Degraded from" note="below: blocked" min={1} max={99} step={0.5} value={trust.degraded} onChange={(degraded) => set({ degraded, healthy: Math.max(trust.healthy, degraded + 0.5) })} />
        <Slider
          label={Word(type)}
          note="own threshold"
          min={70}
          max={100}
          step={0.5}
          value={trust.overrides[type] ?? null}
          onChange={(override) => set({ overrides: { ...trust.overrides, [type]: override } })}
          onMissing={(missing) => set({ overrides: missing ? without(trust.overrides, type) : { ...trust.overrides, [type]: 80 } })}
          missingText="as healthy"
        />
        <p className={styles["hint"]}>Below 70 nothing runs by itself, whatever a policy says.</p>
        <Choice
          label="Profile"
          value={trust.profile}
          options={[
            ["STANDARD", "standard"],
            ["CAUTIOUS", "cautious: 80 for raises"],
          ]}
          onChange={(profile) => set({ profile })}
        />
        <Choice
          label="Weights"
          value={trust.preset}
          options={[
            ["FIVE", "five components"],
            ["FOUR", "four components"],
            ["CUSTOM", "your own"],
          ]}
          onChange={preset}
        />
        {weighed.map((name) => (
          <Slider
            key={name}
            label={`Weight of ${word(name)}`}
            unit="%"
            min={name === "EMQ" ? 20 : 0}
            max={100}
            value={trust.weights[name] ?? 0}
            onChange={(value) => set({ preset: "CUSTOM", weights: rebalance(trust.weights, name, value) })}
          />
        ))}
      </div>
      <details className={styles["more"]}>
        <summary>Without which nothing runs</summary>
        <p className={styles["hint"]}>Match quality and every component that weighs 25 % or more are required anyway.</p>
        <div className={styles["ticks"]}>
          {counted(trust).map((name) => {
            const always = name === "EMQ" || (trust.weights[name] ?? 0) >= 25;
            const isOn = always || trust.required.includes(name);
            return <Tick key={name} label={Word(name)} isOn={isOn} onChange={(on) => !always && set({ required: on ? [...trust.required, name] : trust.required.filter((one) => one !== name) })} />;
          })}
        </div>
      </details>
    </>
  );
});
