// A shop's month, made up, so that the room shows something before anybody has a file. The same on every machine.

interface Way {
  channels: readonly string[];
  often: number;
  /** How many of a hundred buy. */
  buy: number;
}

const WAYS: readonly Way[] = [
  { channels: ["meta"], often: 9, buy: 9 },
  { channels: ["google"], often: 12, buy: 22 },
  { channels: ["email"], often: 6, buy: 30 },
  { channels: ["tiktok"], often: 9, buy: 4 },
  { channels: ["direct"], often: 8, buy: 24 },
  { channels: ["meta", "google"], often: 11, buy: 34 },
  { channels: ["tiktok", "meta"], often: 8, buy: 16 },
  { channels: ["tiktok", "google"], often: 7, buy: 28 },
  { channels: ["meta", "email"], often: 6, buy: 36 },
  { channels: ["google", "direct"], often: 6, buy: 40 },
  { channels: ["snapchat", "meta", "google"], often: 6, buy: 34 },
  { channels: ["tiktok", "meta", "google"], often: 6, buy: 42 },
  { channels: ["meta", "google", "email"], often: 4, buy: 52 },
  { channels: ["meta", "meta", "google", "direct"], often: 2, buy: 60 },
];

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 2, 1);
const PEOPLE = 900;

/** Mulberry32: small, and the same everywhere. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The file, as CSV. */
export function example(): string {
  const random = chance(20260301);
  const below = (most: number) => Math.floor(random() * most);
  const all = WAYS.reduce((sum, { often }) => sum + often, 0);
  const lines: [number, string][] = [];
  for (let person = 1; person <= PEOPLE; person++) {
    let pick = below(all);
    const way = WAYS.find(({ often }) => (pick -= often) < 0) ?? (WAYS[0] as Way);
    const mail = `person${person}@shop.example`;
    const visitors = [`v${person}`, ...(random() < 0.3 ? [`v${person}-phone`] : [])];
    const visitor = () => visitors[below(visitors.length)] ?? "";
    let at = BEGIN + below(22 * 24) * HOUR;
    const write = (event: string, channel: string, value: string, who: { email?: string; customer?: string; visitor?: string }) => {
      lines.push([at, [new Date(at).toISOString(), event, channel, value, who.customer ?? "", who.email ?? "", who.visitor ?? ""].join(",")]);
      at += HOUR / 60 + below(HOUR / 2);
    };
    for (const channel of way.channels) {
      write("PageView", channel, "", { visitor: visitor() });
      if (random() < 0.72) write("ProductViewed", "", "", { visitor: visitor() });
      at += (3 + below(60)) * HOUR;
    }
    const buys = random() * 100 < way.buy;
    if (!buys && random() < 0.55) continue;
    // Who puts something into the basket gives an address; each device that does so is then known to be the same person's.
    for (const one of visitors) write("Login", "", "", { email: mail, visitor: one });
    write("ProductViewed", "", "", { visitor: visitor() });
    write("AddToCart", "", "", { email: mail, visitor: visitor() });
    if (!buys && random() < 0.4) continue;
    write("CheckoutStarted", "", "", { email: mail });
    if (!buys) continue;
    write("Purchase", "", `${20 + below(160)}.${String(below(100)).padStart(2, "0")}`, { email: mail, customer: `C${1000 + person}` });
  }
  lines.sort(([a, first], [b, second]) => a - b || (first < second ? -1 : 1));
  return ["time,event,channel,value,customer_id,email,visitor_id", ...lines.map(([, line]) => line)].join("\n");
}
