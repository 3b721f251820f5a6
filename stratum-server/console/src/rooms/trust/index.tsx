import { useSearchParams } from "react-router";
import { useHealth, useHistory, useVariance } from "~/health/queries";
import { tell } from "~/health/story";
import { Badge } from "~/parts/badge";
import { Room } from "~/parts/room";
import { Loading, Nothing, Refusal } from "~/parts/states";
import { useSession } from "~/session/session";
import { score } from "~/words/figures";
import { type Platform, type Tone, word, Word } from "~/words/vocabulary";
import { DecisionDialog } from "./decision";
import { Decisions } from "./decisions";
import styles from "./index.module.css";
import { PlatformStory } from "./platform";

/** Whether the signals of each platform can be trusted, since when, and what was decided by them. */
export default function Trust() {
  const health = useHealth();
  const { can } = useSession();
  const [search, setSearch] = useSearchParams();
  const set = (name: string, value: string | null) =>
    setSearch((before) => {
      const next = new URLSearchParams(before);
      if (value === null) next.delete(name);
      else next.set(name, value);
      return next;
    });
  if (health.error !== null || health.data === undefined) {
    return <Room title="Trust">{health.error === null ? <Loading what="the health of your signals" /> : <Refusal problem={health.error} onAgain={() => void health.refetch()} />}</Room>;
  }
  const platforms = [...health.data.platforms].sort((a, b) => a.score - b.score);
  const asked = search.get("platform");
  const chosen = platforms.find(({ platform }) => platform === asked) ?? platforms[0];
  const decision = search.get("decision");
  const needed = Math.max(health.data.thresholds.healthy, health.data.thresholds.execution_floor);
  return (
    <Room title="Trust" lead={lead(platforms, needed)}>
      {chosen === undefined ? (
        <Nothing>No platform is connected yet.</Nothing>
      ) : (
        <>
          <div className={styles["platforms"]} role="group" aria-label="The platforms, from the lowest health on">
            {platforms.map(({ platform, score: value, status }) => (
              <Pick
                key={platform}
                platform={platform as Platform}
                value={value}
                tone={value >= needed ? "pass" : status === "UNHEALTHY" ? "block" : "hold"}
                isChosen={platform === chosen.platform}
                onChoose={() => set("platform", platform)}
              />
            ))}
          </div>
          <PlatformStory key={chosen.platform} platform={chosen.platform as Platform} thresholds={health.data.thresholds} />
          {can("reports:write") ? <Decisions onOpen={(id) => set("decision", id)} /> : <Nothing>Analysts and above see what the gate decided.</Nothing>}
          {decision !== null && can("reports:write") && <DecisionDialog id={decision} onClose={() => set("decision", null)} />}
        </>
      )}
    </Room>
  );
}

function lead(platforms: readonly { platform: string; score: number }[], needed: number): string {
  const low = platforms.filter(({ score: value }) => value < needed).map(({ platform }) => word(platform));
  const names = new Intl.ListFormat("en", { type: "conjunction" }).format(low);
  if (low.length === 0) return "The signals of every platform are good enough for automated changes.";
  return `Automated changes wait on ${names}, because the signals there cannot be trusted enough. ${platforms.length - low.length} of ${platforms.length} platforms are good enough.`;
}

function Pick({ platform, value, tone, isChosen, onChoose }: { platform: Platform; value: number; tone: Tone; isChosen: boolean; onChoose(): void }) {
  const history = useHistory(platform);
  const variance = useVariance();
  const claims = variance.data?.platforms.find((one) => one.platform === platform)?.revenue_variance_pct ?? null;
  const story = history.data === undefined ? null : tell(history.data, claims);
  return (
    <button type="button" className={`${styles["pick"]} ${styles[tone]}`} aria-pressed={isChosen} onClick={onChoose}>
      <span className={styles["name"]}>
        <span className={styles["dot"]} style={{ background: `var(--${platform.toLowerCase()})` }} aria-hidden="true" />
        {word(platform)}
        <Badge tone={tone}>{tone === "pass" ? Word("PASS") : tone === "hold" ? Word("HOLD") : Word("BLOCK")}</Badge>
      </span>
      <span className={`${styles["score"]} number`}>
        {score(value)}
        <span className="soft"> / 100</span>
      </span>
      <span className={styles["headline"]}>{story?.headline ?? ""}</span>
    </button>
  );
}
