import { useLiveState } from "~/live/live";
import styles from "./live-sign.module.css";

const TEXT = { live: "Live", connecting: "Connecting", away: "Not live" };

/** Whether the page shows the present. */
export function LiveSign() {
  const state = useLiveState();
  return (
    <span role="status" className={`${styles["sign"]} ${styles[state]}`} title={state === "live" ? "Changes appear by themselves" : "The stream of changes is interrupted; trying again"}>
      <span className={styles["dot"]} aria-hidden="true" />
      {TEXT[state]}
    </span>
  );
}
