import type { Connection, Unsubscribe } from "../types/ha";
import type { Snapshot } from "../types/paybay";

/** What the cards of a page know now. `skewMs` is how far the server's clock is ahead
 * of this device's; `fresh` is false while the connection is lost. */
export interface Live {
  snapshot: Snapshot;
  skewMs: number;
  fresh: boolean;
}

export type Listener = (live: Live | undefined, error: string | undefined) => void;

const LINGER_MS = 3_000;
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 30_000];

/** One subscription for all cards on a page.
 *
 * It begins with the first listener, and ends shortly after the last has left, so that
 * a change of views does not ask anew. After each reconnect it subscribes again by
 * itself, and tries again while the integration is not there yet.
 */
export class Feed {
  live: Live | undefined;
  error: string | undefined;

  private readonly listeners = new Set<Listener>();
  private unsubscribe: Unsubscribe | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private linger: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private round = 0;
  private failures = 0;

  constructor(
    private readonly connection: Connection,
    private readonly clock: () => number = Date.now,
  ) {}

  /** Tell `listener` what there is, now and at each change; return how to leave. */
  join(listener: Listener): () => void {
    this.listeners.add(listener);
    clearTimeout(this.linger);
    if (this.live || this.error) listener(this.live, this.error);
    if (!this.running) this.start();
    return () => this.leave(listener);
  }

  private leave(listener: Listener): void {
    if (!this.listeners.delete(listener) || this.listeners.size) return;
    this.linger = setTimeout(() => this.stop(), LINGER_MS);
  }

  private start(): void {
    this.running = true;
    this.connection.addEventListener("ready", this.onReady);
    this.connection.addEventListener("disconnected", this.onLost);
    void this.subscribe();
  }

  private stop(): void {
    this.running = false;
    this.round += 1;
    this.connection.removeEventListener("ready", this.onReady);
    this.connection.removeEventListener("disconnected", this.onLost);
    clearTimeout(this.retry);
    this.release();
    this.live = this.error = undefined;
  }

  /** Ask for snapshots. What an earlier round still sends is not listened to. */
  private async subscribe(): Promise<void> {
    const round = (this.round += 1);
    clearTimeout(this.retry);
    try {
      const unsubscribe = await this.connection.subscribeMessage<Snapshot>(
        (snapshot) => round === this.round && this.take(snapshot),
        { type: "paybay/subscribe" },
        { resubscribe: false },
      );
      if (round === this.round) this.unsubscribe = unsubscribe;
      else void quietly(unsubscribe);
    } catch (error) {
      if (round === this.round) this.fail(error);
    }
  }

  private take(snapshot: Snapshot): void {
    this.failures = 0;
    this.error = undefined;
    const skewMs = Date.parse(snapshot.now) - this.clock();
    this.live = { snapshot, skewMs, fresh: true };
    this.tell();
  }

  private fail(error: unknown): void {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.error = (error as { code?: string } | undefined)?.code ?? "unknown";
    this.retry = setTimeout(() => void this.subscribe(), wait);
    this.tell();
  }

  private readonly onReady = (): void => {
    this.unsubscribe = undefined;
    this.failures = 0;
    void this.subscribe();
  };

  private readonly onLost = (): void => {
    this.round += 1;
    this.unsubscribe = undefined;
    clearTimeout(this.retry);
    if (this.live) this.live = { ...this.live, fresh: false };
    this.tell();
  };

  private release(): void {
    const unsubscribe = this.unsubscribe;
    this.unsubscribe = undefined;
    if (unsubscribe) void quietly(unsubscribe);
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener(this.live, this.error);
  }
}

/** A subscription may be gone with its connection: then there is nothing to end. */
async function quietly(unsubscribe: Unsubscribe): Promise<void> {
  try {
    await unsubscribe();
  } catch {
    // Nothing to end.
  }
}

const feeds = new WeakMap<Connection, Feed>();

/** Return the feed of a connection, the same one for every card. */
export function feedOf(connection: Connection): Feed {
  const feed = feeds.get(connection) ?? new Feed(connection);
  feeds.set(connection, feed);
  return feed;
}

/** Return the first snapshot; undefined if none comes in time. */
export function firstSnapshot(feed: Feed, withinMs: number): Promise<Snapshot | undefined> {
  return new Promise((resolve) => {
    let leave: (() => void) | undefined;
    const done = (snapshot: Snapshot | undefined): void => {
      clearTimeout(timer);
      queueMicrotask(() => leave?.());
      resolve(snapshot);
    };
    const timer = setTimeout(() => done(undefined), withinMs);
    leave = feed.join((live) => live && done(live.snapshot));
  });
}
