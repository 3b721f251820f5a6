// Where the identifiers of a graph stand: a column for each step from the first, near those that they hang on.

import type { IdentityGraph } from "@stratum-trust/wasm/full";

export interface Placed {
  identifier: string;
  depth: number;
  /** The place in its column, from 0; whole numbers. */
  place: number;
}

/** The columns of a graph; in each the identifiers stand in the order of their neighbours one step nearer. */
export function columns({ nodes, edges }: Pick<IdentityGraph, "nodes" | "edges">): Placed[][] {
  const deep = Math.max(0, ...nodes.map(({ depth }) => depth));
  const found: Placed[][] = [];
  for (let depth = 0; depth <= deep; depth++) {
    const nearer = new Map((found[depth - 1] ?? []).map(({ identifier, place }) => [identifier, place]));
    const rank = (identifier: string): number => {
      const places = edges.flatMap(({ from, to }) => (from === identifier ? [nearer.get(to)] : to === identifier ? [nearer.get(from)] : [])).filter((place) => place !== undefined);
      return places.length === 0 ? 0 : places.reduce((sum, place) => sum + place, 0) / places.length;
    };
    const here = nodes.filter((node) => node.depth === depth).map(({ identifier }) => ({ identifier, rank: rank(identifier) }));
    here.sort((a, b) => a.rank - b.rank || (a.identifier < b.identifier ? -1 : 1));
    found.push(here.map(({ identifier }, place) => ({ identifier, depth, place })));
  }
  return found;
}
