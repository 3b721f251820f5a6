import "uplot/dist/uPlot.min.css";
import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import { useTheme } from "~/theme/theme";
import { onDay } from "~/words/figures";
import type { Tone } from "~/words/vocabulary";
import styles from "./chart.module.css";
import { type Band, drawBands, drawMarks, type Mark } from "./overlays";
import { colour } from "./palette";

export interface Line {
  label: string;
  /** One value per instant; null where there is none. */
  values: readonly (number | null)[];
  /** A colour of tokens.css, such as `--tiktok`. */
  colour: string;
  width?: number;
  dash?: number[];
  /** How a value is said, in the legend and in the table. */
  say?: (value: number) => string;
}

interface Props {
  /** What the chart shows, in a sentence: read out, and the caption of the table. */
  label: string;
  /** Milliseconds since 1970, ascending. */
  times: readonly number[];
  lines: readonly Line[];
  range?: readonly [number, number];
  height?: number;
  /** Grounds between two values, such as the verdicts of the gate. */
  bands?: readonly Band[];
  /** Instants or spans that are marked, such as incidents. */
  marks?: readonly Mark[];
  /** The person clicked at this instant, an index into `times`. */
  onPick?: (index: number) => void;
}

/**
 * A chart over time, on a canvas (uPlot) so that it repaints within a frame while a slider moves. Data alone are set
 * anew; a chart is only made again when its lines, its overlays or the theme change. What it shows is also a table.
 */
export function Chart({ label, times, lines, range, height = 260, bands, marks, onPick }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useTheme();
  const overlays = useRef({ bands, marks, onPick });
  overlays.current = { bands, marks, onPick };

  const data = useMemo<uPlot.AlignedData>(() => [times.map((at) => at / 1000), ...lines.map((line) => [...line.values])], [times, lines]);
  const shape = JSON.stringify([lines.map(({ label, colour, width, dash }) => [label, colour, width, dash]), range, height, theme]);

  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const made = new uPlot(options({ lines, range, height, width: box.clientWidth, overlays }), data, box);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height }));
    watcher.observe(box);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
    // `shape` says when the chart itself differs; data are set below.
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);
  useEffect(() => {
    plot.current?.redraw(false);
  }, [bands, marks]);

  return (
    <figure className={styles["chart"]}>
      <div ref={place} role="img" aria-label={label} style={{ minHeight: height }} />
    </figure>
  );
}

interface Making {
  lines: readonly Line[];
  range: readonly [number, number] | undefined;
  height: number;
  width: number;
  overlays: { readonly current: { [Key in "bands" | "marks" | "onPick"]: Props[Key] | undefined } };
}

function options({ lines, range, height, width, overlays }: Making): uPlot.Options {
  const ink = colour("--ink-soft");
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid, font: "12px Inter Variable, system-ui, sans-serif" };
  return {
    width,
    height,
    padding: [8, 20, 0, 0],
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    legend: { live: true },
    axes: [{ ...axis, space: 70, values: (_, instants) => instants.map((at) => onDay(at * 1000)) }, { ...axis, size: 44 }],
    scales: range === undefined ? {} : { y: { range: [range[0], range[1]] } },
    series: [
      { label: "Day", value: (_, at: number | null) => (at === null ? "–" : onDay(at * 1000)) },
      ...lines.map<uPlot.Series>((line) => ({
        label: line.label,
        stroke: colour(line.colour),
        width: line.width ?? 2,
        points: { show: false },
        ...(line.dash ? { dash: line.dash } : {}),
        ...(line.say ? { value: (_: uPlot, value: number | null) => (value === null ? "–" : line.say?.(value) ?? "") } : {}),
      })),
    ],
    hooks: {
      // Where nobody points at a day, the legend tells the last one.
      setCursor: [(made) => typeof made.cursor.idx !== "number" && tellLast(made)],
      setData: [tellLast],
      drawClear: [(made) => drawBands(made, overlays.current.bands ?? [])],
      draw: [(made) => drawMarks(made, overlays.current.marks ?? [])],
      ready: [
        tellLast,
        (made) => {
          made.over.addEventListener("click", () => {
            const index = made.cursor.idx;
            if (typeof index === "number") overlays.current.onPick?.(index);
          });
        },
      ],
    },
  };
}

function tellLast(made: uPlot): void {
  made.setLegend({ idx: made.data[0].length - 1 });
}

export type { Band, Mark, Tone };
