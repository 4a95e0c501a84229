type Tick = () => void;

const ticks = new Set<Tick>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Call `tick` about four times a second while the page is seen; return how to stop.
 *
 * Seconds of many countdowns then change together, whatever their phases.
 */
export function everyMoment(tick: Tick): () => void {
  ticks.add(tick);
  timer ??= setInterval(() => {
    if (document.hidden) return;
    for (const each of [...ticks]) each();
  }, 250);
  return () => {
    ticks.delete(tick);
    if (ticks.size) return;
    clearInterval(timer);
    timer = undefined;
  };
}
