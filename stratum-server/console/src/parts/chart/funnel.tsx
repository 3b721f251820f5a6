import type { StepMetric } from "@stratum-trust/wasm/full";
import { span } from "~/words/figures";
import { Figures } from "./figures";
import styles from "./funnel.module.css";

interface Props {
  /** What the funnel is about, in a few words. */
  label: string;
  steps: readonly StepMetric[];
}

const percent = (rate: number | null) => (rate === null ? "–" : `${(rate * 100).toFixed(1)} %`);
const lasted = (seconds: number | null) => (seconds === null ? "–" : span(seconds * 1000));

/** How many came as far as each step of an ordered funnel, and how many stopped on the way there. */
export function FunnelSteps({ label, steps }: Props) {
  const most = steps[0]?.count ?? 0;
  return (
    <figure className={styles["funnel"]}>
      <ol className={styles["steps"]} aria-label={label}>
        {steps.map((step) => (
          <li key={step.step}>
            {step.step > 1 && (
              <p className={styles["between"]}>
                {step.drop_off_count === 0 ? "nobody stopped" : `${step.drop_off_count.toLocaleString("en")} stopped here (${percent(step.drop_off_rate)})`}
                {step.median_seconds_from_previous !== null && `; half went on within ${lasted(step.median_seconds_from_previous)}`}
              </p>
            )}
            <p className={styles["step"]}>
              <span className={styles["name"]}>{step.name ?? step.event_name ?? `Any ${step.step}`}</span>
              <span className="number">
                <b>{step.count.toLocaleString("en")}</b> <span className="soft">{percent(step.conversion_rate)}</span>
              </span>
              <span className={styles["track"]} aria-hidden="true">
                <span style={{ width: `${most === 0 ? 0 : (step.count / most) * 100}%` }} />
              </span>
            </p>
          </li>
        ))}
      </ol>
      <Figures
        name={label}
        head={["Step", "People", "Of all who began", "Stopped before it", "Median time from the step before"]}
        rows={steps.map((step) => ({ key: String(step.step), cells: [step.name ?? step.event_name ?? step.step, step.count.toLocaleString("en"), percent(step.conversion_rate), `${step.drop_off_count.toLocaleString("en")} (${percent(step.drop_off_rate)})`, lasted(step.median_seconds_from_previous)] }))}
      />
    </figure>
  );
}
