import type { DataSource, QueryRunner } from 'typeorm';
import { Connections } from '../src/lib/reading/connections';
import type { Dialect, SessionSettings } from '../src/lib/reading/dialects/dialect';

/** Statement timeout of the fake pool, in seconds. */
export const TIMEOUT = 60;

/** A pool with one connection that logs what happens to it. `control` replaces what its connection does. */
export function pool({ slaves, size = 10 }: { slaves?: number; size?: number } = {}) {
  const log: string[] = [];
  const connection = {};
  const control = {
    connect: async () => {},
    cancel: async (_another: () => QueryRunner) => {},
    release: async () => {},
  };
  const dataSource = {
    driver: 'any',
    options: slaves === undefined ? {} : { replication: { slaves: Array(slaves).fill({}) } },
    createQueryRunner: (mode: string) => ({
      driver: 'any',
      async connect() {
        log.push(`connect ${mode} of ${this.driver}`);
        await control.connect();
        return connection;
      },
      release: () => {
        log.push('release');
        return control.release();
      },
    }),
  };
  const dialect = {
    poolSize: () => size,
    onReplica: (driver: string, replica: number) => `${driver} replica ${replica}`,
    cancel: async (canceled: unknown, another: () => QueryRunner) => {
      log.push(`cancel ${canceled === connection}`);
      await control.cancel(another);
    },
    abandon: (abandoned: unknown) => log.push(`abandon ${abandoned === connection}`),
    transaction: async (_: unknown, settings: SessionSettings, work: () => Promise<unknown>) => {
      log.push(`begin ${JSON.stringify(settings)}`);
      const result = await work();
      log.push('commit');
      return result;
    },
  };
  const from = [dataSource as unknown as DataSource, dialect as unknown as Dialect] as const;
  const servers = Connections.ofEachServer(...from, TIMEOUT);
  return { servers, connections: servers[0], connection, log, control, from };
}

/** A promise that is fulfilled when `open` is called. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

export const never = () => new Promise<never>(() => {});
/** Lets pending promises settle. */
export const flush = () => jest.advanceTimersByTimeAsync(0);
/** Advances the fake clock. */
export const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** The outcome of a promise: `{}` while it is pending. */
export function outcomeOf(work: Promise<unknown>) {
  const outcome: { value?: unknown; error?: unknown } = {};
  work.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}
