import { capital } from "~/words/vocabulary";
import styles from "./credit.module.css";
import { Figures } from "./figures";
import { channelName, coloursOf } from "./series";

/** What one model credits, in the order of the channels. */
export interface Credit {
  name: string;
  /** What the model does, in a few words. */
  note?: string;
  credits: readonly number[];
}

interface Props {
  /** What is credited, such as "revenue". */
  what: string;
  channels: readonly string[];
  models: readonly Credit[];
  say(credit: number): string;
}

/** Below this share a part is too small for its figure. */
const ROOM_PCT = 9;

/** Who is credited with what, by each model: one bar a model, all as long, because all share out the same. */
export function CreditByModel({ what, channels, models, say }: Props) {
  const colours = coloursOf(channels);
  return (
    <figure className={styles["credit"]}>
      <ul className={styles["key"]} aria-hidden="true">
        {channels.map((channel) => (
          <li key={channel}>
            <i style={{ background: colours.get(channel) }} /> {channelName(channel)}
          </li>
        ))}
      </ul>
      <ul className={styles["bars"]} aria-label={`${capital(what)} by channel, under each model`}>
        {models.map((model) => {
          const whole = model.credits.reduce((sum, one) => sum + one, 0);
          const share = (index: number) => (whole === 0 ? 0 : ((model.credits[index] ?? 0) / whole) * 100);
          return (
            <li key={model.name}>
              <span className={styles["name"]}>
                {model.name}
                {model.note !== undefined && <small>{model.note}</small>}
              </span>
              <span className={styles["bar"]} role="img" aria-label={`${model.name}: ${channels.map((channel, index) => `${channelName(channel)} ${say(model.credits[index] ?? 0)}`).join(", ")}`}>
                {channels.map((channel, index) => (
                  <span key={channel} style={{ width: `${share(index)}%`, background: colours.get(channel) }} title={`${channelName(channel)}: ${say(model.credits[index] ?? 0)}, ${share(index).toFixed(1)} %`}>
                    {share(index) >= ROOM_PCT && `${Math.round(share(index))} %`}
                  </span>
                ))}
              </span>
            </li>
          );
        })}
      </ul>
      <Figures name={`${capital(what)} by model`} head={["Channel", ...models.map(({ name }) => name)]} rows={channels.map((channel, index) => ({ key: channel, cells: [channelName(channel), ...models.map(({ credits }) => say(credits[index] ?? 0))] }))} />
    </figure>
  );
}
