import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed, type Live, feedOf, firstSnapshot } from "../src/live/feed";
import type { Connection, Unsubscribe } from "../src/types/ha";
import type { Snapshot } from "../src/types/paybay";
import { FakeTimers, makeSnapshot } from "./fixtures";

const NOON = "2026-11-21T12:00:00+00:00";

/** A connection whose subscriptions the test answers itself. */
class FakeConnection implements Connection {
  connected = true;
  asked = 0;
  ended = 0;
  refuse: unknown;
  send: ((snapshot: Snapshot) => void)[] = [];
  private readonly listeners = new Map<string, Set<() => void>>();

  async subscribeMessage<T>(callback: (message: T) => void): Promise<Unsubscribe> {
    this.asked += 1;
    if (this.refuse) throw this.refuse;
    this.send.push(callback as (snapshot: Snapshot) => void);
    return () => {
      this.ended += 1;
    };
  }

  addEventListener(type: string, listener: () => void): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: string, listener: () => void): void {
    this.listeners.get(type)?.delete(listener);
  }

  fire(type: "ready" | "disconnected"): void {
    for (const listener of this.listeners.get(type) ?? []) listener();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("all cards of a page share one subscription", async () => {
  const connection = new FakeConnection();
  const feed = feedOf(connection);
  assert.equal(feedOf(connection), feed);
  const seen: (Live | undefined)[] = [];
  feed.join((live) => seen.push(live));
  feed.join((live) => seen.push(live));
  await settled();
  connection.send[0]?.(makeSnapshot(NOON));
  assert.equal(connection.asked, 1);
  assert.equal(seen.length, 2);
});

test("a card that comes later is told at once", async () => {
  const connection = new FakeConnection();
  const feed = new Feed(connection);
  feed.join(() => undefined);
  await settled();
  connection.send[0]?.(makeSnapshot(NOON));
  let told: Live | undefined;
  feed.join((live) => (told = live));
  assert.equal(told?.snapshot.now, NOON);
});

test("the phone's wrong clock is known", async () => {
  const connection = new FakeConnection();
  const feed = new Feed(connection, () => Date.parse(NOON) - 5_000);
  feed.join(() => undefined);
  await settled();
  connection.send[0]?.(makeSnapshot(NOON));
  assert.equal(feed.live?.skewMs, 5_000);
});

test("a lost connection is said, and after it comes back the page is true again", async () => {
  const connection = new FakeConnection();
  const feed = new Feed(connection);
  feed.join(() => undefined);
  await settled();
  connection.send[0]?.(makeSnapshot(NOON));
  connection.fire("disconnected");
  assert.equal(feed.live?.fresh, false);
  connection.fire("ready");
  await settled();
  assert.equal(connection.asked, 2);
  connection.send[1]?.(makeSnapshot("2026-11-21T12:00:09+00:00"));
  assert.equal(feed.live?.fresh, true);
  connection.send[0]?.(makeSnapshot(NOON));
  assert.equal(feed.live?.snapshot.now, "2026-11-21T12:00:09+00:00");
});

test("an integration that is not there yet is asked again", async (t) => {
  const timers = new FakeTimers();
  t.after(() => timers.restore());
  const connection = new FakeConnection();
  connection.refuse = { code: "unknown_command" };
  const feed = new Feed(connection);
  let error: string | undefined;
  feed.join((_, why) => (error = why));
  await settled();
  assert.equal(error, "unknown_command");
  connection.refuse = undefined;
  timers.tick(1_000);
  await settled();
  connection.send[0]?.(makeSnapshot(NOON));
  assert.equal(error, undefined);
});

test("the subscription is given back when no card is left, and not between two views", async (t) => {
  const timers = new FakeTimers();
  t.after(() => timers.restore());
  const connection = new FakeConnection();
  const feed = new Feed(connection);
  const leave = feed.join(() => undefined);
  await settled();
  leave();
  const again = feed.join(() => undefined);
  timers.tick(10_000);
  assert.equal(connection.ended, 0);
  again();
  timers.tick(10_000);
  assert.equal(connection.ended, 1);
  connection.fire("ready");
  assert.equal(connection.asked, 1);
});

test("who needs only one snapshot gets it and leaves", async () => {
  const connection = new FakeConnection();
  const feed = new Feed(connection);
  const asked = firstSnapshot(feed, 1_000);
  await settled();
  connection.send[0]?.(makeSnapshot(NOON));
  assert.equal((await asked)?.now, NOON);
});

test("who needs only one snapshot does not wait for ever", async () => {
  assert.equal(await firstSnapshot(new Feed(new FakeConnection()), 5), undefined);
});
