import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Session, type SessionInfo } from "../src/session";

const info = (more: Partial<SessionInfo> = {}): SessionInfo => ({ accounts: true, open: true, name: null, role: null, signed: false, commands: [], expires_in_s: null, ...more });
const OMAR = info({ name: "omar", role: "operator", signed: true, commands: ["acknowledge"] });
const LOCAL = info({ accounts: false, role: "operator", commands: ["acknowledge"] });

let asked: { path: string; body: unknown }[] = [];
const answers: Record<string, () => Response> = {};
const reload = vi.fn();

beforeEach(() => {
  asked = [];
  reload.mockReset();
  const kept = new Map<string, string>();
  vi.stubGlobal("location", { reload });
  vi.stubGlobal("sessionStorage", { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) });
  vi.stubGlobal("fetch", (path: string, given?: { method?: string; body?: string }) => {
    asked.push({ path, body: given?.body === undefined ? undefined : JSON.parse(given.body) });
    const answer = answers[`${given?.method ?? "GET"} ${path}`];
    return answer ? Promise.resolve(answer()) : Promise.reject(new TypeError("no server"));
  });
});

afterEach(() => {
  for (const key of Object.keys(answers)) delete answers[key];
  vi.unstubAllGlobals();
});

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => () => new Response(JSON.stringify(body), { status, headers });

test("nothing is offered before the server has said who we are", async () => {
  const session = new Session();
  expect(session.may("acknowledge")).toBe(false);
  expect(session.needed).toBe(false);
  expect(await session.load()).toBe(false);
  answers["GET /api/session"] = json(info());
  expect(await session.load()).toBe(true);
  expect(session.needed).toBe(true);
  answers["POST /api/session"] = json(OMAR);
  expect(await session.signIn("omar", "x")).toBeUndefined();
  expect([session.needed, session.may("acknowledge"), session.may("rules")]).toEqual([false, true, false]);
});

test("a refused sign-in tells its status and how long to wait", async () => {
  const session = new Session();
  answers["POST /api/session"] = json({ error: "too many" }, 429, { "Retry-After": "8" });
  expect(await session.signIn("omar", "x")).toEqual({ status: 429, error: "too many", wait: 8 });
  delete answers["POST /api/session"];
  expect((await session.signIn("omar", "x"))?.status).toBe(0);
});

test("who is signed in is not said by the page, who is not is", async () => {
  const session = new Session();
  answers["POST /api/commands"] = json({}, 202);
  session.info = OMAR;
  await session.send({ kind: "acknowledge", alert: 1 }, "operator");
  session.info = LOCAL;
  await session.send({ kind: "acknowledge", alert: 1 }, "operator");
  expect(asked.map((a) => a.body)).toEqual([{ kind: "acknowledge", alert: 1 }, { kind: "acknowledge", alert: 1, by: "operator" }]);
  answers["POST /api/commands"] = json({ error: "not for you" }, 403);
  await expect(session.send({ kind: "rules" }, "operator")).rejects.toThrow("not for you");
});

test("a session that has ended begins the page anew, once, and says so", async () => {
  const session = new Session();
  await session.look();
  answers["GET /api/session"] = json(OMAR);
  await session.look();
  expect(reload).not.toHaveBeenCalled();
  answers["GET /api/session"] = json(info());
  await session.look();
  expect(reload).toHaveBeenCalledOnce();
  expect([session.takeEnded(), session.takeEnded()]).toEqual([true, false]);
});
