import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Connections } from './connections';
import type { Dialect } from './dialects/dialect';
import { ServerSelector } from './server-selector';

/** A primary and replicas. `down` has the errors of the unreachable ones. */
function cluster({ slaves = 0, fallback = true } = {}) {
  const log: string[] = [];
  const down = new Map<string, Error>();
  const control = { connect: async (_server: string) => {} };
  const dataSource = {
    options: { replication: { slaves: Array(slaves).fill({}) } },
    driver: undefined,
    createQueryRunner: () => ({
      driver: 'primary',
      async connect() {
        log.push(this.driver);
        await control.connect(this.driver);
        const fault = down.get(this.driver);
        if (fault) throw fault;
        return this.driver;
      },
      release: async () => {},
    }),
  };
  const dialect = {
    poolSize: () => 10,
    onReplica: (_: unknown, replica: number) => `replica ${replica}`,
  };
  const selector = new ServerSelector(
    dataSource as unknown as DataSource,
    dialect as unknown as Dialect,
    60,
    fallback,
  );
  /** Runs some work, and returns the server that it ran on. */
  const pick = (signal?: AbortSignal) =>
    selector.run((server) => server.use(async (_, connection) => connection), signal);
  return { selector, pick, log, down, control };
}

const refused = (text = 'connect ECONNREFUSED') =>
  Object.assign(new Error(text), { code: 'ECONNREFUSED' });
const unreachable = (why: string) =>
  `warn: A replica is unreachable, so new exports use another server: ${why}`;
const BACK = 'log: A replica is reachable again';

let now: number;
let lines: string[];
let dice: jest.SpyInstance;

beforeEach(() => {
  now = 1_000_000;
  lines = [];
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  dice = jest.spyOn(Math, 'random').mockReturnValue(0);
  for (const level of ['warn', 'log'] as const) {
    jest
      .spyOn(Logger.prototype, level)
      .mockImplementation((...[line]: unknown[]) => void lines.push(`${level}: ${String(line)}`));
  }
});
afterEach(() => jest.restoreAllMocks());

describe('ServerSelector', () => {
  it.each([true, false])(
    'uses the primary if there are no replicas (fallback: %s)',
    async (fallback) => {
      const { pick, log, down } = cluster({ fallback });
      expect(await pick()).toBe('primary');
      expect(log).toEqual(['primary']);
      down.set('primary', refused());
      await expect(pick()).rejects.toThrow('connect ECONNREFUSED');
      expect(log).toEqual(['primary', 'primary']);
      expect(lines).toEqual([]);
    },
  );

  it.each([true, false])(
    'uses a random replica, and never the primary (fallback: %s)',
    async (fallback) => {
      const { pick, log } = cluster({ slaves: 3, fallback });
      const picked: unknown[] = [];
      for (const random of [0, 0.33, 0.34, 0.66, 0.67, 0.999]) {
        dice.mockReturnValue(random);
        picked.push(await pick());
      }
      expect(picked).toEqual([0, 0, 1, 1, 2, 2].map((replica) => `replica ${replica}`));
      expect(log).not.toContain('primary');
      expect(lines).toEqual([]);
    },
  );

  it('stays on an unreachable replica without the fallback', async () => {
    const { pick, down, log } = cluster({ slaves: 2, fallback: false });
    down.set('replica 0', refused());
    for (let time = 0; time < 2; time++) {
      await expect(pick()).rejects.toThrow('connect ECONNREFUSED');
    }
    expect(log).toEqual(['replica 0', 'replica 0']);
    expect(lines).toEqual([]);
  });

  it('uses another replica if one is unreachable, and the primary only if all are', async () => {
    const { pick, down, log } = cluster({ slaves: 2 });
    down.set('replica 0', refused('down'));
    expect(await pick()).toBe('replica 1');
    expect(log).toEqual(['replica 0', 'replica 1', 'replica 1']);
    expect(lines).toEqual([unreachable('down')]);
    // Any failure to connect counts.
    down.set('replica 1', new Error('certificate has expired'));
    expect(await pick()).toBe('primary');
    expect(lines).toEqual([unreachable('down'), unreachable('certificate has expired')]);
    log.length = 0;
    expect(await pick()).toBe('primary');
    expect(log).toEqual(['primary']);
    expect(lines).toHaveLength(2);
  });

  it('skips an unreachable replica for five seconds, then one export tries it', async () => {
    const { pick, down, log } = cluster({ slaves: 1 });
    down.set('replica 0', refused('down'));
    expect(await pick()).toBe('primary');
    for (let time = 0; time < 2; time++) {
      log.length = 0;
      now += 4_999;
      expect(await pick()).toBe('primary');
      expect(log).toEqual(['primary']);
      now += 1;
      expect(await pick()).toBe('primary');
      expect(log).toEqual(['primary', 'replica 0', 'primary']);
    }
    expect(lines).toEqual([unreachable('down')]);
    down.clear();
    now += 5_000;
    expect(await pick()).toBe('replica 0');
    expect(await pick()).toBe('replica 0');
    expect(lines).toEqual([unreachable('down'), BACK]);
    down.set('replica 0', refused('down again'));
    expect(await pick()).toBe('primary');
    expect(lines).toEqual([unreachable('down'), BACK, unreachable('down again')]);
  });

  it('uses the primary for other exports while one tries a replica again', async () => {
    const { pick, down, control } = cluster({ slaves: 1 });
    down.set('replica 0', refused());
    await pick();
    now += 5_000;
    let answer = () => {};
    const connecting = new Promise<void>((resolve) => (answer = resolve));
    control.connect = (server) => (server === 'replica 0' ? connecting : Promise.resolve());
    const first = pick();
    now += 4_999;
    expect(await pick()).toBe('primary');
    down.clear();
    answer();
    expect(await first).toBe('replica 0');
    expect(lines.at(-1)).toBe(BACK);
  });

  it('skips a replica from the time at which connecting failed', async () => {
    const { pick, down, control, log } = cluster({ slaves: 1 });
    down.set('replica 0', refused());
    control.connect = async (server) => {
      if (server === 'replica 0') now += 3_000;
    };
    for (let time = 0; time < 2; time++) {
      await pick();
      now += 4_999;
      log.length = 0;
      await pick();
      expect(log).toEqual(['primary']);
      now += 1;
    }
  });

  it('runs the work on another server if the connection is lost', async () => {
    const { selector } = cluster({ slaves: 2 });
    const picked: string[] = [];
    const work = jest.fn(async (server: Connections) => {
      picked.push(await server.use(async (_, connection) => connection as string));
      if (picked.length < 3) throw refused('lost');
      return 'done';
    });
    expect(await selector.run(work)).toBe('done');
    expect(picked).toEqual(['replica 0', 'replica 1', 'primary']);
    expect(lines).toEqual([unreachable('lost'), unreachable('lost')]);
  });

  it('does not try another server after other errors', async () => {
    const { selector, pick } = cluster({ slaves: 2 });
    const fault = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    await expect(selector.run(() => Promise.reject(fault))).rejects.toBe(fault);
    expect(lines).toEqual([]);
    expect(await pick()).toBe('replica 0');
  });

  it('stops if the signal is aborted', async () => {
    const { selector, pick, control } = cluster({ slaves: 1 });
    const reason = new Error('the client has left');
    const stop = new AbortController();
    control.connect = async () => stop.abort(reason);
    await expect(pick(stop.signal)).rejects.toBe(reason);
    control.connect = async () => {};
    // Also if the work fails meanwhile because the connection is lost.
    const left = new AbortController();
    const lost = refused();
    const work = () => {
      left.abort(reason);
      return Promise.reject(lost);
    };
    await expect(selector.run(work, left.signal)).rejects.toBe(lost);
    // Neither marks the replica as unreachable.
    expect(lines).toEqual([]);
    expect(await pick()).toBe('replica 0');
  });
});
