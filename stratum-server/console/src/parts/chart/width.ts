import { type RefObject, useEffect, useRef, useState } from "react";

/** How wide the place of a picture is, so that it can be laid out for a phone as for a desk. */
export function useWidth<E extends HTMLElement>(): [RefObject<E | null>, number] {
  const place = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const watcher = new ResizeObserver(([seen]) => seen !== undefined && setWidth(Math.floor(seen.contentRect.width)));
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);
  return [place, width];
}
