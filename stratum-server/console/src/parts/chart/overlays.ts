import type uPlot from "uplot";
import type { Tone } from "~/words/vocabulary";
import { colour } from "./palette";

/** A ground between two values of the y axis. */
export interface Band {
  from: number;
  to: number;
  tone: Tone;
}

/** An instant, or a span where `until` is given, in milliseconds since 1970. */
export interface Mark {
  at: number;
  until?: number;
  tone: Tone;
  label?: string;
}

export function drawBands(plot: uPlot, bands: readonly Band[]): void {
  const { ctx } = plot;
  const { left, width, top, height } = plot.bbox;
  ctx.save();
  for (const band of bands) {
    const upper = Math.max(plot.valToPos(band.to, "y", true), top);
    const lower = Math.min(plot.valToPos(band.from, "y", true), top + height);
    ctx.globalAlpha = 0.55;
    ctx.fillStyle = colour(`--${band.tone}-ground`);
    ctx.fillRect(left, upper, width, lower - upper);
  }
  ctx.restore();
}

export function drawMarks(plot: uPlot, marks: readonly Mark[]): void {
  const { ctx } = plot;
  const { left, width, top, height } = plot.bbox;
  const inside = (x: number) => Math.min(Math.max(x, left), left + width);
  ctx.save();
  for (const mark of marks) {
    const x = inside(plot.valToPos(mark.at / 1000, "x", true));
    const fill = colour(`--${mark.tone}-fill`);
    if (mark.until !== undefined) {
      ctx.globalAlpha = 0.16;
      ctx.fillStyle = fill;
      ctx.fillRect(x, top, Math.max(inside(plot.valToPos(mark.until / 1000, "x", true)) - x, 2), height);
    }
    ctx.globalAlpha = 1;
    ctx.fillStyle = fill;
    ctx.fillRect(x, top, devicePixelRatio * 1.5, height);
    if (mark.label !== undefined) {
      ctx.fillStyle = colour(`--${mark.tone}`);
      ctx.font = `600 ${11 * devicePixelRatio}px Inter Variable, system-ui, sans-serif`;
      // At the foot, where lines seldom are, and on the side where there is room.
      const isLate = x > left + width * 0.85;
      ctx.textAlign = isLate ? "right" : "left";
      ctx.textBaseline = "alphabetic";
      ctx.fillText(mark.label, x + (isLate ? -5 : 5) * devicePixelRatio, top + height - 8 * devicePixelRatio);
    }
  }
  ctx.restore();
}
