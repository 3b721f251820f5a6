import styles from "./sparkline.module.css";

interface Props {
  /** Oldest first; null where nothing was measured. */
  values: readonly (number | null)[];
  /** The range of the values. */
  from?: number;
  to?: number;
  /** A line that matters, such as the threshold; what lies below it is coloured. */
  bound?: number;
  /** Points that stand out. */
  marks?: readonly number[];
  /** What is seen, for those who do not see it. */
  label: string;
}

const WIDTH = 240;
const HEIGHT = 56;

/** A small line without axes. Always with a sentence that says the same. */
export function Sparkline({ values, from = 0, to = 100, bound, marks = [], label }: Props) {
  const x = (index: number) => (values.length < 2 ? WIDTH : (index / (values.length - 1)) * WIDTH);
  const y = (value: number) => HEIGHT - 2 - ((Math.min(Math.max(value, from), to) - from) / (to - from)) * (HEIGHT - 4);
  let path = "";
  let pen = "M";
  values.forEach((value, index) => {
    if (value === null) {
      pen = "M";
      return;
    }
    path += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  const last = values.length - 1;
  return (
    <svg className={styles["line"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
      {bound !== undefined && (
        <>
          <rect x="0" width={WIDTH} y={y(bound)} height={HEIGHT - y(bound)} className={styles["below"]} />
          <line x1="0" x2={WIDTH} y1={y(bound)} y2={y(bound)} className={styles["bound"]} />
        </>
      )}
      <path d={path} className={styles["path"]} />
      {/* Lines without length keep their round ends when the picture is stretched; circles would not. */}
      {[...marks.map((index) => [index, "mark"] as const), [last, "now"] as const].map(([index, kind]) => {
        const value = values[index];
        return typeof value === "number" ? <path key={`${kind} ${index}`} d={`M${x(index).toFixed(1)} ${y(value).toFixed(1)}h0`} className={styles[kind]} /> : null;
      })}
    </svg>
  );
}
