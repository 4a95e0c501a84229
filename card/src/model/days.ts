/** A day's beginning as Home Assistant reads it: without a zone it is its local time. */
export function dayStart(date: string): string {
  return `${date} 00:00:00`;
}

/** The beginning of the day after. */
export function dayEnd(date: string): string {
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000);
  return dayStart(next.toISOString().slice(0, 10));
}
