/** A colour of tokens.css as it is now; a canvas knows no variables. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
