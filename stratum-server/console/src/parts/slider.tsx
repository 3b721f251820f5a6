import { type CSSProperties, memo, useCallback, useId, useRef } from "react";
import styles from "./slider.module.css";

interface Props {
  label: string;
  /** Null where nothing was measured. */
  value: number | null;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  /** A value that matters, such as the one from which a change would pass. */
  bound?: number | null;
  note?: string | undefined;
  /** Given where the value can be missing: a switch stands beside the slider. */
  onMissing?: (missing: boolean) => void;
  /** What a value that is missing means; "not measured" where nothing else is said. */
  missingText?: string;
  onChange(value: number): void;
}

/**
 * A number that is moved or typed: the browser's own range and number inputs, so that a move costs next to nothing. It is
 * drawn again when something that it shows is another, whatever functions it is given.
 */
export function Slider({ onChange, onMissing, ...shown }: Props) {
  const latest = useRef({ onChange, onMissing });
  latest.current = { onChange, onMissing };
  const change = useCallback((value: number) => latest.current.onChange(value), []);
  const miss = useCallback((missing: boolean) => latest.current.onMissing?.(missing), []);
  return <Drawn {...shown} onChange={change} {...(onMissing === undefined ? {} : { onMissing: miss })} />;
}

const Drawn = memo(function Drawn({ label, value, min, max, step = 1, unit, bound, note, onMissing, missingText = "not measured", onChange }: Props) {
  const id = useId();
  const at = (number: number) => (Math.min(Math.max(number, min), max) - min) / (max - min);
  const set = (text: string) => {
    const number = Number(text);
    if (text !== "" && Number.isFinite(number)) onChange(Math.min(Math.max(number, min), max));
  };
  const missing = value === null;
  return (
    <div className={`${styles["slider"]} ${missing ? styles["missing"] : ""}`}>
      <label htmlFor={id} className={styles["label"]}>
        {label}
        {note !== undefined && <span className={styles["note"]}> {note}</span>}
      </label>
      <span className={styles["track"]} style={{ "--at": at(value ?? min), "--bound": at(bound ?? min) } as CSSProperties}>
        <input
          id={id}
          type="range"
          min={min}
          max={max}
          step={step}
          value={value ?? min}
          disabled={missing}
          aria-valuetext={missing ? missingText : `${value}${unit === undefined ? "" : ` ${unit}`}${bound === null || bound === undefined ? "" : `, ${bound} would be enough`}`}
          onChange={(event) => set(event.target.value)}
        />
        {bound !== null && bound !== undefined && <span className={styles["bound"]} title={`${bound} would be enough`} aria-hidden="true" />}
      </span>
      <span className={styles["figure"]} style={{ "--unit": unit?.length ?? 0 } as CSSProperties}>
        {missing ? (
          <span className={styles["none"]}>{missingText}</span>
        ) : (
          <>
            <input type="number" aria-label={`${label}, exactly`} min={min} max={max} step="any" value={value} onChange={(event) => set(event.target.value)} />
            {unit !== undefined && <span className={styles["unit"]}>{unit}</span>}
          </>
        )}
      </span>
      {onMissing !== undefined && (
        <label className={styles["switch"]}>
          <input type="checkbox" checked={!missing} title={missing ? `${missingText}; tick to give a value` : `untick for: ${missingText}`} aria-label={`${label}: ${missing ? missingText : "given"}`} onChange={(event) => onMissing(!event.target.checked)} />
        </label>
      )}
    </div>
  );
});
