import type { Schema } from "~/api/client";
import { Badge } from "~/parts/badge";
import { Loading, Refusal } from "~/parts/states";
import { Sparkline } from "~/parts/sparkline";
import { score } from "~/words/figures";
import { type Decision, TONE_OF_DECISION, Word, word } from "~/words/vocabulary";
import { useHistory, useVariance } from "./queries";
import { series, tell } from "./story";
import styles from "./strip.module.css";

/** Every platform in a card: what the gate says, ninety days of health, and what happened. */
export function HealthStrip({ gates }: { gates: readonly Schema<"PlatformGate">[] }) {
  const worstFirst = [...gates].sort((a, b) => (a.score ?? 0) - (b.score ?? 0));
  return (
    <ul className={styles["strip"]} aria-label="The platforms">
      {worstFirst.map((gate) => (
        <PlatformCard key={gate.platform} gate={gate} />
      ))}
    </ul>
  );
}

function PlatformCard({ gate }: { gate: Schema<"PlatformGate"> }) {
  const history = useHistory(gate.platform);
  const variance = useVariance();
  const decision = gate.decision as Decision;
  if (history.error !== null) {
    return (
      <li className={styles["card"]}>
        <h3>{Word(gate.platform)}</h3>
        <Refusal problem={history.error} onAgain={() => void history.refetch()} />
      </li>
    );
  }
  if (history.data === undefined) {
    return (
      <li className={styles["card"]}>
        <Loading what={word(gate.platform)} />
      </li>
    );
  }
  const days = history.data;
  const claims = variance.data?.platforms.find((one) => one.platform === gate.platform)?.revenue_variance_pct ?? null;
  const story = tell(days, claims);
  return (
    <li className={`${styles["card"]} ${styles[TONE_OF_DECISION[decision]]}`}>
      <div className={styles["head"]}>
        <h3>
          <span className={styles["dot"]} style={{ background: `var(--${gate.platform.toLowerCase()})` }} aria-hidden="true" />
          {word(gate.platform)}
        </h3>
        <Badge tone={TONE_OF_DECISION[decision]}>{Word(decision)}</Badge>
      </div>
      <p className={`${styles["score"]} number`}>
        {score(gate.score)}
        <span className="soft"> / 100</span>
      </p>
      <div className={styles["lines"]}>
        <Sparkline values={days.map((day) => day.score)} bound={70} marks={story.marks} label={`Health of ${word(gate.platform)} over ${days.length} days, now ${score(gate.score)}`} />
        {story.component !== null && (
          <div className={styles["second"]}>
            <Sparkline values={series(days, story.component)} label={`${Word(story.component)} over ${days.length} days`} />
          </div>
        )}
      </div>
      <div className={story.tone === "pass" ? styles["calm"] : undefined}>
        <p className={`${styles["headline"]} ${styles[`said-${story.tone}`]}`}>{story.headline}</p>
        <p className={styles["text"]}>{story.text}</p>
      </div>
      <p className={styles["key"]} aria-hidden="true">
        <span>
          <i className={styles["solid"]} /> health, {days.length - 1} days
        </span>
        {story.component !== null && (
          <span>
            <i className={styles["other"]} /> {word(story.component)}
          </span>
        )}
        {story.marks.length > 0 && (
          <span>
            <i className={styles["odd"]} /> odd day
          </span>
        )}
      </p>
    </li>
  );
}
