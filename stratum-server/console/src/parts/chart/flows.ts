// Paths as a Sankey diagram reads them: who stood where at each step, and where they went from there.

/** People who went the same way. */
export interface Path {
  /** Where they were, in order. */
  stops: readonly string[];
  /** How it ended. */
  end: string;
  count: number;
}

export interface Stop {
  id: string;
  name: string;
  /** The place of the stop in the paths, from 0; of an end the number of columns before it. */
  column: number;
  isEnd: boolean;
}

export interface Flow {
  source: string;
  target: string;
  value: number;
}

/** What stands for the stops of a long path that do not get a column of their own. */
export const FURTHER = "further stops";

/** Nodes and flows of the first `columns` stops; longer paths end in one node for all further stops. */
export function flows(paths: readonly Path[], columns: number): { stops: Stop[]; flows: Flow[] } {
  const stops = new Map<string, Stop>();
  const found = new Map<string, Flow>();
  const ends: Stop[] = [];
  for (const { stops: all, end, count } of paths) {
    const shown = all.length > columns ? [...all.slice(0, columns - 1), FURTHER] : all;
    const way = shown.map((name, column): Stop => ({ id: `${column} ${name}`, name, column, isEnd: false }));
    const last: Stop = { id: `end ${end}`, name: end, column: columns, isEnd: true };
    for (const stop of way) if (!stops.has(stop.id)) stops.set(stop.id, stop);
    if (!ends.some(({ id }) => id === last.id)) ends.push(last);
    [...way, last].reduce((from, to) => {
      const key = `${from.id} > ${to.id}`;
      const flow = found.get(key) ?? { source: from.id, target: to.id, value: 0 };
      flow.value += count;
      found.set(key, flow);
      return to;
    });
  }
  return { stops: [...stops.values(), ...ends], flows: [...found.values()] };
}
