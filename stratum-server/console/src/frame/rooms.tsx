import { type ComponentType, lazy, type ReactNode } from "react";

interface RoomEntry {
  path: string;
  name: string;
  icon: ReactNode;
  Room: ComponentType;
}

/** Every room of the console. A new room adds its line here, and a folder below `rooms/`. */
export const ROOMS: readonly RoomEntry[] = [
  {
    path: "/actions",
    name: "Actions",
    icon: <path d="M4 6h16M4 12h10M4 18h7m6-1 2.2 2.2L23 15.4" />,
    Room: lazy(() => import("~/rooms/actions")),
  },
  {
    path: "/trust",
    name: "Trust",
    icon: <path d="M3 13h4l3-8 4 14 3-6h4" />,
    Room: lazy(() => import("~/rooms/trust")),
  },
  {
    path: "/what-if",
    name: "What-if",
    icon: <path d="M5 4v7m0 4v5M12 4v3m0 4v9M19 4v10m0 4v2M2.5 13h5m2-4h5m2 7h5" />,
    Room: lazy(() => import("~/rooms/what-if")),
  },
  {
    path: "/insights",
    name: "Insights",
    icon: <path d="M4 20V10m5 10V4m5 16v-7m5 7V8" />,
    Room: lazy(() => import("~/rooms/insights")),
  },
];

export function Icon({ children, size = 20 }: { children: ReactNode; size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.9" strokeLinecap="round" strokeLinejoin="round">
      {children}
    </svg>
  );
}
